//! `Math.sin`, `Math.cos` and `Math.tan` as V8 computes them.

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

use super::lane::{floor_small, from_high, high_part, integer, magnitude, select, with_sign_of};
use super::pi_reduction::reduce_any;

/// Largest argument that is reduced by three parts of pi/2: 2^19 pi/2.
const MEDIUM: f64 = from_high(0x4139_21FC);
/// First double above pi/4 that fdlibm tells apart: below it nothing is reduced.
const QUARTER_PI: f64 = from_high(0x3FE9_21FC);

/// The remainder of |x| by pi/2 in two parts, and the multiple that was taken off.
struct Reduced {
    hi: f64,
    lo: f64,
    quadrant: u64,
    small: bool,
    rare: bool,
}

/// One step of Cody and Waite. Rare: too large for it, or so near a multiple of pi/2 that fdlibm takes more steps.
#[inline(always)]
fn reduce(x: f64) -> Reduced {
    const INVERSE: f64 = f64::from_bits(0x3FE4_5F30_6DC9_C883);
    const FIRST: f64 = f64::from_bits(0x3FF9_21FB_5440_0000);
    const FIRST_TAIL: f64 = f64::from_bits(0x3DD0_B461_1A62_6331);
    let t = magnitude(x);
    let small = t < QUARTER_PI;
    let bounded = select(t < MEDIUM, t, 0.0);
    let n = floor_small(bounded * INVERSE + 0.5);
    let r = bounded - n * FIRST;
    let w = n * FIRST_TAIL;
    let y = r - w;

    let exponent = |v: f64| f64::from_bits(v.to_bits() & 0x7FF0_0000_0000_0000);
    let cancelled = magnitude(y) < exponent(bounded) * (1.0 / 65536.0);
    // Without cancellation check below 32, unless the high word is that of the multiple itself.
    let multiple = n * std::f64::consts::FRAC_PI_2;
    let apart = high_part(multiple) != high_part(bounded);
    let near_half_pi = high_part(bounded) == from_high(0x3FF9_21FB);
    let rare =
        !small & ((t >= MEDIUM) | t.is_nan() | near_half_pi | (cancelled & !((n < 32.0) & apart)));
    Reduced {
        hi: select(small, t, y),
        lo: select(small, 0.0, (r - y) - w),
        quadrant: if small { 0 } else { integer(n) },
        small,
        rare,
    }
}

const S1: f64 = f64::from_bits(0xBFC5_5555_5555_5549);
const S2: f64 = f64::from_bits(0x3F81_1111_1110_F8A6);
const S3: f64 = f64::from_bits(0xBF2A_01A0_19C1_61D5);
const S4: f64 = f64::from_bits(0x3EC7_1DE3_57B1_FE7D);
const S5: f64 = f64::from_bits(0xBE5A_E5E6_8A2B_9CEB);
const S6: f64 = f64::from_bits(0x3DE5_D93A_5ACF_D57C);

/// sin(x + y) on [-pi/4, pi/4]; `exact` says that y is zero.
#[inline(always)]
fn kernel_sin(x: f64, y: f64, exact: bool) -> f64 {
    let z = x * x;
    let v = z * x;
    let r = S2 + z * (S3 + z * (S4 + z * (S5 + z * S6)));
    let plain = x + v * (S1 + z * r);
    let corrected = x - ((z * (0.5 * y - v * r) - y) - v * S1);
    select(
        magnitude(x) < from_high(0x3E40_0000),
        x,
        select(exact, plain, corrected),
    )
}

const C1: f64 = f64::from_bits(0x3FA5_5555_5555_554C);
const C2: f64 = f64::from_bits(0xBF56_C16C_16C1_5177);
const C3: f64 = f64::from_bits(0x3EFA_01A0_19CB_1590);
const C4: f64 = f64::from_bits(0xBE92_7E4F_809C_52AD);
const C5: f64 = f64::from_bits(0x3E21_EE9E_BDB4_B1C4);
const C6: f64 = f64::from_bits(0xBDA8_FAE9_BE88_38D4);

/// cos(x + y) on [-pi/4, pi/4].
#[inline(always)]
fn kernel_cos(x: f64, y: f64) -> f64 {
    let z = x * x;
    let r = z * (C1 + z * (C2 + z * (C3 + z * (C4 + z * (C5 + z * C6)))));
    let ax = magnitude(x);
    // About x/4, so that 1 - qx and z/2 - qx are exact.
    let quarter = high_part(ax) * 0.25;
    let qx = select(
        ax >= from_high(0x3FE9_0001),
        0.28125,
        select(ax < from_high(0x3FD3_3333), 0.0, quarter),
    );
    let iz = 0.5 * z - qx;
    (1.0 - qx) - (iz - (z * r - x * y))
}

/// sin(x), or cos(x) if `quarter` is 1, for x reduced.
#[inline(always)]
fn sin_or_cos(reduced: &Reduced, quarter: u64) -> f64 {
    let quadrant = reduced.quadrant + quarter;
    let sine = kernel_sin(reduced.hi, reduced.lo, reduced.small);
    let cosine = kernel_cos(reduced.hi, reduced.lo);
    let value = select(quadrant & 1 == 0, sine, cosine);
    f64::from_bits(value.to_bits() ^ ((quadrant & 2) << 62))
}

