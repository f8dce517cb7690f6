//! `Math.pow` and `**` where V8 calls the C library (Node 24 and later): its bits, in vector code where that has them.
//!
//! GLIBC, musl, Bionic and FreeBSD took `pow` from Arm's optimized routines. [`pow`] is that algorithm with the fused
//! operations that GLIBC's build for FMA makes; [`matches_library`] asks the library at hand whether it gives the same
//! bits, and if not, `pow` of the library is called lane by lane.
//!
//! The algorithm and constants are Arm's (see `pow_tables`): ln(x) in two doubles by a table of 128 centres, then e^(y ln x)
//! by a table of 128 powers of two. At most 0.54 ulp.

use std::sync::OnceLock;

use super::lane::{floor_small, integer, magnitude, select};
use super::pow_tables::{EXP, EXP_TAIL, INVERSE, LOG, LOG_TAIL};

/// ln(x) = hi + lo for a positive normal x.
#[inline(always)]
fn log(x: f64) -> (f64, f64) {
    const OFFSET: u64 = 0x3FE6_9555_0000_0000;
    const LN2_HIGH: f64 = f64::from_bits(0x3FE6_2E42_FEFA_3800);
    const LN2_LOW: f64 = f64::from_bits(0x3D2E_F357_93C7_6730);
    const A1: f64 = f64::from_bits(0xBFE5_5555_5555_5560);
    const A2: f64 = f64::from_bits(0x3FE0_0000_0000_0006);
    const A3: f64 = f64::from_bits(0x3FE9_9999_9959_554E);
    const A4: f64 = f64::from_bits(0xBFE5_5555_5529_A47A);
    const A5: f64 = f64::from_bits(0xBFF2_495B_9B48_45E9);
    const A6: f64 = f64::from_bits(0x3FF0_002B_8B26_3FC3);
    let moved = x.to_bits().wrapping_sub(OFFSET);
    let i = (moved >> 45) as usize & 127;
    let k_bits = moved & 0xFFF0_0000_0000_0000;
    // The signed exponent: biased by 2^11 it is a small positive integer.
    let k =
        f64::from_bits(((k_bits >> 52) ^ 0x800) | 0x4330_0000_0000_0000) - 4_503_599_627_372_544.0;
    let z = f64::from_bits(x.to_bits().wrapping_sub(k_bits));

    let r = z.mul_add(f64::from_bits(INVERSE[i]), -1.0);
    let t1 = k.mul_add(LN2_HIGH, f64::from_bits(LOG[i]));
    let t2 = t1 + r;
    let lo1 = k.mul_add(LN2_LOW, f64::from_bits(LOG_TAIL[i]));
    let lo2 = t1 - t2 + r;
    let ar = -0.5 * r;
    let ar2 = r * ar;
    let ar3 = r * ar2;
    let hi = t2 + ar2;
    let lo3 = ar.mul_add(r, -ar2);
    let lo4 = t2 - hi + ar2;
    let inner = ar2.mul_add(r.mul_add(A6, A5), r.mul_add(A4, A3));
    let poly = ar2.mul_add(inner, r.mul_add(A2, A1));
    let lo = ar3.mul_add(poly, lo1 + lo2 + lo3 + lo4);
    let y = hi + lo;
    (y, hi - y + lo)
}

/// e^(x + tail) for 2^-54 <= |x| < 512.
#[inline(always)]
fn exp(x: f64, tail: f64) -> f64 {
    const INVERSE_LN2: f64 = f64::from_bits(0x3FF7_1547_652B_82FE) * 128.0;
    const LN2_HIGH: f64 = f64::from_bits(0xBF76_2E42_FEFA_0000);
    const LN2_LOW: f64 = f64::from_bits(0xBD0C_F79A_BC9E_3B3A);
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    const C2: f64 = f64::from_bits(0x3FDF_FFFF_FFFF_FDBD);
    const C3: f64 = f64::from_bits(0x3FC5_5555_5555_543C);
    const C4: f64 = f64::from_bits(0x3FA5_5555_CF17_2B91);
    const C5: f64 = f64::from_bits(0x3F81_1111_67A4_D017);
    let shifted = INVERSE_LN2.mul_add(x, SHIFT);
    let k_bits = shifted.to_bits();
    let k = shifted - SHIFT;
    let r = k.mul_add(LN2_LOW, k.mul_add(LN2_HIGH, x)) + tail;
    let i = k_bits as usize & 127;
    let scale = f64::from_bits(EXP[i].wrapping_add(k_bits << 45));
    let r2 = r * r;
    let low = r2.mul_add(r.mul_add(C3, C2), f64::from_bits(EXP_TAIL[i]) + r);
    let sum = (r2 * r2).mul_add(r.mul_add(C5, C4), low);
    scale.mul_add(sum, scale)
}

/// x^y by Arm's algorithm, except in rare lanes: x not a normal number, y extreme, results near the ends of the range.
#[inline(always)]
pub(super) fn pow(x: f64, y: f64) -> (f64, bool) {
    let (ax, ay) = (magnitude(x), magnitude(y));
    let usual_x = (f64::MIN_POSITIVE..f64::INFINITY).contains(&ax);
    // Exponents below 2^31, so that integers are told by additions; 2 and 1/2 are V8's own.
    let usual_y = (1.0e-15..2_147_483_648.0).contains(&ay) & (y != 2.0) & (y != 0.5);
    let usual = usual_x & usual_y;
    let (hi, lo) = log(select(usual, ax, 1.5));
    let y_used = select(usual, y, 1.5);
    let product = y_used * hi;
    let tail = y_used.mul_add(lo, y_used.mul_add(hi, -product));
    let size = magnitude(product);
    let within = (5.551_115_123_125_783e-17..512.0).contains(&size);
    let result = exp(select(within, product, 0.5), tail);

    let negative = x < 0.0;
    let bounded = select(usual, ay, 0.0);
    let integral = floor_small(bounded) == bounded;
    let odd = integer(bounded) & 1 == 1;
    let result = select(negative & odd, -result, result);
    (
        select(negative & !integral, f64::NAN, result),
        !(usual & within),
    )
}

/// x^y as V8 asks the C library for it.
pub(super) fn pow_any(x: f64, y: f64) -> f64 {
    if y.is_nan() || (x.abs() == 1.0 && y.is_infinite()) {
        return f64::NAN;
    }
    if y == 0.0 {
        // Also for a signalling NaN, which C's function passes on.
        return 1.0;
    }
    if y == 2.0 {
        return x * x;
    }
    if y == 0.5 {
        return if x.is_infinite() {
            f64::INFINITY
        } else {
            (x + 0.0).sqrt()
        };
    }
    x.powf(y)
}

/// Whether the C library's `pow` has the bits of [`pow`]: asked once, over products y ln(x) up to 500, where a difference
/// in any step shows soonest.
pub(super) fn matches_library() -> bool {
    static MATCHES: OnceLock<bool> = OnceLock::new();
    *MATCHES.get_or_init(|| {
        let mut state = 0x9E37_79B9_7F4A_7C15u64;
        let mut uniform = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / 9_007_199_254_740_992.0
        };
        (0..16_384).all(|_| {
            let x = uniform() * 2.0 + 0.01;
            let y = (uniform() * 1000.0 - 500.0) / x.ln();
            let (value, rare) = pow(x, y);
            rare || value == x.powf(y)
        })
    })
}
