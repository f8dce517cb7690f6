//! `sin` and `cos`: the sine of a sum, of a multiple of pi/16 from a table and of what is left.

use super::{Doubles, Table};
use crate::math::blocks::Group;
use crate::math::fast::{HALF_PI, NEAR};
use crate::math::trigonometric::{cos_any, sin_any};

/// sin(x).
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
pub(in crate::math) fn sin(dst: &mut Group, x: &Group) {
    sine::<0>(dst, x, sin_any);
}

/// cos(x).
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
pub(in crate::math) fn cos(dst: &mut Group, x: &Group) {
    // The sine of half of pi more.
    sine::<8>(dst, x, cos_any);
}

/// sin(x + AHEAD pi/16); from [`NEAR`] on, `far` of x.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn sine<const AHEAD: i32>(dst: &mut Group, x: &Group, far: fn(f64) -> f64) {
    let lanes = Doubles::load(x);
    let any_far = lanes.any_reaches(NEAR);
    near::<AHEAD>(lanes).store(dst);
    if any_far {
        replace_far(dst, x, far);
    }
}

#[cold]
fn replace_far(dst: &mut Group, x: &Group, far: fn(f64) -> f64) {
    for (result, &x) in dst.iter_mut().zip(x) {
        // The others include NaN.
        if x.abs() >= NEAR {
            *result = far(x);
        }
    }
}

/// pi/16 in three doubles.
const SIXTEENTH: [f64; 3] = [HALF_PI[0] / 8.0, HALF_PI[1] / 8.0, HALF_PI[2] / 8.0];

/// sin(i pi/16). The negative zero has a sum with either zero that is this.
const SINES: [u64; 16] = [
    0x8000_0000_0000_0000,
    0x3FC8_F8B8_3C69_A60B,
    0x3FD8_7DE2_A6AE_A963,
    0x3FE1_C73B_39AE_68C8,
    0x3FE6_A09E_667F_3BCD,
    0x3FEA_9B66_290E_A1A3,
    0x3FED_906B_CF32_8D46,
    0x3FEF_6297_CFF7_5CB0,
    0x3FF0_0000_0000_0000,
    0x3FEF_6297_CFF7_5CB0,
    0x3FED_906B_CF32_8D46,
    0x3FEA_9B66_290E_A1A3,
    0x3FE6_A09E_667F_3BCD,
    0x3FE1_C73B_39AE_68C8,
    0x3FD8_7DE2_A6AE_A963,
    0x3FC8_F8B8_3C69_A60B,
];

/// What those were rounded by.
const LOW_SINES: [u64; 16] = [
    0,
    0xBC62_6D19_B9FF_8D82,
    0xBC67_2CED_D3D5_A610,
    0x3C8B_25DD_267F_6600,
    0xBC8B_DD34_13B2_6456,
    0x3C39_F630_E8B6_DAC8,
    0x3C74_57E6_1023_1AC2,
    0x3C75_6217_2A36_1FD3,
    0,
    0x3C75_6217_2A36_1FD3,
    0x3C74_57E6_1023_1AC2,
    0x3C39_F630_E8B6_DAC8,
    0xBC8B_DD34_13B2_6456,
    0x3C8B_25DD_267F_6600,
    0xBC67_2CED_D3D5_A610,
    0xBC62_6D19_B9FF_8D82,
];

/// cos(i pi/16): the sines of a quarter of the circle more.
const COSINES: [u64; 16] = {
    let mut cosines = [0; 16];
    let mut i = 0;
    while i < 8 {
        cosines[i] = SINES[8 + i];
        if i > 0 {
            cosines[8 + i] = SINES[i] ^ (1 << 63);
        }
        i += 1;
    }
    cosines
};

/// (sin(r) - r) / r^3 in powers of r^2, for |r| up to pi/32; by Remez's exchange, as the next.
const SINE: [f64; 4] = [
    f64::from_bits(0xBFC5_5555_5555_5555),
    f64::from_bits(0x3F81_1111_1110_EE5A),
    f64::from_bits(0xBF2A_01A0_0F22_2595),
    f64::from_bits(0x3EC7_1C97_D449_D1A5),
];

/// (cos(r) - 1) / r^2 likewise.
const COSINE: [f64; 4] = [
    -0.5,
    f64::from_bits(0x3FA5_5555_5555_3B4B),
    f64::from_bits(0xBF56_C16C_0E66_8181),
    f64::from_bits(0x3EFA_0033_17D0_BDCF),
];

/// sin(x + AHEAD pi/16) of magnitudes below [`NEAR`].
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn near<const AHEAD: i32>(x: Doubles) -> Doubles {
    let all = |value| Doubles::all(value);
    // 1.5 * 2^52: adding it rounds to an integer, which then stands in the last bits, `AHEAD` added.
    let round = all(6_755_399_441_055_744.0 + f64::from(AHEAD));
    let place = x.times_plus(all(8.0 * std::f64::consts::FRAC_2_PI), round);
    let n = place.minus(round);
    // x - n pi/16 in two doubles, as `reduce` of `fast` has it.
    let t = n.times_from(all(SIXTEENTH[0]), x);
    let r = t.minus(n.times(all(SIXTEENTH[1])));
    let low = n.times_from(all(SIXTEENTH[1]), t.minus(r));
    let low = n.times_from(all(SIXTEENTH[2]), low);

    // sine + cosine r and what it was rounded up by: the sine is zero, or between half of the sum and twice of it, so the
    // difference to it is exact, and nearly cosine r.
    let sine = Table::new(&SINES).at(place);
    let cosine = Table::new(&COSINES).at(place);
    let sum = cosine.times_plus(r, sine);
    let product = sum.minus(sine);
    let excess = cosine.times_from(r, product);
    let excess = cosine.times_from(low, excess);
    // sine (cos(r) - 1) + cosine (sin(r) - r)
    let z = r.times(r);
    let rest = sine.times_plus(z.cubic(COSINE), product.times(z.cubic(SINE)));
    let rest = z.times_plus(rest, Table::new(&LOW_SINES).at(place));
    // Taking a positive zero away leaves the sign of zero.
    let value = sum.minus(excess.minus(rest));
    // Another half of the circle turns the sign.
    value.turned(place.fifth_as_sign())
}
