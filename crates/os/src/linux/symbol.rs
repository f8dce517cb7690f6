//! Functions of the program that has loaded this library.

use std::ffi::{CStr, c_void};

/// The address of a function that the program, or a library it is linked with, exports; `None` when there is none.
pub fn symbol(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: `name` ends in NUL; the default handle is always valid.
    let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!address.is_null()).then_some(address)
}
