//! Links the addon so that it stays in memory: an addon first loaded in a worker thread would be unloaded with it.

fn main() {
    napi_build::setup();
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
}
