//! Mathematical functions over whole arrays, for the probe of this Node's bits and for tests.

use manyhands_kernels::isa::Level;
use manyhands_kernels::math::{Function, Variant, evaluate};
use napi::bindgen_prelude::Float64Array;
use napi_derive::napi;

#[napi]
pub fn kernel_level() -> u8 {
    Level::detected() as u8
}

/// `false` where there is no such function, variant or level here, or the lengths differ.
#[napi]
pub fn evaluate_math(
    function: u8,
    variant: u8,
    level: u8,
    x: Float64Array,
    y: Float64Array,
    mut out: Float64Array,
) -> bool {
    let parts = (
        Function::from_number(function),
        Variant::from_number(variant),
        Level::from_number(level),
    );
    let (Some(function), Some(variant), Some(level)) = parts else {
        return false;
    };
    if x.len() != out.len() || y.len() != out.len() {
        return false;
    }
    // SAFETY: JavaScript stands still during the call, and the caller gives arrays that do not overlap.
    let out = unsafe { out.as_mut() };
    evaluate(function, variant, level, &x, &y, out)
}
