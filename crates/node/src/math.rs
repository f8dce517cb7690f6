//! Mathematical functions over whole arrays, for the probe of this Node's bits and for tests.

use manyhands_kernels::isa::Level;
use manyhands_kernels::math::{Function, PROBES, Probes, Variant, evaluate};
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

/// Arguments to ask this Node's function over, as `2 * count`: all first ones, then all second ones. `None`: no such function.
#[napi]
pub fn math_probes(function: u8) -> Option<Float64Array> {
    let Probes { x, y } = Probes::of(Function::from_number(function)?);
    Some(Float64Array::new([x, y].concat()))
}

/// Whether a variant gives these results over `math_probes`; `None`: there is no such function, variant or level here, or
/// as many results.
#[napi]
pub fn math_matches(function: u8, variant: u8, level: u8, expected: Float64Array) -> Option<bool> {
    let function = Function::from_number(function)?;
    let variant = Variant::from_number(variant)?;
    let level = Level::from_number(level)?;
    if expected.len() != PROBES {
        return None;
    }
    Probes::of(function).give(function, variant, level, &expected)
}
