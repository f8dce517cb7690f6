//! `log` of 2^k m: k ln 2 - ln c + ln(1 + r), where c, of a table, is about 1 / m.

use super::{Doubles, Table};
use crate::math::blocks::Group;

/// About 1 / m for each sixteenth of the significands, with so few bits that c m is exact, or nearly so.
///
/// The first and the last one leave the logarithm of numbers about 1 to ln(1 + r) alone. Their neighbours keep r small where
/// it would take most of the logarithm away, as the sum is rounded twice.
const INVERSES: [u64; 16] = [
    1.0f64.to_bits(),
    (15.0f64 / 16.0).to_bits(),
    (7.0f64 / 8.0).to_bits(),
    (13.0f64 / 16.0).to_bits(),
    (25.0f64 / 32.0).to_bits(),
    (3.0f64 / 4.0).to_bits(),
    (45.0f64 / 64.0).to_bits(),
    (11.0f64 / 16.0).to_bits(),
    (21.0f64 / 32.0).to_bits(),
    (5.0f64 / 8.0).to_bits(),
    (39.0f64 / 64.0).to_bits(),
    (37.0f64 / 64.0).to_bits(),
    (9.0f64 / 16.0).to_bits(),
    (35.0f64 / 64.0).to_bits(),
    (17.0f64 / 32.0).to_bits(),
    0.5f64.to_bits(),
];

/// -ln c in multiples of 2^-42: that leaves room for a multiple of ln 2 in the same double.
const LOGARITHMS: [u64; 16] = [
    0,
    0x3FB0_8598_B59E_4000,
    0x3FC1_178E_8227_E000,
    0x3FCA_93ED_3C8A_E000,
    0x3FCF_991C_6CB3_C000,
    0x3FD2_6962_1134_E000,
    0x3FD6_8AC8_3E9C_7000,
    0x3FD7_FAFA_3BD8_1000,
    0x3FDA_F529_5248_D000,
    0x3FDE_148A_1A27_2000,
    0x3FDF_B358_AF7A_5000,
    0x3FE1_88EE_40F2_4000,
    0x3FE2_6962_1134_D800,
    0x3FE3_5028_AD9D_9000,
    0x3FE4_3D9F_F2F9_2000,
    0x3FE6_2E42_FEFA_3800,
];

/// What those were rounded by.
const LOW_LOGARITHMS: [u64; 16] = [
    0,
    0xBD17_E5DD_7009_902C,
    0x3D21_EF78_CE2D_07F2,
    0xBD28_7243_5056_2169,
    0xBD39_0D04_CD7C_C834,
    0xBD31_B61F_1052_2625,
    0xBD37_AF96_6C54_8A30,
    0x3D34_6FB7_9BF6_D4CB,
    0xBD21_7CC5_5277_4458,
    0x3D3B_3653_7E33_75B2,
    0xBD3D_EF40_B87D_36D9,
    0xBD3A_CCEC_41D5_2E6C,
    0x3D3C_93C1_DF5B_B3B6,
    0xBD3B_D1F0_1AB6_0655,
    0x3D3E_267B_0B7E_FAE1,
    0x3D2E_F357_93C7_6730,
];

/// ln 2 as the table has it, for just below 1 nothing of it must be left.
const LN2: f64 = f64::from_bits(LOGARITHMS[15]);
const LN2_LOW: f64 = f64::from_bits(LOW_LOGARITHMS[15]);

/// (ln(1 + r) - r) / r^2 for r from -0.0352 to 1/16, by Remez's exchange: r times it is off by 2^-56.
const Q: [f64; 9] = [
    f64::from_bits(0xBFDF_FFFF_FFFF_FFF4),
    f64::from_bits(0x3FD5_5555_5555_61F5),
    f64::from_bits(0xBFD0_0000_0001_F9FD),
    f64::from_bits(0x3FC9_9999_9802_E33C),
    f64::from_bits(0xBFC5_5555_2419_16B9),
    f64::from_bits(0x3FC2_492B_4DCF_D2DB),
    f64::from_bits(0xBFC0_00E8_A4E9_B01A),
    f64::from_bits(0x3FBC_67EE_AFBF_7E51),
    f64::from_bits(0xBFB6_CD2A_24D5_AB1E),
];

/// ln(x).
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
pub(in crate::math) fn log(dst: &mut Group, x: &Group) {
    let all = |value| Doubles::all(value);
    let x = Doubles::load(x);
    // The exponents of zeros and infinity are the logarithms; the significand of what is below zero is NaN.
    let (k, m) = (x.exponent(), x.significand());
    let place = m.sixteenth();
    let r = m.times_plus(Table::new(&INVERSES).at(place), all(-1.0));
    // The sum is exact.
    let high = k.times_plus(all(LN2), Table::new(&LOGARITHMS).at(place));
    let low = k.times_plus(all(LN2_LOW), Table::new(&LOW_LOGARITHMS).at(place));

    let pair = |degree: usize| r.times_plus(all(Q[degree + 1]), all(Q[degree]));
    let z = r.times(r);
    let z2 = z.times(z);
    let upper = z2.times_plus(all(Q[8]), z.times_plus(pair(6), pair(4)));
    let q = z2.times_plus(upper, z.times_plus(pair(2), pair(0)));
    high.plus(r.plus(z.times_plus(q, low))).store(dst);
}
