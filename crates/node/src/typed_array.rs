//! Typed arrays of JavaScript as the kernels see them.

use crate::error::{Result, refused};
use manyhands_kernels::element::{Column, ElementKind, Target};
use napi::bindgen_prelude::{Array, Env, Unknown};
use napi::{JsValue, sys};

/// Address, length and kind of a typed array, as they are now. Whoever calls keeps it alive, attached and in place.
pub(crate) fn target(env: &Env, value: &Unknown<'_>) -> Result<Target> {
    let mut kind = 0;
    let mut length = 0;
    let mut data = std::ptr::null_mut();
    // SAFETY: a value of the current call; the results are live slots, and the buffer is not asked for.
    let status = unsafe {
        sys::napi_get_typedarray_info(
            env.raw(),
            value.raw(),
            &raw mut kind,
            &raw mut length,
            &raw mut data,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
        )
    };
    let known = u32::try_from(kind).ok().and_then(ElementKind::from_number);
    match known {
        Some(kind) if status == sys::Status::napi_ok => {
            let data = if length == 0 {
                std::ptr::NonNull::<u64>::dangling().as_ptr().cast()
            } else {
                data.cast::<u8>()
            };
            if data.is_null() {
                return Err(refused(
                    "ERR_DETACHED",
                    "the buffer of a typed array is detached",
                ));
            }
            Ok(Target { kind, data, length })
        }
        _ => Err(refused(
            "ERR_BAD_ARRAY",
            "not a typed array that kernels know",
        )),
    }
}

/// The same, to be read only.
pub(crate) fn column(env: &Env, value: &Unknown<'_>) -> Result<Column> {
    let Target { kind, data, length } = target(env, value)?;
    Ok(Column { kind, data, length })
}

/// Every typed array of a list.
pub(crate) fn columns(env: &Env, list: &Array<'_>) -> Result<Vec<Column>> {
    (0..list.len())
        .map(|index| {
            let value: Option<Unknown<'_>> = list
                .get(index)
                .map_err(|_| refused("ERR_BAD_ARRAY", "a list that cannot be read"))?;
            column(
                env,
                &value.ok_or_else(|| refused("ERR_BAD_ARRAY", "a hole in a list of arrays"))?,
            )
        })
        .collect()
}
