//! Conversions between lanes, as the language defines them.

use super::lanes::ops;

const TWO_32: f64 = 4_294_967_296.0;
/// Adding it leaves an integer below 2^32 in the low half of the bits.
const TWO_52: f64 = 4_503_599_627_370_496.0;

ops! {
    "f64.i32" fn from_int(a: i32) -> f64 { f64::from(a) }
    "f64.u32" fn from_unsigned(a: u32) -> f64 { f64::from(a) }
    "f64.bool" fn from_bool(a: u8) -> f64 { f64::from(a) }
    "i32.bool" fn int_from_bool(a: u8) -> i32 { i32::from(a) }
    "i32.f64" fn to_int(a: f64) -> i32 { to_int32(a) }
    "small.f64" fn to_small_int(a: f64) -> i32 { small_to_int32(a) }
    "bounded.f64" fn to_bounded_int(a: f64) -> i32 { bounded_to_int32(a) }
    "bool.i64" fn truthy_long(a: i64) -> u8 { u8::from(a != 0) }
}

/// ToInt32: towards zero, modulo 2^32; 0 for NaN and infinities. Every step is exact.
#[inline(always)]
pub(crate) fn to_int32(x: f64) -> i32 {
    let whole = x.trunc();
    let above = (whole * (1.0 / TWO_32)).floor();
    let low = whole - above * TWO_32;
    let bits = (low + TWO_52).to_bits() as u32 as i32;
    if x.abs() < f64::INFINITY { bits } else { 0 }
}

/// ToInt32 of an integer below 2^63.
#[inline(always)]
pub(crate) fn whole_to_int32(x: f64) -> i32 {
    let low = x - (x * (1.0 / TWO_32)).floor() * TWO_32;
    (low + TWO_52).to_bits() as u32 as i32
}

/// ToInt32 of a number known to lie within plus or minus 2^51.
#[inline(always)]
pub(crate) fn bounded_to_int32(x: f64) -> i32 {
    small_to_int32(x.trunc())
}

/// ToInt32 of an integer known to lie within plus or minus 2^51.
#[inline(always)]
pub(crate) fn small_to_int32(x: f64) -> i32 {
    (x + (TWO_52 + TWO_52 / 2.0)).to_bits() as u32 as i32
}
