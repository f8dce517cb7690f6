//! `Math.exp` and `Math.expm1` as V8 computes them.

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

use super::lane::{floor_small, from_high, magnitude, power_of_two, select, with_sign_of};

const LN2_HIGH: f64 = f64::from_bits(0x3FE6_2E42_FEE0_0000);
const LN2_LOW: f64 = f64::from_bits(0x3DEA_39EF_3579_3C76);
const INVERSE_LN2: f64 = f64::from_bits(0x3FF7_1547_652B_82FE);
const OVERFLOW: f64 = f64::from_bits(0x4086_2E42_FEFA_39EF);
const UNDERFLOW: f64 = f64::from_bits(0xC087_4910_D52D_3051);
/// Up to here the argument is not reduced: the first double above ln(2)/2 that fdlibm tells apart.
const HALF_LN2: f64 = from_high(0x3FD6_2E43);

const P1: f64 = f64::from_bits(0x3FC5_5555_5555_553E);
const P2: f64 = f64::from_bits(0xBF66_C16C_16BE_BD93);
const P3: f64 = f64::from_bits(0x3F11_566A_AF25_DE2C);
const P4: f64 = f64::from_bits(0xBEBB_BD41_C5D2_6BF1);
const P5: f64 = f64::from_bits(0x3E66_3769_72BE_A4D0);

const TWO_M1000: f64 = f64::from_bits(0x0170_0000_0000_0000);

/// The multiple of ln(2) nearest to `x` as fdlibm chooses it: 0 below `HALF_LN2`, else |x|/ln(2) + 0.5 cut off.
#[inline(always)]
fn multiple_of_ln2(x: f64) -> f64 {
    let ax = magnitude(x);
    let k = floor_small(INVERSE_LN2 * ax + 0.5);
    with_sign_of(select(ax < HALF_LN2, 0.0, k), x)
}

/// e^x with the bits of V8.
///
/// k = 0 needs no form of its own: with hi = x and lo = 0 the general one rounds alike. The result is scaled in two steps
/// where 2^k is not a normal double.
#[inline(always)]
pub(super) fn exp(x: f64) -> f64 {
    // Out of range lanes compute something harmless and are replaced below.
    let bounded = select(x > OVERFLOW, OVERFLOW, select(x < UNDERFLOW, UNDERFLOW, x));
    let k = multiple_of_ln2(bounded);
    let hi = bounded - k * LN2_HIGH;
    let lo = k * LN2_LOW;
    let r = hi - lo;
    let t = r * r;
    let c = r - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))));
    let y = 1.0 - ((lo - (r * c) / (2.0 - c)) - hi);

    let deep = k < -1021.0;
    let top = k > 1023.0;
    let first = power_of_two(k + select(deep, 1000.0, select(top, -1.0, 0.0)));
    let second = select(deep, TWO_M1000, select(top, 2.0, 1.0));
    let scaled = y * first * second;

    let result = select(magnitude(x) < from_high(0x3E30_0000), 1.0 + x, scaled);
    // V8 returns the rounded value of e here, which the formula misses by one bit.
    let result = select(x == 1.0, std::f64::consts::E, result);
    let result = select(
        x > OVERFLOW,
        f64::INFINITY,
        select(x < UNDERFLOW, 0.0, result),
    );
    select(x.is_nan(), x, result)
}

const Q1: f64 = f64::from_bits(0xBFA1_1111_1111_10F4);
const Q2: f64 = f64::from_bits(0x3F5A_01A0_19FE_5585);
const Q3: f64 = f64::from_bits(0xBF14_CE19_9EAA_DBB7);
const Q4: f64 = f64::from_bits(0x3ED0_CFCA_86E6_5239);
const Q5: f64 = f64::from_bits(0xBE8A_FDB7_6E09_C32D);

/// e^-(x y), the product rounded.
#[inline(always)]
pub(super) fn exp_neg_mul(x: f64, y: f64) -> f64 {
    exp(-(x * y))
}

/// e^x - 1 with the bits of V8.
#[inline(always)]
pub(super) fn expm1(x: f64) -> f64 {
    const MINUS_56_LN2: f64 = from_high(0xC043_687A);
    let bounded = select(
        x > OVERFLOW,
        OVERFLOW,
        select(x <= MINUS_56_LN2, MINUS_56_LN2, x),
    );
    let k = multiple_of_ln2(bounded);
    let hi = bounded - k * LN2_HIGH;
    let lo = k * LN2_LOW;
    let r = hi - lo;
    let c = (hi - r) - lo;

    let half = 0.5 * r;
    let square = r * half;
    let r1 = 1.0 + square * (Q1 + square * (Q2 + square * (Q3 + square * (Q4 + square * Q5))));
    let t = 3.0 - r1 * half;
    let e = square * ((r1 - t) / (6.0 - r * t));
    let unreduced = r - (r * e - square);

    let e = (r * (e - c) - c) - square;
    let minus_one = 0.5 * (r - e) - 0.5;
    let one = select(r < -0.25, -2.0 * (e - (r + 0.5)), 1.0 + 2.0 * (r - e));

    let top = k > 1023.0;
    let scale = power_of_two(select(top, 1023.0, k)) * select(top, 2.0, 1.0);
    let scale_first = power_of_two(select(top, 1023.0, k));
    let scale_second = select(top, 2.0, 1.0);
    let far = (1.0 - (e - r)) * scale_first * scale_second - 1.0;
    // 2^-k: exact, and only used for 1 < k <= 56.
    let inverse = power_of_two(-select(top, 1023.0, k));
    let below_20 = ((1.0 - inverse) - (e - r)) * scale;
    let above_20 = ((r - (e + inverse)) + 1.0) * scale;

    let result = select(k < 20.0, below_20, above_20);
    let result = select((k <= -2.0) | (k > 56.0), far, result);
    let result = select(k == 1.0, one, select(k == -1.0, minus_one, result));
    let result = select(k == 0.0, unreduced, result);
    let result = select(magnitude(x) < from_high(0x3C90_0000), x, result);
    let result = select(
        x > OVERFLOW,
        f64::INFINITY,
        select(x <= MINUS_56_LN2, -1.0, result),
    );
    select(x.is_nan(), x, result)
}
