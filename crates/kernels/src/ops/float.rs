//! Arithmetic on doubles, and the functions of `Math` that need no approximation.

use super::lanes::ops;

const SIGN: u64 = 1 << 63;

ops! {
    constants;
    "add.f64" fn add(a: f64, b: f64) -> f64 { a + b }
    "sub.f64" fn sub(a: f64, b: f64) -> f64 { a - b }
    "mul.f64" fn mul(a: f64, b: f64) -> f64 { a * b }
    "div.f64" fn div(a: f64, b: f64) -> f64 { a / b }
    "neg.f64" fn neg(a: f64) -> f64 { -a }
    "abs.f64" fn abs(a: f64) -> f64 { a.abs() }
    "sqrt.f64" fn sqrt(a: f64) -> f64 { a.sqrt() }
    "floor.f64" fn floor(a: f64) -> f64 { a.floor() }
    "ceil.f64" fn ceil(a: f64) -> f64 { a.ceil() }
    "trunc.f64" fn trunc(a: f64) -> f64 { a.trunc() }
    "round.f64" fn round(a: f64) -> f64 { round_up_half(a) }
    "sign.f64" fn sign(a: f64) -> f64 { sign_of(a) }
    "fround.f64" fn fround(a: f64) -> f64 { f64::from(a as f32) }
    "min.f64" fn min(a: f64, b: f64) -> f64 { smaller(a, b) }
    "max.f64" fn max(a: f64, b: f64) -> f64 { larger(a, b) }
    "mov.f64" fn copy(a: f64) -> f64 { a }
}

/// `Math.round`: the nearest integer, halves towards positive infinity; keeps -0 and what is below a half.
#[inline(always)]
fn round_up_half(x: f64) -> f64 {
    let up = x.ceil();
    if up - 0.5 > x { up - 1.0 } else { up }
}

#[inline(always)]
fn sign_of(x: f64) -> f64 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else {
        x
    }
}

/// `Math.min`: NaN if either is, and -0 is less than 0.
#[inline(always)]
fn smaller(a: f64, b: f64) -> f64 {
    let less = if b < a { b } else { a };
    let ordered = if a == b {
        f64::from_bits(a.to_bits() | (b.to_bits() & SIGN))
    } else {
        less
    };
    if a.is_nan() | b.is_nan() {
        f64::NAN
    } else {
        ordered
    }
}

/// `Math.max`: NaN if either is, and 0 is greater than -0.
#[inline(always)]
fn larger(a: f64, b: f64) -> f64 {
    let more = if b > a { b } else { a };
    let ordered = if a == b {
        f64::from_bits(a.to_bits() & (b.to_bits() | !SIGN))
    } else {
        more
    };
    if a.is_nan() | b.is_nan() {
        f64::NAN
    } else {
        ordered
    }
}
