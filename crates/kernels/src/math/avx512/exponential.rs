//! `exp`: 2^k 2^(i/16) e^r, with 2^(i/16) from a table.

use super::{Doubles, Table};
use crate::math::blocks::Group;
use crate::math::fast::LN2;

/// 2^(i/16).
const POWERS: [u64; 16] = [
    0x3FF0_0000_0000_0000,
    0x3FF0_B558_6CF9_890F,
    0x3FF1_72B8_3C7D_517B,
    0x3FF2_387A_6E75_6238,
    0x3FF3_06FE_0A31_B715,
    0x3FF3_DEA6_4C12_3422,
    0x3FF4_BFDA_D536_2A27,
    0x3FF5_AB07_DD48_5429,
    0x3FF6_A09E_667F_3BCD,
    0x3FF7_A114_73EB_0187,
    0x3FF8_ACE5_422A_A0DB,
    0x3FF9_C491_82A3_F090,
    0x3FFA_E89F_995A_D3AD,
    0x3FFC_199B_DD85_529C,
    0x3FFD_5818_DCFB_A487,
    0x3FFE_A4AF_A2A4_90DA,
];

/// What those were rounded by, as parts of them.
const RESTS: [u64; 16] = [
    0,
    0x3C97_9AA6_5D83_7B6D,
    0xBC80_1B15_EAA5_9348,
    0x3C96_8EFD_E3A8_A894,
    0x3C83_4D75_4DB0_ABB6,
    0x3C85_9F48_A72A_4C6D,
    0x3C76_90CE_BB7A_AFB0,
    0x3C90_63E1_E21C_5409,
    0xBC93_B3EF_BF5E_2228,
    0xBC7B_32DC_B94D_A51D,
    0x3C8D_B72F_C1F0_EAB4,
    0x3C71_AFFC_2B91_CE27,
    0x3C8C_1A77_92CB_3387,
    0x3C73_6EAE_30AF_0CB3,
    0x3C74_A385_A63D_07A7,
    0xBC8F_F712_8FD3_91F0,
];

/// (e^r - 1 - r) / r^2 for |r| up to ln 2 / 32, by Remez's exchange: r^2 times it is off by 2^-56.
const Q: [f64; 5] = [
    f64::from_bits(0x3FE0_0000_0000_0005),
    f64::from_bits(0x3FC5_5555_5548_FE82),
    f64::from_bits(0x3FA5_5555_5545_F4A0),
    f64::from_bits(0x3F81_1123_A6BB_100A),
    f64::from_bits(0x3F56_C185_D73C_7C39),
];

/// e^x.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
pub(in crate::math) fn exp(dst: &mut Group, x: &Group) {
    of(Doubles::load(x)).store(dst);
}

/// e^-(x y), the product rounded.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
pub(in crate::math) fn exp_neg_mul(dst: &mut Group, x: &Group, y: &Group) {
    of(Doubles::load(x).times(Doubles::load(y)).negated()).store(dst);
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn of(x: Doubles) -> Doubles {
    let all = |value| Doubles::all(value);
    // Beyond these the result is infinite or zero; so it is at them.
    let x = x.at_most(all(710.0)).at_least(all(-746.0));
    // 1.5 * 2^48: adding it rounds to sixteenths, whose number then stands in the last bits.
    let round = all(422_212_465_065_984.0);
    let place = x.times_plus(all(std::f64::consts::LOG2_E), round);
    let k = place.minus(round);
    let [ln2, ln2_low] = LN2;
    let r = k.times_from(all(ln2_low), k.times_from(all(ln2), x));

    let z = r.times(r);
    let q = z.times_plus(
        z.times_plus(all(Q[4]), r.times_plus(all(Q[3]), all(Q[2]))),
        r.times_plus(all(Q[1]), all(Q[0])),
    );
    let rest = r.plus(z.times_plus(q, Table::new(&RESTS).at(place)));
    let power = Table::new(&POWERS).at(place);
    // By the whole part of k; results that are subnormal are rounded again, which is half of their last place at most.
    power.times_plus(rest, power).scaled(k)
}
