//! Branch-free pieces that the function bodies are made of: selects, words of a double, small integers as doubles.
//!
//! A body is written for one element; LLVM turns the loop over it into vector code. So nothing here may branch or call
//! a library: rounding uses additions of 2^52, which every instruction set vectorises, and comparisons with fdlibm's
//! "high word" constants are comparisons of doubles whose low word is zero.

/// `c ? a : b` without a branch, which LLVM would thread through what follows and so double it.
#[inline(always)]
pub(super) fn select(c: bool, a: f64, b: f64) -> f64 {
    std::hint::select_unpredictable(c, a, b)
}

/// The double with this high word and a zero low word.
#[inline(always)]
pub(super) const fn from_high(high: u32) -> f64 {
    f64::from_bits((high as u64) << 32)
}

/// `x` with its low word cleared.
#[inline(always)]
pub(super) fn high_part(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0xFFFF_FFFF_0000_0000)
}

const SIGN: u64 = 1 << 63;
const TWO_52: f64 = 4_503_599_627_370_496.0;

/// |x|, also where `f64::abs` would not be vectorised.
#[inline(always)]
pub(super) fn magnitude(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & !SIGN)
}

/// `x` with its sign flipped where `y` is negative.
#[inline(always)]
pub(super) fn with_sign_of(x: f64, y: f64) -> f64 {
    f64::from_bits(x.to_bits() ^ (y.to_bits() & SIGN))
}

/// floor(v) for 0 <= v < 2^51.
#[inline(always)]
pub(super) fn floor_small(v: f64) -> f64 {
    let nearest = (v + TWO_52) - TWO_52;
    nearest - select(nearest > v, 1.0, 0.0)
}

/// The integer of a double that holds one, 0 <= v < 2^51.
#[inline(always)]
pub(super) fn integer(v: f64) -> u64 {
    (v + TWO_52).to_bits() & 0x000F_FFFF_FFFF_FFFF
}

/// The double of an integer below 2^52.
#[inline(always)]
pub(super) fn double(n: u64) -> f64 {
    f64::from_bits(n | 0x4330_0000_0000_0000) - TWO_52
}

/// 2^k for an integral double -1022 <= k <= 1023.
#[inline(always)]
pub(super) fn power_of_two(k: f64) -> f64 {
    f64::from_bits(integer(k + 1023.0) << 52)
}

/// The biased exponent of a non-negative double, as a double.
#[inline(always)]
pub(super) fn biased_exponent(x: f64) -> f64 {
    double(x.to_bits() >> 52)
}

/// The significand of a positive normal double, in [1, 2).
#[inline(always)]
pub(super) fn significand(x: f64) -> f64 {
    f64::from_bits((x.to_bits() & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000)
}