/// sin(x) with the bits of V8, except in rare lanes.
#[inline(always)]
pub(super) fn sin(x: f64) -> (f64, bool) {
    let reduced = reduce(x);
    (with_sign_of(sin_or_cos(&reduced, 0), x), reduced.rare)
}

/// cos(x) with the bits of V8, except in rare lanes.
#[inline(always)]
pub(super) fn cos(x: f64) -> (f64, bool) {
    let reduced = reduce(x);
    (sin_or_cos(&reduced, 1), reduced.rare)
}

const T: [f64; 13] = [
    f64::from_bits(0x3FD5_5555_5555_5563),
    f64::from_bits(0x3FC1_1111_1110_FE7A),
    f64::from_bits(0x3FAB_A1BA_1BB3_41FE),
    f64::from_bits(0x3F96_64F4_8406_D637),
    f64::from_bits(0x3F82_26E3_E96E_8493),
    f64::from_bits(0x3F6D_6D22_C956_0328),
    f64::from_bits(0x3F57_DBC8_FEE0_8315),
    f64::from_bits(0x3F43_44D8_F2F2_6501),
    f64::from_bits(0x3F30_26F7_1A8D_1068),
    f64::from_bits(0x3F14_7E88_A037_92A6),
    f64::from_bits(0x3F12_B80F_32F0_A7E9),
    f64::from_bits(0xBEF3_75CB_DB60_5373),
    f64::from_bits(0x3EFB_2A70_74BF_7AD4),
];

/// tan(x + y) on [-pi/4, pi/4], or -1/tan(x + y) if `odd`.
///
/// The two divisions that fdlibm may make exclude each other, so one is made.
#[inline(always)]
fn kernel_tan(x: f64, y: f64, odd: bool) -> f64 {
    const QUARTER_PI_HIGH: f64 = std::f64::consts::FRAC_PI_4;
    const QUARTER_PI_LOW: f64 = f64::from_bits(0x3C81_A626_3314_5C07);
    let sign = x;
    let ax = magnitude(x);
    let big = ax >= from_high(0x3FE5_9428);
    let folded = (QUARTER_PI_HIGH - ax) + (QUARTER_PI_LOW - with_sign_of(y, x));
    let tiny = select(odd, f64::NAN, x);
    let is_tiny = ax < from_high(0x3E30_0000);
    let x = select(big, folded, x);
    let y = select(big, 0.0, y);

    let z = x * x;
    let w = z * z;
    let r = T[1] + w * (T[3] + w * (T[5] + w * (T[7] + w * (T[9] + w * T[11]))));
    let v = z * (T[2] + w * (T[4] + w * (T[6] + w * (T[8] + w * (T[10] + w * T[12])))));
    let s = z * x;
    let r = y + z * (s * (r + v) + y);
    let r = r + T[0] * s;
    let w = x + r;

    let v = select(odd, -1.0, 1.0);
    let quotient = select(big, w * w, -1.0) / select(big, w + v, w);
    let near_quarter = with_sign_of(v - 2.0 * (x - (quotient - r)), sign);
    let z = high_part(w);
    let rest = r - (z - x);
    let t = high_part(quotient);
    let s = 1.0 + t * z;
    let inverse = t + quotient * (s + t * rest);
    let result = select(big, near_quarter, select(odd, inverse, w));
    select(is_tiny, tiny, result)
}

/// tan(x) with the bits of V8, except in rare lanes.
#[inline(always)]
pub(super) fn tan(x: f64) -> (f64, bool) {
    let reduced = reduce(x);
    let value = kernel_tan(reduced.hi, reduced.lo, reduced.quadrant & 1 == 1);
    (with_sign_of(value, x), reduced.rare)
}

/// sin(x) for every x.
#[cold]
pub(super) fn sin_any(x: f64) -> f64 {
    let Some(reduced) = reduce_fully(x) else {
        return f64::NAN;
    };
    with_sign_of(sin_or_cos(&reduced, 0), x)
}

/// cos(x) for every x.
#[cold]
pub(super) fn cos_any(x: f64) -> f64 {
    let Some(reduced) = reduce_fully(x) else {
        return f64::NAN;
    };
    sin_or_cos(&reduced, 1)
}

/// tan(x) for every x.
#[cold]
pub(super) fn tan_any(x: f64) -> f64 {
    let Some(reduced) = reduce_fully(x) else {
        return f64::NAN;
    };
    let odd = reduced.quadrant & 1 == 1;
    let value = if odd && magnitude(reduced.hi) < from_high(0x3E30_0000) {
        negative_inverse(reduced.hi, reduced.lo)
    } else {
        kernel_tan(reduced.hi, reduced.lo, odd)
    };
    with_sign_of(value, x)
}

/// -1 / (x + y) for tiny x.
fn negative_inverse(x: f64, y: f64) -> f64 {
    let w = x + y;
    let z = high_part(w);
    let v = y - (z - x);
    let a = -1.0 / w;
    let t = high_part(a);
    let s = 1.0 + t * z;
    t + a * (s + t * v)
}

fn reduce_fully(x: f64) -> Option<Reduced> {
    if !x.is_finite() {
        return None;
    }
    let t = magnitude(x);
    if t < QUARTER_PI {
        return Some(Reduced {
            hi: t,
            lo: 0.0,
            quadrant: 0,
            small: true,
            rare: false,
        });
    }
    let (quadrant, hi, lo) = reduce_any(t);
    Some(Reduced {
        hi,
        lo,
        quadrant,
        small: false,
        rare: false,
    })
}
