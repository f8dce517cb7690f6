//! `sin`, `cos`, `exp` and `log` within 1 ulp, with fused operations: faster than V8's bits allow.
//!
//! Reductions are Cody and Waite's with fused steps: the first remainder is exact, the rest is kept in two doubles. The
//! polynomials of `sin`, `cos` and `log` are those of fdlibm; that of `exp` interpolates at Chebyshev's nodes.

use super::lane::{biased_exponent, from_high, magnitude, select, significand};

/// 1.5 * 2^52: adding it rounds to an integer, which then stands in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// pi/2 in three doubles.
pub(super) const HALF_PI: [f64; 3] = [
    std::f64::consts::FRAC_PI_2,
    f64::from_bits(0x3C91_A626_3314_5C07),
    f64::from_bits(0xB91F_1976_B7ED_8FBC),
];

/// What the reduction reaches up to.
pub(super) const NEAR: f64 = 1.0e9;

/// The remainder by pi/2 in two doubles, and the bits of a number that ends in the quadrant.
#[inline(always)]
fn reduce(x: f64) -> (f64, f64, u64) {
    let [first, second, third] = HALF_PI;
    let shifted = x.mul_add(std::f64::consts::FRAC_2_PI, ROUND);
    let n = shifted - ROUND;
    let t = (-n).mul_add(first, x);
    // Not fused: `t` is exact and a multiple of the product's last place, so what the difference is rounded by is exact,
    // too, however much of `t` the product takes away (Dekker's sum).
    let r = t - n * second;
    let error = (-n).mul_add(second, t - r);
    (r, (-n).mul_add(third, error), shifted.to_bits())
}

/// (sin(r) - r) / r^3 in powers of r^2, of fdlibm.
const SINE: [f64; 6] = [
    f64::from_bits(0xBFC5_5555_5555_5549),
    f64::from_bits(0x3F81_1111_1110_F8A6),
    f64::from_bits(0xBF2A_01A0_19C1_61D5),
    f64::from_bits(0x3EC7_1DE3_57B1_FE7D),
    f64::from_bits(0xBE5A_E5E6_8A2B_9CEB),
    f64::from_bits(0x3DE5_D93A_5ACF_D57C),
];

/// (cos(r) - 1 + r^2 / 2) / r^4 likewise.
const COSINE: [f64; 6] = [
    f64::from_bits(0x3FA5_5555_5555_554C),
    f64::from_bits(0xBF56_C16C_16C1_5177),
    f64::from_bits(0x3EFA_01A0_19CB_1590),
    f64::from_bits(0xBE92_7E4F_809C_52AD),
    f64::from_bits(0x3E21_EE9E_BDB4_B1C4),
    f64::from_bits(0xBDA8_FAE9_BE88_38D4),
];

/// Whether the reduction reaches; not for what is not finite.
#[inline(always)]
fn is_near(x: f64) -> bool {
    magnitude(x) < NEAR
}

/// The sine or the cosine of r + low: one polynomial, of which each lane chooses the coefficients.
#[inline(always)]
fn turn(r: f64, low: f64, quadrant: u64) -> f64 {
    let is_sine = quadrant & 1 == 0;
    let z = r * r;
    let half = 0.5 * z;
    let near_one = 1.0 - half;
    // r + r z p + (1 - z / 2) low, or (1 - z / 2) + z^2 p - r low.
    let base = select(is_sine, r, near_one);
    let factor = z * select(is_sine, r, z);
    let rest =
        (-select(is_sine, half, r)).mul_add(low, select(is_sine, low, (1.0 - near_one) - half));
    let c = |degree: usize| select(is_sine, SINE[degree], COSINE[degree]);
    let z2 = z * z;
    let high = z2.mul_add(z.mul_add(c(5), c(4)), z.mul_add(c(3), c(2)));
    let p = z2.mul_add(high, z.mul_add(c(1), c(0)));
    let value = base + factor.mul_add(p, rest);
    f64::from_bits(value.to_bits() ^ ((quadrant & 2) << 62))
}

/// sin(x), except in rare lanes.
#[inline(always)]
pub(super) fn sin(x: f64) -> (f64, bool) {
    let (r, low, quadrant) = reduce(x);
    // Also keeps the sign of zero.
    let value = select(
        magnitude(x) < from_high(0x3E40_0000),
        x,
        turn(r, low, quadrant),
    );
    (value, !is_near(x))
}

/// cos(x), except in rare lanes.
#[inline(always)]
pub(super) fn cos(x: f64) -> (f64, bool) {
    let (r, low, quadrant) = reduce(x);
    (turn(r, low, quadrant.wrapping_add(1)), !is_near(x))
}

