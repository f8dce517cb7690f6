//! `Math.log`, `Math.log1p`, `Math.log2` and `Math.log10` as V8 computes them.

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

use super::lane::{biased_exponent, from_high, high_part, magnitude, select, significand};

const LN2_HIGH: f64 = f64::from_bits(0x3FE6_2E42_FEE0_0000);
const LN2_LOW: f64 = f64::from_bits(0x3DEA_39EF_3579_3C76);
const TWO_54: f64 = 18_014_398_509_481_984.0;
const SMALLEST_NORMAL: f64 = f64::MIN_POSITIVE;

const L1: f64 = f64::from_bits(0x3FE5_5555_5555_5593);
const L2: f64 = f64::from_bits(0x3FD9_9999_9997_FA04);
const L3: f64 = f64::from_bits(0x3FD2_4924_9422_9359);
const L4: f64 = f64::from_bits(0x3FCC_71C5_1D8E_78AF);
const L5: f64 = f64::from_bits(0x3FC7_4664_96CB_03DE);
const L6: f64 = f64::from_bits(0x3FC3_9A09_D078_C69F);
const L7: f64 = f64::from_bits(0x3FC2_F112_DF3E_5244);

/// x = 2^k (1 + f) with sqrt(2)/2 < 1 + f < sqrt(2).
struct Reduced {
    k: f64,
    f: f64,
    /// The significand before it was halved, in [1, 2).
    m: f64,
}

/// Meaningful for positive finite `x`, harmless for the rest.
#[inline(always)]
fn reduce(x: f64) -> Reduced {
    let subnormal = x < SMALLEST_NORMAL;
    let scaled = magnitude(x * select(subnormal, TWO_54, 1.0));
    let m = significand(scaled);
    let upper = m >= from_high(0x3FF6_A09C);
    let k = biased_exponent(scaled) - select(subnormal, 1077.0, 1023.0) + select(upper, 1.0, 0.0);
    Reduced {
        k,
        f: m * select(upper, 0.5, 1.0) - 1.0,
        m,
    }
}

/// What a logarithm is outside the positive finite numbers.
#[inline(always)]
fn or_special(x: f64, result: f64) -> f64 {
    let result = select(x == f64::INFINITY, x, select(x < 0.0, f64::NAN, result));
    select(x == 0.0, f64::NEG_INFINITY, select(x.is_nan(), x, result))
}

/// The polynomial R(s) of log(1+f) = f - f^2/2 + s (f^2/2 + R), odd and even terms apart as V8 sums them.
#[inline(always)]
fn remainder(s: f64) -> f64 {
    let z = s * s;
    let w = z * z;
    let even = w * (L2 + w * (L4 + w * L6));
    let odd = z * (L1 + w * (L3 + w * (L5 + w * L7)));
    odd + even
}

/// ln(x) with the bits of V8.
///
/// fdlibm's forms for k = 0 are its general ones with a k of zero: they round alike.
#[inline(always)]
pub(super) fn log(x: f64) -> f64 {
    let Reduced { k, f, m } = reduce(x);
    let s = f / (2.0 + f);
    let r = remainder(s);
    let half_square = 0.5 * f * f;
    let low = k * LN2_LOW;

    let near_one = (m >= from_high(0x3FFF_FFFE)) | (m < from_high(0x3FF0_0001));
    let near_sqrt2 = (m >= from_high(0x3FF6_147A)) & (m < from_high(0x3FF6_B852));
    let with_square = half_square - (s * (half_square + r) + low);
    let plain = s * (f - r) - low;
    let tiny = f * f * (0.5 - (1.0 / 3.0) * f) - low;
    let inner = select(near_one, tiny, select(near_sqrt2, with_square, plain));
    or_special(x, k * LN2_HIGH - (inner - f))
}

/// ln(1 + x) with the bits of V8.
#[inline(always)]
pub(super) fn log1p(x: f64) -> f64 {
    let ax = magnitude(x);
    // Where 1 + x lies within a factor sqrt(2) of 1, f = x is exact.
    let unreduced =
        ((x > 0.0) & (x < from_high(0x3FDA_827A))) | ((x <= 0.0) & (ax < from_high(0x3FD2_BEC5)));
    let huge = x >= from_high(0x4340_0000);

    let u = select(huge, x, 1.0 + x);
    let m = significand(magnitude(u));
    let exponent = biased_exponent(magnitude(u)) - 1023.0;
    let correction = select(exponent > 0.0, 1.0 - (u - x), x - (u - 1.0)) / u;
    let upper = m >= from_high(0x3FF6_A09E);

    let k = select(unreduced, 0.0, exponent + select(upper, 1.0, 0.0));
    let c = select(unreduced | huge, 0.0, correction);
    let f = select(unreduced, x, m * select(upper, 0.5, 1.0) - 1.0);
    let near_one = !unreduced & ((m >= from_high(0x3FFF_FFFD)) | (m < from_high(0x3FF0_0001)));

    let half_square = 0.5 * f * f;
    let low = k * LN2_LOW + c;
    let s = f / (2.0 + f);
    let z = s * s;
    let r = z * (L1 + z * (L2 + z * (L3 + z * (L4 + z * (L5 + z * (L6 + z * L7))))));
    let tiny = half_square * (1.0 - (2.0 / 3.0) * f) - low;
    let inner = select(near_one, tiny, half_square - (s * (half_square + r) + low));

    let result = k * LN2_HIGH - (inner - f);
    let result = select(ax < from_high(0x3E20_0000), x - x * x * 0.5, result);
    let result = select(ax < from_high(0x3C90_0000), x, result);
    let result = select(x == f64::INFINITY, x, select(x < -1.0, f64::NAN, result));
    select(x == -1.0, f64::NEG_INFINITY, select(x.is_nan(), x, result))
}

/// log2(x) with the bits of V8.
#[inline(always)]
pub(super) fn log2(x: f64) -> f64 {
    const INVERSE_LN2_HIGH: f64 = f64::from_bits(0x3FF7_1547_6520_0000);
    const INVERSE_LN2_LOW: f64 = f64::from_bits(0x3DE7_05FC_2EEF_A200);
    let Reduced { k, f, .. } = reduce(x);
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let r = s * (half_square + remainder(s));

    let hi = high_part(f - half_square);
    let lo = (f - hi) - half_square + r;
    let product = hi * INVERSE_LN2_HIGH;
    let tail = (lo + hi) * INVERSE_LN2_LOW + lo * INVERSE_LN2_HIGH;
    let sum = k + product;
    or_special(x, (tail + ((k - sum) + product)) + sum)
}

/// log10(x) with the bits of V8.
#[inline(always)]
pub(super) fn log10(x: f64) -> f64 {
    const INVERSE_LN10: f64 = std::f64::consts::LOG10_E;
    const LOG10_2_HIGH: f64 = f64::from_bits(0x3FD3_4413_509F_6000);
    const LOG10_2_LOW: f64 = f64::from_bits(0x3D59_FEF3_11F1_2B36);
    let subnormal = x < SMALLEST_NORMAL;
    let scaled = magnitude(x * select(subnormal, TWO_54, 1.0));
    let k = biased_exponent(scaled) - select(subnormal, 1077.0, 1023.0);
    let negative = k < 0.0;
    let n = k + select(negative, 1.0, 0.0);
    let m = significand(scaled) * select(negative, 0.5, 1.0);
    let z = n * LOG10_2_LOW + INVERSE_LN10 * log(m);
    or_special(x, z + n * LOG10_2_HIGH)
}
