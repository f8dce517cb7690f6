//! Hyperbolic functions and their inverses as V8 computes them.

// The algorithms and constants are those of fdlibm (https://www.netlib.org/fdlibm):
//
// ====================================================
// Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
//
// Developed at SunSoft, a Sun Microsystems, Inc. business.
// Permission to use, copy, modify, and distribute this
// software is freely granted, provided that this notice
// is preserved.
// ====================================================

use super::exponential::{exp, expm1};
use super::lane::{from_high, magnitude, select, with_sign_of};
use super::logarithm::{log, log1p};

/// Above it sinh and cosh overflow.
const OVERFLOW: f64 = 710.475_860_073_943_9;
const LN2: f64 = f64::from_bits(0x3FE6_2E42_FEFA_39EF);
const TWO_M28: f64 = from_high(0x3E30_0000);

/// h e^ax for ax >= 22, in two factors where e^ax overflows.
#[inline(always)]
fn large(ax: f64, h: f64, limit: f64) -> f64 {
    let split = ax >= limit;
    let w = exp(select(split, 0.5 * ax, ax));
    select(split, (h * w) * w, h * w)
}

/// sinh(x) with the bits of V8.
#[inline(always)]
pub(super) fn sinh(x: f64) -> f64 {
    let h = select(x < 0.0, -0.5, 0.5);
    let ax = magnitude(x);
    let t = expm1(select(ax < 22.0, ax, 0.0));
    let quotient = select(ax < 1.0, t * t, t) / (t + 1.0);
    let small = h * select(ax < 1.0, 2.0 * t - quotient, t + quotient);
    let small = select(ax < TWO_M28, x, small);
    let big = large(ax, h, from_high(0x4086_2E42));
    let result = select(ax < 22.0, small, big);
    select(ax <= OVERFLOW, result, x * f64::INFINITY)
}

/// cosh(x) with the bits of V8.
#[inline(always)]
pub(super) fn cosh(x: f64) -> f64 {
    const HALF_LN2: f64 = from_high(0x3FD6_2E43);
    let ax = magnitude(x);
    let t = expm1(select(ax < HALF_LN2, ax, 0.0));
    let w = 1.0 + t;
    let e = large(ax, 0.5, from_high(0x4086_2E42));
    let small = ax < HALF_LN2;
    // One division for both forms; 0.5 e^ax is exact, so e^ax is twice it.
    let quotient = select(small, t * t, 0.5) / select(small, w + w, 2.0 * e);
    let near_zero = select(ax < from_high(0x3C80_0000), w, 1.0 + quotient);
    let result = select(small, near_zero, select(ax < 22.0, e + quotient, e));
    let result = select(ax <= OVERFLOW, result, f64::INFINITY);
    select(x.is_nan(), x, result)
}

/// tanh(x) with the bits of V8.
#[inline(always)]
pub(super) fn tanh(x: f64) -> f64 {
    let ax = magnitude(x);
    let big = ax >= 1.0;
    let t = expm1(select(big, 2.0 * ax, -2.0 * ax));
    let quotient = select(big, 2.0, -t) / (t + 2.0);
    let result = select(big, 1.0 - quotient, quotient);
    let result = select(ax < TWO_M28, ax, select(ax >= 22.0, 1.0, result));
    with_sign_of(select(x.is_nan(), f64::NAN, result), x)
}

/// asinh(x) with the bits of V8.
#[inline(always)]
pub(super) fn asinh(x: f64) -> f64 {
    let ax = magnitude(x);
    let huge = ax >= from_high(0x41B0_0001);
    let big = ax >= from_high(0x4000_0001);
    let t = x * x;
    let root = (t + 1.0).sqrt();
    // One division: of 1 by sqrt + |x|, or of x^2 by 1 + sqrt.
    let quotient = select(big, 1.0, t) / (root + select(big, ax, 1.0));
    let far = log(select(huge, ax, 2.0 * ax + quotient)) + select(huge, LN2, 0.0);
    let near = log1p(ax + quotient);
    let result = select(big, far, near);
    let result = select(ax < TWO_M28, ax, result);
    with_sign_of(select(x.is_nan() | (ax == f64::INFINITY), ax, result), x)
}

/// acosh(x) with the bits of V8.
#[inline(always)]
pub(super) fn acosh(x: f64) -> f64 {
    let huge = x >= from_high(0x41B0_0000);
    let big = x >= from_high(0x4000_0001);
    let t = select(big, x, x - 1.0);
    let square = t * t;
    let root = select(big, square - 1.0, 2.0 * t + square).sqrt();
    let far = log(select(huge, x, 2.0 * x - 1.0 / (x + root))) + select(huge, LN2, 0.0);
    let near = log1p(t + root);
    let result = select(big, far, near);
    select(x >= 1.0, result, f64::NAN)
}

/// atanh(x) with the bits of V8.
#[inline(always)]
pub(super) fn atanh(x: f64) -> f64 {
    let ax = magnitude(x);
    let small = ax < 0.5;
    let t = ax + ax;
    let quotient = select(small, t * ax, t) / (1.0 - ax);
    let result = 0.5 * log1p(select(small, t + quotient, quotient));
    let result = select(ax < TWO_M28, ax, result);
    let result = select(ax == 1.0, f64::INFINITY, result);
    select(ax <= 1.0, with_sign_of(result, x), f64::NAN)
}
