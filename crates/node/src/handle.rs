//! Rust values that JavaScript holds: opaque externals, freed by the garbage collector.

use crate::error::{Result, refused};
use crate::operations::Prepared;
use manyhands_kernels::program::Program;
use manyhands_parallel::{Pool, Ticket};
use napi::bindgen_prelude::{Env, ToNapiValue, Unknown};
use napi::{JsValue, sys};
use std::ffi::c_void;
use std::sync::Arc;

/// Stands at the beginning of every value of ours, so that an external of somebody else is refused.
const MARK: u64 = 0x6d61_6e79_6861_6e64;

/// What an external can hold.
pub(crate) enum Held {
    Program(Arc<Program>),
    Pool(Arc<Pool>),
    Ticket(Ticket),
    Operation(Arc<Prepared>),
}

#[repr(C)]
struct Marked {
    mark: u64,
    held: Held,
}

/// An external on its way to JavaScript.
pub struct Handle(sys::napi_value);

impl ToNapiValue for Handle {
    unsafe fn to_napi_value(_: sys::napi_env, value: Self) -> napi::Result<sys::napi_value> {
        Ok(value.0)
    }
}

/// Hands a value to JavaScript.
pub(crate) fn hand_out(env: &Env, held: Held) -> Result<Handle> {
    let data = Box::into_raw(Box::new(Marked { mark: MARK, held }));
    let mut value = std::ptr::null_mut();
    // SAFETY: `env` is the environment of the current call; `finalize` frees what `Box::into_raw` gave.
    let status = unsafe {
        sys::napi_create_external(
            env.raw(),
            data.cast(),
            Some(finalize),
            std::ptr::null_mut(),
            &raw mut value,
        )
    };
    if status == sys::Status::napi_ok {
        return Ok(Handle(value));
    }
    // SAFETY: nobody else got the pointer.
    drop(unsafe { Box::from_raw(data) });
    Err(refused("ERR_SYSTEM", "cannot create a handle"))
}

unsafe extern "C" fn finalize(_: sys::napi_env, data: *mut c_void, _: *mut c_void) {
    // SAFETY: from `hand_out`, called once by the engine.
    drop(unsafe { Box::from_raw(data.cast::<Marked>()) });
}

/// What JavaScript holds, for the length of the current call.
pub(crate) fn held<'a>(env: &Env, value: &'a Unknown<'_>) -> Result<&'a Held> {
    let mut data = std::ptr::null_mut();
    // SAFETY: a value of the current call.
    let status = unsafe { sys::napi_get_value_external(env.raw(), value.raw(), &raw mut data) };
    let data = data.cast::<Marked>();
    if status != sys::Status::napi_ok || data.is_null() || !data.is_aligned() {
        return Err(refused("ERR_BAD_HANDLE", "not a handle"));
    }
    // SAFETY: externals of this module only reach its own functions; the mark tells others with room for it apart.
    let marked = unsafe { &*data };
    if marked.mark == MARK {
        Ok(&marked.held)
    } else {
        Err(refused("ERR_BAD_HANDLE", "not a handle of manyhands"))
    }
}
