//! Placeholder until the storm exists.
fn main() {}
