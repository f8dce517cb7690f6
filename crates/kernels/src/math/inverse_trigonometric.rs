//! `Math.asin`, `Math.acos`, `Math.atan` and `Math.atan2` as V8 computes them.

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

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

use super::lane::{from_high, high_part, magnitude, select, with_sign_of};

const HALF_PI_LOW: f64 = f64::from_bits(0x3C91_A626_3314_5C07);
const PI_LOW: f64 = f64::from_bits(0x3CA1_A626_3314_5C07);

const P0: f64 = f64::from_bits(0x3FC5_5555_5555_5555);
const P1: f64 = f64::from_bits(0xBFD4_D612_03EB_6F7D);
const P2: f64 = f64::from_bits(0x3FC9_C155_0E88_4455);
const P3: f64 = f64::from_bits(0xBFA4_8228_B568_8F3B);
const P4: f64 = f64::from_bits(0x3F49_EFE0_7501_B288);
const P5: f64 = f64::from_bits(0x3F02_3DE1_0DFD_F709);
const Q1: f64 = f64::from_bits(0xC003_3A27_1C8A_2D4B);
const Q2: f64 = f64::from_bits(0x4000_2AE5_9C59_8AC8);
const Q3: f64 = f64::from_bits(0xBFE6_066C_1B8D_0159);
const Q4: f64 = f64::from_bits(0x3FB3_B8C5_B12E_9282);

/// (asin(x) - x) / x^3 times z, with z = x^2.
#[inline(always)]
fn ratio(z: f64) -> f64 {
    let p = z * (P0 + z * (P1 + z * (P2 + z * (P3 + z * (P4 + z * P5)))));
    let q = 1.0 + z * (Q1 + z * (Q2 + z * (Q3 + z * Q4)));
    p / q
}

/// asin(x) with the bits of V8.
#[inline(always)]
pub(super) fn asin(x: f64) -> f64 {
    let ax = magnitude(x);
    let near_zero = ax < 0.5;
    let half = (1.0 - ax) * 0.5;
    let z = select(near_zero, x * x, half);
    let r = ratio(z);
    let small = select(ax < from_high(0x3E40_0000), x, x + x * r);

    let s = select(near_zero, 1.0, half).sqrt();
    let near_one = FRAC_PI_2 - (2.0 * (s + s * r) - HALF_PI_LOW);
    let w = high_part(s);
    let c = (half - w * w) / (s + w);
    let p = 2.0 * s * r - (HALF_PI_LOW - 2.0 * c);
    let q = FRAC_PI_4 - 2.0 * w;
    let between = FRAC_PI_4 - (p - q);
    let large = with_sign_of(select(ax >= from_high(0x3FEF_3333), near_one, between), x);

    let result = select(near_zero, small, large);
    let result = select(ax == 1.0, x * FRAC_PI_2 + x * HALF_PI_LOW, result);
    select(ax <= 1.0, result, f64::NAN)
}

/// acos(x) with the bits of V8.
#[inline(always)]
pub(super) fn acos(x: f64) -> f64 {
    let ax = magnitude(x);
    let near_zero = ax < 0.5;
    let half = (1.0 - ax) * 0.5;
    let z = select(near_zero, x * x, half);
    let r = ratio(z);
    let small = FRAC_PI_2 - (x - (HALF_PI_LOW - x * r));
    let small = select(ax < from_high(0x3C60_0001), FRAC_PI_2, small);

    let s = select(near_zero, 1.0, half).sqrt();
    let negative = PI - 2.0 * (s + (r * s - HALF_PI_LOW));
    let f = high_part(s);
    let c = (half - f * f) / (s + f);
    let positive = 2.0 * (f + (r * s + c));

    let result = select(near_zero, small, select(x < 0.0, negative, positive));
    let result = select(
        x == 1.0,
        0.0,
        select(x == -1.0, PI + 2.0 * HALF_PI_LOW, result),
    );
    select(ax <= 1.0, result, f64::NAN)
}