/// (e^r - 1 - r) / r^2 for |r| up to ln 2 / 2: coefficients of r^0 to r^10.
pub(super) const EXP: [f64; 11] = [
    0.5,
    f64::from_bits(0x3FC5_5555_5555_5557),
    f64::from_bits(0x3FA5_5555_5555_5556),
    f64::from_bits(0x3F81_1111_1111_00BE),
    f64::from_bits(0x3F56_C16C_16C1_62C3),
    f64::from_bits(0x3F2A_01A0_1ABF_85AB),
    f64::from_bits(0x3EFA_01A0_1A6E_1E2A),
    f64::from_bits(0x3EC7_1DE0_1FDB_F9CA),
    f64::from_bits(0x3E92_7E4D_B46C_DDD1),
    f64::from_bits(0x3E5A_F4E5_5437_7204),
    f64::from_bits(0x3E21_F734_0DBC_337E),
];

/// ln 2 in two doubles.
pub(super) const LN2: [f64; 2] = [
    std::f64::consts::LN_2,
    f64::from_bits(0x3C7A_BC9E_3B39_803F),
];

/// e^x, except in rare lanes: those whose power of two does not fit the exponent of a normal number.
#[inline(always)]
pub(super) fn exp(x: f64) -> (f64, bool) {
    const Q: [f64; 11] = EXP;
    let [ln2, ln2_low] = LN2;
    let shifted = x.mul_add(std::f64::consts::LOG2_E, ROUND);
    let k = shifted - ROUND;
    let t = (-k).mul_add(ln2, x);
    let r = (-k).mul_add(ln2_low, t);
    let error = (-k).mul_add(ln2_low, t - r);

    let r2 = r * r;
    let r4 = r2 * r2;
    let a = r2.mul_add(r.mul_add(Q[3], Q[2]), r.mul_add(Q[1], Q[0]));
    let b = r2.mul_add(r.mul_add(Q[7], Q[6]), r.mul_add(Q[5], Q[4]));
    let c = r2.mul_add(Q[10], r.mul_add(Q[9], Q[8]));
    let q = r4.mul_add(r4.mul_add(c, b), a);
    let y = 1.0 + (r + r2.mul_add(q, error));
    let value = f64::from_bits(y.to_bits().wrapping_add(shifted.to_bits() << 52));
    // Nothing is left of it: the tails of a Gaussian are not rare.
    let is_zero = x < -746.0;
    let value = select(is_zero, 0.0, value);
    let is_normal = magnitude(x) < 708.0;
    (value, !(is_normal || is_zero))
}

/// e^-(x y), the product rounded; likewise.
#[inline(always)]
pub(super) fn exp_neg_mul(x: f64, y: f64) -> (f64, bool) {
    exp(-(x * y))
}

/// ln(x).
#[inline(always)]
pub(super) fn log(x: f64) -> f64 {
    const LN2_HIGH: f64 = f64::from_bits(0x3FE6_2E42_FEE0_0000);
    const LN2_LOW: f64 = f64::from_bits(0x3DEA_39EF_3579_3C76);
    const L: [f64; 7] = [
        f64::from_bits(0x3FE5_5555_5555_5593),
        f64::from_bits(0x3FD9_9999_9997_FA04),
        f64::from_bits(0x3FD2_4924_9422_9359),
        f64::from_bits(0x3FCC_71C5_1D8E_78AF),
        f64::from_bits(0x3FC7_4664_96CB_03DE),
        f64::from_bits(0x3FC3_9A09_D078_C69F),
        f64::from_bits(0x3FC2_F112_DF3E_5244),
    ];
    let subnormal = x < f64::MIN_POSITIVE;
    let scaled = magnitude(x * select(subnormal, 18_014_398_509_481_984.0, 1.0));
    let m = significand(scaled);
    let upper = m >= std::f64::consts::SQRT_2;
    let k = biased_exponent(scaled) - select(subnormal, 1077.0, 1023.0) + select(upper, 1.0, 0.0);
    let f = m * select(upper, 0.5, 1.0) - 1.0;

    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * w.mul_add(w.mul_add(L[5], L[3]), L[1]);
    let odd = w.mul_add(w.mul_add(w.mul_add(L[6], L[4]), L[2]), L[0]);
    let r = z.mul_add(odd, even);
    let half = 0.5 * f * f;
    let inner = half - s.mul_add(half + r, k * LN2_LOW);
    let result = k.mul_add(LN2_HIGH, f - inner);
    let result = select(x == f64::INFINITY, x, select(x < 0.0, f64::NAN, result));
    select(x == 0.0, f64::NEG_INFINITY, select(x.is_nan(), x, result))
}
