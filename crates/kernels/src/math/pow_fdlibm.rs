//! `Math.pow` and `**` as V8 computes them in Node 20 and 22.

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

use super::lane::{
    biased_exponent, floor_small, from_high, high_part, integer, magnitude, select, significand,
};

/// log2(x) in two doubles, the first with a zero low word.
#[derive(Clone, Copy)]
struct Log2 {
    hi: f64,
    lo: f64,
}

const L1: f64 = f64::from_bits(0x3FE3_3333_3333_3303);
const L2: f64 = f64::from_bits(0x3FDB_6DB6_DB6F_ABFF);
const L3: f64 = f64::from_bits(0x3FD5_5555_518F_264D);
const L4: f64 = f64::from_bits(0x3FD1_7460_A91D_4101);
const L5: f64 = f64::from_bits(0x3FCD_864A_93C9_DB65);
const L6: f64 = f64::from_bits(0x3FCA_7E28_4A45_4EEF);

/// log2 of a positive finite number.
#[inline(always)]
fn log2(ax: f64) -> Log2 {
    /// 2 / (3 ln 2), and in two parts; log2(1.5) in two parts.
    const C: f64 = f64::from_bits(0x3FEE_C709_DC3A_03FD);
    const C_HIGH: f64 = f64::from_bits(0x3FEE_C709_E000_0000);
    const C_LOW: f64 = f64::from_bits(0xBE3E_2FE0_145B_01F5);
    const D_HIGH: f64 = f64::from_bits(0x3FE2_B803_4000_0000);
    const D_LOW: f64 = f64::from_bits(0x3E4C_FDEB_43CF_D006);

    let subnormal = ax < f64::MIN_POSITIVE;
    let scaled = ax * select(subnormal, 9_007_199_254_740_992.0, 1.0);
    let m = significand(scaled);
    let upper = m >= from_high(0x3FFB_B67A);
    let middle = (m >= from_high(0x3FF3_988F)) & !upper;
    let n = biased_exponent(scaled) - select(subnormal, 1076.0, 1023.0) + select(upper, 1.0, 0.0);
    let m = m * select(upper, 0.5, 1.0);

    // ss = s_h + s_l = (m - b) / (m + b), with b = 1 or 1.5.
    let b = select(middle, 1.5, 1.0);
    let u = m - b;
    let v = 1.0 / (m + b);
    let ss = u * v;
    let s_h = high_part(ss);
    let carry = if middle { 1 << 50 } else { 0 };
    let t_h = high_part(f64::from_bits(
        ((m.to_bits() >> 1) | 0x2000_0000_0000_0000) + 0x0008_0000_0000_0000 + carry,
    ));
    let t_l = m - (t_h - b);
    let s_l = v * ((u - s_h * t_h) - s_h * t_l);

    let s2 = ss * ss;
    let r = s2 * s2 * (L1 + s2 * (L2 + s2 * (L3 + s2 * (L4 + s2 * (L5 + s2 * L6)))));
    let r = r + s_l * (s_h + ss);
    let s2 = s_h * s_h;
    let t_h = high_part(3.0 + s2 + r);
    let t_l = r - ((t_h - 3.0) - s2);
    let u = s_h * t_h;
    let v = s_l * t_h + t_l * ss;
    let p_h = high_part(u + v);
    let p_l = v - (p_h - u);
    let z_h = C_HIGH * p_h;
    let z_l = C_LOW * p_h + p_l * C + select(middle, D_LOW, 0.0);
    let d = select(middle, D_HIGH, 0.0);
    let hi = high_part(((z_h + z_l) + d) + n);
    Log2 {
        hi,
        lo: z_l - (((hi - n) - d) - z_h),
    }
}

/// log2 of a number within 2^-20 of one.
fn log2_near_one(ax: f64) -> Log2 {
    const INVERSE: f64 = f64::from_bits(0x3FF7_1547_652B_82FE);
    const INVERSE_HIGH: f64 = f64::from_bits(0x3FF7_1547_6000_0000);
    const INVERSE_LOW: f64 = f64::from_bits(0x3E54_AE0B_F85D_DF44);
    let t = ax - 1.0;
    let w = (t * t) * (0.5 - t * (1.0 / 3.0 - t * 0.25));
    let u = INVERSE_HIGH * t;
    let v = t * INVERSE_LOW - w * INVERSE;
    let hi = high_part(u + v);
    Log2 {
        hi,
        lo: v - (hi - u),
    }
}

const P1: f64 = f64::from_bits(0x3FC5_5555_5555_553E);
const P2: f64 = f64::from_bits(0xBF66_C16C_16BE_BD93);
const P3: f64 = f64::from_bits(0x3F11_566A_AF25_DE2C);
const P4: f64 = f64::from_bits(0xBEBB_BD41_C5D2_6BF1);
const P5: f64 = f64::from_bits(0x3E66_3769_72BE_A4D0);

/// y log2(x) in two parts, and their sum.
#[inline(always)]
fn product(log: Log2, y: f64) -> (f64, f64, f64) {
    let y1 = high_part(y);
    let p_l = (y - y1) * log.hi + y * log.lo;
    let p_h = y1 * log.hi;
    (p_h, p_l, p_l + p_h)
}

