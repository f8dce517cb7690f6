//! Hyperbolic functions within 1 ulp, from e^x in two doubles: V8's own reach 2.1.

use super::fast::EXP;
use super::lane::{from_high, magnitude, power_of_two, select, with_sign_of};

/// Below it the functions are odd polynomials; above, e^x and its inverse do not cancel too much.
const SMALL: f64 = 0.36;
const ROUND: f64 = 6_755_399_441_055_744.0;

/// e^x = (hi + lo) 2^k for |x| below 1500; about 2^-57 off.
#[inline(always)]
fn exp(x: f64) -> (f64, f64, f64) {
    const LN2: f64 = std::f64::consts::LN_2;
    const LN2_LOW: f64 = f64::from_bits(0x3C7A_BC9E_3B39_803F);
    const Q: [f64; 11] = EXP;
    let k = x.mul_add(std::f64::consts::LOG2_E, ROUND) - ROUND;
    let t = (-k).mul_add(LN2, x);
    let r = (-k).mul_add(LN2_LOW, t);
    let error = (-k).mul_add(LN2_LOW, t - r);
    let r2 = r * r;
    let r4 = r2 * r2;
    let a = r2.mul_add(r.mul_add(Q[3], Q[2]), r.mul_add(Q[1], Q[0]));
    let b = r2.mul_add(r.mul_add(Q[7], Q[6]), r.mul_add(Q[5], Q[4]));
    let c = r2.mul_add(Q[10], r.mul_add(Q[9], Q[8]));
    let rest = r2.mul_add(r4.mul_add(r4.mul_add(c, b), a), error);
    let sum = 1.0 + r;
    let low = (r - (sum - 1.0)) + rest;
    let hi = sum + low;
    (hi, low - (hi - sum), k)
}

/// 1 / (hi + lo) in two doubles.
#[inline(always)]
fn inverse(hi: f64, lo: f64) -> (f64, f64) {
    let first = 1.0 / hi;
    let rest = (-hi).mul_add(first, 1.0);
    (first, (-lo).mul_add(first, rest) * first)
}

/// Both halves of a hyperbolic function of ax >= 0, e^ax / 4 and e^-ax / 4; ax is at most `OVERFLOW`.
#[inline(always)]
fn quarters(ax: f64) -> ((f64, f64), (f64, f64)) {
    let (hi, lo, k) = exp(ax);
    let (inverse_hi, inverse_lo) = inverse(hi, lo);
    let up = power_of_two(k - 2.0);
    // Beyond 2^-200 the inverse is nothing beside the other half.
    let down = power_of_two(-select(k > 200.0, 200.0, k) - 2.0);
    ((hi * up, lo * up), (inverse_hi * down, inverse_lo * down))
}

/// Above it sinh and cosh overflow.
const OVERFLOW: f64 = 710.475_860_073_943_9;

#[inline(always)]
fn bounded(ax: f64) -> f64 {
    select(ax < OVERFLOW, ax, OVERFLOW)
}

/// sinh(x).
#[inline(always)]
pub(super) fn sinh(x: f64) -> f64 {
    const S: [f64; 5] = [
        f64::from_bits(0x3FC5_5555_5555_5556),
        f64::from_bits(0x3F81_1111_1111_0717),
        f64::from_bits(0x3F2A_01A0_1A9B_97F7),
        f64::from_bits(0x3EC7_1DE0_65D6_F29D),
        f64::from_bits(0x3E5A_F496_7529_63B0),
    ];
    let ax = magnitude(x);
    let z = x * x;
    let p = z.mul_add(
        z.mul_add(z.mul_add(z.mul_add(S[4], S[3]), S[2]), S[1]),
        S[0],
    );
    let small = (z * ax).mul_add(p, ax);
    let ((up, up_low), (down, down_low)) = quarters(bounded(ax));
    let difference = up - down;
    let error = (up - difference) - down;
    let large = (difference + (error + (up_low - down_low))) * 2.0;
    let result = select(
        ax < SMALL,
        select(ax < from_high(0x3E30_0000), ax, small),
        large,
    );
    let result = select(ax > OVERFLOW, f64::INFINITY, result);
    with_sign_of(select(x.is_nan(), x, result), x)
}

/// cosh(x).
#[inline(always)]
pub(super) fn cosh(x: f64) -> f64 {
    let ax = magnitude(x);
    let ((up, up_low), (down, down_low)) = quarters(bounded(ax));
    let sum = up + down;
    let error = (up - sum) + down;
    let result = (sum + (error + (up_low + down_low))) * 2.0;
    let result = select(ax > OVERFLOW, f64::INFINITY, result);
    select(x.is_nan(), x, result)
}

/// tanh(x).
#[inline(always)]
pub(super) fn tanh(x: f64) -> f64 {
    const T: [f64; 9] = [
        f64::from_bits(0xBFD5_5555_5555_5555),
        f64::from_bits(0x3FC1_1111_1111_1001),
        f64::from_bits(0xBFAB_A1BA_1B9E_4C9F),
        f64::from_bits(0x3F96_64F4_860B_4982),
        f64::from_bits(0xBF82_26E2_AC25_3DA6),
        f64::from_bits(0x3F6D_6D01_74B2_A874),
        f64::from_bits(0xBF57_D409_5764_96F3),
        f64::from_bits(0x3F42_F521_3308_EDDF),
        f64::from_bits(0xBF28_DB81_8F74_D236),
    ];
    let ax = magnitude(x);
    let z = x * x;
    let z2 = z * z;
    let high = z2.mul_add(
        z2.mul_add(T[8], z.mul_add(T[7], T[6])),
        z.mul_add(T[5], T[4]),
    );
    let p = z2.mul_add(
        z2.mul_add(high, z.mul_add(T[3], T[2])),
        z.mul_add(T[1], T[0]),
    );
    let small = (z * ax).mul_add(p, ax);

    let (hi, lo, k) = exp(2.0 * select(ax < 22.0, ax, 22.0));
    let scale = power_of_two(k);
    let (hi, lo) = (hi * scale, lo * scale);
    // (e - 1) / (e + 1), with what its parts were rounded by.
    let above = hi - 1.0;
    let above_low = ((hi - above) - 1.0) + lo;
    let below = hi + 1.0;
    let below_low = ((hi - below) + 1.0) + lo;
    let inverse = 1.0 / below;
    let quotient = above * inverse;
    let rest = (-quotient).mul_add(below, above) + (above_low - quotient * below_low);
    let large = rest.mul_add(inverse, quotient);
    let result = select(ax < SMALL, small, select(ax < 22.0, large, 1.0));
    let result = select(ax < from_high(0x3E30_0000), ax, result);
    with_sign_of(select(x.is_nan(), x, result), x)
}
