//! `atan2` within 1 ulp: V8's own reaches 1.4.

use super::lane::{magnitude, select, with_sign_of};
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

const HALF_PI_LOW: f64 = f64::from_bits(0x3C91_A626_3314_5C07);

/// Beyond these operands are scaled.
const LARGE: f64 = f64::from_bits(0x7E70_0000_0000_0000);
const SMALL: f64 = f64::from_bits(0x0630_0000_0000_0000);
/// 2^-600 and 2^600.
const DOWN: f64 = f64::from_bits(0x1A70_0000_0000_0000);
const UP: f64 = f64::from_bits(0x6570_0000_0000_0000);

/// atan2(y, x): the angle of the eighth of a turn that |x| and |y| span, then what that is in the whole turn. The quotient
/// that the polynomial gets and the multiples of pi/4 are two doubles each; polynomial and intervals are those of fdlibm.
#[inline(always)]
pub(super) fn atan2(y: f64, x: f64) -> f64 {
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
    let (ay, ax) = (magnitude(y), magnitude(x));
    let steep = ay > ax;
    let above = select(steep, ax, ay);
    let below = select(steep, ay, ax);
    // So that neither twice the greater one nor its inverse overflows, nor what the quotient lacks is lost. What the lesser
    // one loses, and a greater one that is scaled to infinity, belong to quotients that are zero.
    let scale = select(below > LARGE, DOWN, select(above < SMALL, UP, 1.0));
    let (above, below) = (above * scale, below * scale);
    let divides = (below > 0.0) & (below < f64::INFINITY);

    // With q = above / below: q; (2q - 1) / (2 + q); (q - 1) / (q + 1).
    let none = (above < 0.4375 * below) | (below == 0.0);
    let half = above < 0.6875 * below;
    // Exact: in each of the intervals the operands of a difference are within a factor of two.
    let over = select(
        none,
        above,
        select(half, 2.0 * above - below, above - below),
    );
    let most = select(none, 0.0, above);
    let rest = select(half, 2.0 * below, below);
    let rest = select(none, below, rest);
    let under = rest + most;
    let under_low = most - (under - rest);
    let inverse = 1.0 / under;
    let r = select(divides, over * inverse, 0.0);
    let lacks = (-r).mul_add(under_low, (-r).mul_add(under, over));
    let part = select(
        none,
        0.0,
        select(half, f64::from_bits(0x3FDD_AC67_0561_BB4F), FRAC_PI_4),
    );
    let part_low = select(
        none,
        0.0,
        select(
            half,
            f64::from_bits(0x3C7A_2B7F_222F_65E2),
            f64::from_bits(0x3C81_A626_3314_5C07),
        ),
    );
    let z = r * r;
    let w = z * z;
    let even = w.mul_add(
        w.mul_add(
            w.mul_add(w.mul_add(w.mul_add(A[10], A[8]), A[6]), A[4]),
            A[2],
        ),
        A[0],
    );
    let odd = w.mul_add(
        w.mul_add(w.mul_add(w.mul_add(A[9], A[7]), A[5]), A[3]),
        A[1],
    );
    let s = z.mul_add(even, w * odd);
    // What the quotient lacks, times the slope there, 1 / (1 + z).
    let correction = select(divides, lacks * inverse * z.mul_add(z - 1.0, 1.0), 0.0);
    let angle = r - r.mul_add(s, -correction);

    let left = x.to_bits() >> 63 == 1;
    let turn = select(steep, FRAC_PI_2, select(left, PI, 0.0));
    let turn_low = select(steep, HALF_PI_LOW, select(left, 2.0 * HALF_PI_LOW, 0.0));
    let sign = select(steep == left, 1.0, -1.0);
    // Of the four places: angle; pi/2 - angle; pi/2 + angle; pi - angle.
    let sign = select(steep | left, sign, 1.0);
    let part = sign * part;
    let sum = turn + part;
    let rounded = (turn - sum) + part;
    let result = sum + (sign.mul_add(angle, sign * part_low) + (rounded + turn_low));
    select(x.is_nan() | y.is_nan(), f64::NAN, with_sign_of(result, y))
}
