//! `log10` and the inverse hyperbolic functions within 1 ulp, by arguments in two doubles: V8's own reach 1.8.

use crate::lane_sum::two_sum;

use super::lane::{biased_exponent, from_high, magnitude, select, significand, with_sign_of};

const LN2_HIGH: f64 = f64::from_bits(0x3FE6_2E42_FEE0_0000);
const LN2_LOW: f64 = f64::from_bits(0x3DEA_39EF_3579_3C76);

/// ln((m + low) 2^extra) as what is to be subtracted from what: for a positive normal m, and a `low` beyond its last place.
#[inline(always)]
fn log(m: f64, low: f64, extra: f64) -> (f64, f64, f64) {
    const L: [f64; 7] = [
        f64::from_bits(0x3FE5_5555_5555_5593),
        f64::from_bits(0x3FD9_9999_9997_FA04),
        f64::from_bits(0x3FD2_4924_9422_9359),
        f64::from_bits(0x3FCC_71C5_1D8E_78AF),
        f64::from_bits(0x3FC7_4664_96CB_03DE),
        f64::from_bits(0x3FC3_9A09_D078_C69F),
        f64::from_bits(0x3FC2_F112_DF3E_5244),
    ];
    let part = significand(m);
    let upper = part >= std::f64::consts::SQRT_2;
    let part = part * select(upper, 0.5, 1.0);
    let k = biased_exponent(m) - 1023.0 + select(upper, 1.0, 0.0);
    let f = part - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * w.mul_add(w.mul_add(L[5], L[3]), L[1]);
    let odd = w.mul_add(w.mul_add(w.mul_add(L[6], L[4]), L[2]), L[0]);
    let r = z.mul_add(odd, even);
    let half = 0.5 * f * f;
    let k = k + extra;
    let tail = k.mul_add(LN2_LOW, low / m);
    (k * LN2_HIGH, f, half - s.mul_add(half + r, tail))
}

#[inline(always)]
fn value((multiple, f, inner): (f64, f64, f64)) -> f64 {
    let (sum, error) = two_sum(multiple, f);
    sum + (error - inner)
}

/// log10(x).
#[inline(always)]
pub(super) fn log10(x: f64) -> f64 {
    const INVERSE: f64 = std::f64::consts::LOG10_E;
    const INVERSE_LOW: f64 = f64::from_bits(0x3C69_5355_BAAA_FAD3);
    let subnormal = x < f64::MIN_POSITIVE;
    let scaled = magnitude(x * select(subnormal, 18_014_398_509_481_984.0, 1.0));
    let (multiple, f, inner) = log(scaled, 0.0, select(subnormal, -54.0, 0.0));
    let (sum, error) = two_sum(multiple, f);
    let (hi, rest) = two_sum(sum, -inner);
    let lo = rest + error;
    let product = hi * INVERSE;
    let low = hi.mul_add(INVERSE, -product) + hi.mul_add(INVERSE_LOW, lo * INVERSE);
    let result = product + low;
    let result = select(x == f64::INFINITY, x, select(x < 0.0, f64::NAN, result));
    select(x == 0.0, f64::NEG_INFINITY, select(x.is_nan(), x, result))
}

/// sqrt(hi + lo) in two doubles; of zero, zero.
#[inline(always)]
fn root(hi: f64, lo: f64) -> (f64, f64) {
    let first = hi.sqrt();
    let rest = (-first).mul_add(first, hi) + lo;
    (first, select(hi == 0.0, 0.0, rest / (2.0 * first)))
}

/// ln(1 + u + low) for u >= 0.
#[inline(always)]
fn log_of_more(u: f64, low: f64) -> f64 {
    let (m, rest) = two_sum(1.0, u);
    value(log(m, rest + low, 0.0))
}

/// asinh(x).
#[inline(always)]
pub(super) fn asinh(x: f64) -> f64 {
    let ax = magnitude(x);
    let huge = ax >= 1.0e8;
    let t = select(huge, 1.0, ax);
    let square = t * t;
    let square_low = t.mul_add(t, -square);
    let (w, error) = two_sum(1.0, square);
    let (r, r_low) = root(w, error + square_low);
    // x^2 / (1 + sqrt(1 + x^2))
    let (d, d_error) = two_sum(1.0, r);
    let d_low = d_error + r_low;
    let q = square / d;
    let q_low = ((-q).mul_add(d, square) + (square_low - q * d_low)) / d;
    let (u, u_error) = two_sum(t, q);
    let near = log_of_more(u, u_error + q_low);
    // ln(2x), where 1 / 4x^2 is beyond the last place.
    let far = value(log(select(huge & (ax < f64::INFINITY), ax, 1.0), 0.0, 1.0));
    let result = select(huge, far, near);
    let result = select(ax < from_high(0x3E30_0000), ax, result);
    with_sign_of(select(x.is_nan() | (ax == f64::INFINITY), ax, result), x)
}

/// acosh(x).
#[inline(always)]
pub(super) fn acosh(x: f64) -> f64 {
    let huge = x >= 1.0e8;
    let used = select((x >= 1.0) & !huge, x, 1.0);
    // u = t + sqrt(t (x + 1)), with t = x - 1 exact.
    let t = used - 1.0;
    let (a, a_low) = two_sum(used, 1.0);
    let product = t * a;
    let product_low = t.mul_add(a, -product) + t * a_low;
    let (r, r_low) = root(product, product_low);
    let (u, u_error) = two_sum(r, t);
    let near = log_of_more(u, u_error + r_low);
    let far = value(log(select(huge & (x < f64::INFINITY), x, 1.0), 0.0, 1.0));
    let result = select(huge, far, near);
    let result = select(x == f64::INFINITY, x, result);
    select(x >= 1.0, result, f64::NAN)
}

/// atanh(x).
#[inline(always)]
pub(super) fn atanh(x: f64) -> f64 {
    let ax = magnitude(x);
    let used = select(ax < 1.0, ax, 0.0);
    // ln(1 + 2x / (1 - x)) / 2
    let (d, d_low) = two_sum(1.0, -used);
    let double = 2.0 * used;
    let q = double / d;
    let q_low = ((-q).mul_add(d, double) - q * d_low) / d;
    let result = 0.5 * log_of_more(q, q_low);
    let result = select(ax < from_high(0x3E30_0000), ax, result);
    let result = select(ax == 1.0, f64::INFINITY, result);
    select(ax <= 1.0, with_sign_of(result, x), f64::NAN)
}
