//! `Math.cbrt` as V8 computes it.

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

use super::lane::{magnitude, select, with_sign_of};

const P0: f64 = f64::from_bits(0x3FFE_03E6_0F61_E692);
const P1: f64 = f64::from_bits(0xBFFE_28E0_92F0_2420);
const P2: f64 = f64::from_bits(0x3FF9_F160_4A49_D6C2);
const P3: f64 = f64::from_bits(0xBFE8_44CB_BEE7_51D9);
const P4: f64 = f64::from_bits(0x3FC2_B000_D4E4_EDD7);

/// The cube root of x with the bits of V8: a third of the exponent, a polynomial to 23 bits, one step of Newton.
#[inline(always)]
pub(super) fn cbrt(x: f64) -> f64 {
    /// (1023 - 1023/3 - 0.03306235651) 2^20, and the same for numbers scaled by 2^54.
    const BIAS: u64 = 715_094_163;
    const BIAS_SUBNORMAL: u64 = 696_219_795;
    const TWO_54: f64 = 18_014_398_509_481_984.0;
    let ax = magnitude(x);
    let subnormal = ax < f64::MIN_POSITIVE;
    let scaled = ax * select(subnormal, TWO_54, 1.0);
    // A third by multiplication: exact for 32 bits.
    let third = ((scaled.to_bits() >> 32) * 0xAAAA_AAAB) >> 33;
    let bias = if subnormal { BIAS_SUBNORMAL } else { BIAS };
    let t = f64::from_bits((third + bias) << 32);

    let r = (t * t) * (t / ax);
    let t = t * ((P0 + r * (P1 + r * P2)) + ((r * r) * r) * (P3 + r * P4));
    let t = f64::from_bits((t.to_bits() + 0x8000_0000) & 0xFFFF_FFFF_C000_0000);
    let s = t * t;
    let r = ax / s;
    let w = t + t;
    let r = (r - t) / (w + r);
    let t = t + t * r;
    with_sign_of(
        select((ax == 0.0) | (ax == f64::INFINITY) | ax.is_nan(), ax, t),
        x,
    )
}