/// 2^(p_h + p_l) = fraction 2^n, for a sum z within the exponents of doubles.
///
/// V8 divides by (t1 - 2) - (w + z w), where fdlibm subtracts that last term from the quotient.
#[inline(always)]
fn exp2(p_h: f64, p_l: f64, z: f64) -> (f64, f64) {
    const LN2: f64 = f64::from_bits(0x3FE6_2E42_FEFA_39EF);
    const LN2_HIGH: f64 = from_high(0x3FE6_2E43);
    const LN2_LOW: f64 = f64::from_bits(0xBE20_5C61_0CA8_6C39);
    let az = magnitude(z);
    // floor(|z| + 1/2), exactly.
    let whole = floor_small(az);
    let rounded = whole + select(az - whole >= 0.5, 1.0, 0.0);
    let n = select(az < from_high(0x3FE0_0001), 0.0, rounded);
    let n = select(z < 0.0, -n, n);

    let p_h = p_h - n;
    let t = high_part(p_l + p_h);
    let u = t * LN2_HIGH;
    let v = (p_l - (t - p_h)) * LN2 + t * LN2_LOW;
    let z = u + v;
    let w = v - (z - u);
    let t = z * z;
    let t1 = z - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))));
    let r = (z * t1) / ((t1 - 2.0) - (w + z * w));
    (1.0 - (r - z), n)
}

/// Whether an integral y below 2^51 in magnitude is odd.
#[inline(always)]
fn is_odd(ay: f64) -> bool {
    integer(ay) & 1 == 1
}

/// x^y with the bits of V8, except in rare lanes: exponents that have forms of their own, zeros, infinities, NaN, results
/// beyond the normal doubles.
#[inline(always)]
pub(super) fn pow(x: f64, y: f64) -> (f64, bool) {
    let (ax, ay) = (magnitude(x), magnitude(y));
    let usual_y =
        (ay < from_high(0x41E0_0001)) & (ay != 0.0) & (ay != 1.0) & (y != 2.0) & (y != 0.5);
    let usual_x = (ax > 0.0) & (ax < f64::INFINITY);
    let usual = usual_x & usual_y;
    let (p_h, p_l, z) = product(log2(select(usual_x, ax, 1.5)), select(usual_y, y, 1.5));
    let within = (-1021.0..1024.0).contains(&z);
    let (fraction, n) = exp2(p_h, p_l, select(within, z, 0.0));
    // n + 2^12 is positive; what it adds above the exponent is shifted out.
    let bits = fraction.to_bits().wrapping_add(integer(n + 4096.0) << 52);
    let result = f64::from_bits(bits);

    let negative = x < 0.0;
    let bounded = select(usual_y, ay, 0.0);
    let integral = floor_small(bounded) == bounded;
    let result = select(negative & is_odd(bounded), -result, result);
    (
        select(negative & !integral, f64::NAN, result),
        !(usual & within),
    )
}

/// x^y for every x and y.
#[cold]
pub(super) fn pow_any(x: f64, y: f64) -> f64 {
    if y == 0.0 {
        return 1.0;
    }
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    let (ax, ay) = (magnitude(x), magnitude(y));
    if ay == f64::INFINITY {
        return if ax == 1.0 {
            f64::NAN
        } else if (ax > 1.0) == (y > 0.0) {
            f64::INFINITY
        } else {
            0.0
        };
    }
    if y == 1.0 {
        return x;
    }
    if y == -1.0 {
        return 1.0 / x;
    }
    if y == 2.0 {
        return x * x;
    }
    if y == 0.5 && x.is_sign_positive() {
        return x.sqrt();
    }
    let integral = ay >= 9_007_199_254_740_992.0 || ay.trunc() == ay;
    let odd = integral && ay < 9_007_199_254_740_992.0 && ay % 2.0 == 1.0;
    let sign = if x.is_sign_negative() && odd {
        -1.0
    } else {
        1.0
    };
    if ax == 0.0 || ax == 1.0 || ax == f64::INFINITY {
        if x.is_sign_negative() && ax == 1.0 && !integral {
            return f64::NAN;
        }
        return sign * if y < 0.0 { 1.0 / ax } else { ax };
    }
    if x < 0.0 && !integral {
        return f64::NAN;
    }
    let overflow = |above: bool| {
        if above {
            sign * f64::INFINITY
        } else {
            sign * 0.0
        }
    };
    let log = if ay >= from_high(0x41E0_0001) {
        if ay >= from_high(0x43F0_0001) {
            return if (ax >= 1.0) == (y > 0.0) {
                f64::INFINITY
            } else {
                0.0
            };
        }
        if ax < from_high(0x3FEF_FFFF) {
            return overflow(y < 0.0);
        }
        if ax >= from_high(0x3FF0_0001) {
            return overflow(y > 0.0);
        }
        log2_near_one(ax)
    } else {
        log2(ax)
    };
    sign * finish(log, y)
}

/// 2^(y log2 x) with overflow, underflow and subnormal results.
fn finish(log: Log2, y: f64) -> f64 {
    /// 1024 - log2(largest double + half a unit in its last place), negated.
    const OVERFLOW_TAIL: f64 = 8.008_566_259_537_294e-17;
    let (p_h, p_l, z) = product(log, y);
    if z >= 1024.0 && (z > 1024.0 || p_l + OVERFLOW_TAIL > z - p_h) {
        return f64::INFINITY;
    }
    if z <= -1075.0 && (z < -1075.0 || p_l <= z - p_h) {
        return 0.0;
    }
    let (fraction, n) = exp2(p_h, p_l, z);
    let exponent = (fraction.to_bits() >> 52) as i64 + n as i64;
    if exponent > 0 {
        return f64::from_bits(fraction.to_bits().wrapping_add((n as i64 as u64) << 52));
    }
    // Subnormal: one rounding, by the multiplication.
    let lifted = f64::from_bits(
        fraction
            .to_bits()
            .wrapping_add(((n as i64 + 54) as u64) << 52),
    );
    lifted / 18_014_398_509_481_984.0
}