const A: [f64; 11] = [
    f64::from_bits(0x3FD5_5555_5555_550D),
    f64::from_bits(0xBFC9_9999_9998_EBC4),
    f64::from_bits(0x3FC2_4924_9200_83FF),
    f64::from_bits(0xBFBC_71C6_FE23_1671),
    f64::from_bits(0x3FB7_45CD_C54C_206E),
    f64::from_bits(0xBFB3_B0F2_AF74_9A6D),
    f64::from_bits(0x3FB1_0D66_A0D0_3D51),
    f64::from_bits(0xBFAD_DE2D_52DE_FD9A),
    f64::from_bits(0x3FA9_7B4B_2476_0DEB),
    f64::from_bits(0xBFA2_B444_2C6A_6C2F),
    f64::from_bits(0x3F90_AD3A_E322_DA11),
];

/// atan of a half, one, one and a half, infinity, each in two parts.
const ATAN: [(f64, f64); 4] = [
    (
        f64::from_bits(0x3FDD_AC67_0561_BB4F),
        f64::from_bits(0x3C7A_2B7F_222F_65E2),
    ),
    (FRAC_PI_4, f64::from_bits(0x3C81_A626_3314_5C07)),
    (
        f64::from_bits(0x3FEF_730B_D281_F69B),
        f64::from_bits(0x3C70_0788_7AF0_CBBD),
    ),
    (FRAC_PI_2, HALF_PI_LOW),
];

/// atan(x) with the bits of V8. The five intervals differ in what is divided, so one division serves them all.
#[inline(always)]
pub(super) fn atan(x: f64) -> f64 {
    let t = magnitude(x);
    let zero = t < 0.4375;
    let half = t < 0.6875;
    let one = t < 1.1875;
    let more = t < 2.4375;
    let pick = |a: f64, b: f64, c: f64, d: f64, e: f64| {
        select(zero, a, select(half, b, select(one, c, select(more, d, e))))
    };
    let above = pick(t, 2.0 * t - 1.0, t - 1.0, t - 1.5, -1.0);
    let below = pick(1.0, 2.0 + t, t + 1.0, 1.0 + 1.5 * t, t);
    let r = above / below;
    let hi = pick(0.0, ATAN[0].0, ATAN[1].0, ATAN[2].0, ATAN[3].0);
    let lo = pick(0.0, ATAN[0].1, ATAN[1].1, ATAN[2].1, ATAN[3].1);

    let z = r * r;
    let w = z * z;
    let s1 = z * (A[0] + w * (A[2] + w * (A[4] + w * (A[6] + w * (A[8] + w * A[10])))));
    let s2 = w * (A[1] + w * (A[3] + w * (A[5] + w * (A[7] + w * A[9]))));
    let result = select(zero, r - r * (s1 + s2), hi - ((r * (s1 + s2) - lo) - r));
    let result = select(t < from_high(0x3E40_0000), t, result);
    let result = select(t >= from_high(0x4410_0000), FRAC_PI_2 + HALF_PI_LOW, result);
    with_sign_of(result, x)
}

/// atan2(y, x) with the bits of V8.
///
/// The exceptional operands of fdlibm's table are brought to the general form: what counts is the angle z of the first
/// quadrant, and whether x is on the negative side.
#[inline(always)]
pub(super) fn atan2(y: f64, x: f64) -> f64 {
    let (ay, ax) = (magnitude(y), magnitude(x));
    // Distance of the exponents, as fdlibm takes it from the high words: (iy - ix) >> 20.
    let high = |v: f64| (v.to_bits() >> 32) as i64;
    let distance = high(ay) - high(ax);
    let steep = (distance >= 61 << 20) & (x != 1.0);
    let flat = (distance < -(60 << 20)) & (x < 0.0);
    let axis = (ax == 0.0) | (ay == f64::INFINITY) | steep;
    let both_infinite = (ax == f64::INFINITY) & (ay == f64::INFINITY);

    let angle = atan(magnitude(y / x));
    let z = select((ay == 0.0) | flat, 0.0, angle);
    let left = select(x.to_bits() >> 63 == 1, PI - (z - PI_LOW), z);
    let result = select(axis & (ay != 0.0), FRAC_PI_2, left);
    let diagonal = select(x > 0.0, FRAC_PI_4, 3.0 * FRAC_PI_4);
    let result = with_sign_of(select(both_infinite, diagonal, result), y);
    select(x.is_nan() | y.is_nan(), f64::NAN, result)
}
