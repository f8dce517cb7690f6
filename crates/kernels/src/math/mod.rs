//! The mathematical functions over lanes, bit-equal to V8, and how one is written.
//!
//! A function is a branch-free body of one element, which LLVM vectorises. Where it cannot be right everywhere, it also
//! says which lanes are rare, and a scalar function computes those again.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod blocks;
mod cbrt;
mod evaluate;
mod exponential;
mod fast;
mod fast_atan2;
mod fast_hyperbolic;
mod fast_logarithmic;
mod hyperbolic;
mod inverse_trigonometric;
mod lane;
mod logarithm;
mod pi_reduction;
mod pow_fdlibm;
mod pow_libm;
mod pow_tables;
mod probe;
mod trigonometric;

use crate::isa::Levels;

pub use evaluate::evaluate;
pub use probe::{PROBES, Probes};

/// A function of one number over `groups` groups of lanes. `dst` overlaps no operand.
pub type Unary = unsafe fn(dst: *mut f64, x: *const f64, groups: usize);
/// A function of two numbers over `groups` groups of lanes. `dst` overlaps no operand.
pub type Binary = unsafe fn(dst: *mut f64, x: *const f64, y: *const f64, groups: usize);

/// The functions, by the numbers that programs use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Function {
    /// `Math.sin`
    Sin = 0,
    /// `Math.cos`
    Cos = 1,
    /// `Math.tan`
    Tan = 2,
    /// `Math.asin`
    Asin = 3,
    /// `Math.acos`
    Acos = 4,
    /// `Math.atan`
    Atan = 5,
    /// `Math.sinh`
    Sinh = 6,
    /// `Math.cosh`
    Cosh = 7,
    /// `Math.tanh`
    Tanh = 8,
    /// `Math.asinh`
    Asinh = 9,
    /// `Math.acosh`
    Acosh = 10,
    /// `Math.atanh`
    Atanh = 11,
    /// `Math.exp`
    Exp = 12,
    /// `Math.expm1`
    Expm1 = 13,
    /// `Math.log`
    Log = 14,
    /// `Math.log1p`
    Log1p = 15,
    /// `Math.log2`
    Log2 = 16,
    /// `Math.log10`
    Log10 = 17,
    /// `Math.cbrt`
    Cbrt = 18,
    /// `Math.pow` and `**`
    Pow = 19,
    /// `Math.atan2`
    Atan2 = 20,
    /// `Math.exp(-(x * y))`, rounded as one after the other: a program's shortest way to normal distributions and decay.
    ExpNegMul = 21,
}

impl Function {
    const ALL: [Self; 22] = [
        Self::Sin,
        Self::Cos,
        Self::Tan,
        Self::Asin,
        Self::Acos,
        Self::Atan,
        Self::Sinh,
        Self::Cosh,
        Self::Tanh,
        Self::Asinh,
        Self::Acosh,
        Self::Atanh,
        Self::Exp,
        Self::Expm1,
        Self::Log,
        Self::Log1p,
        Self::Log2,
        Self::Log10,
        Self::Cbrt,
        Self::Pow,
        Self::Atan2,
        Self::ExpNegMul,
    ];

    /// The function of this number; `None`: there is none.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|&function| function as u8 == number)
    }
}

/// Which implementation of a function runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Variant {
    /// Ported from fdlibm: the bits of V8 up to Node 26, `pow` up to Node 22.
    Fdlibm = 0,
    /// Correctly rounded (or the C library's own `pow`): for a V8 whose bits are those.
    Rounded = 1,
    /// Within 1 ulp, about twice as fast.
    Fast = 2,
}

impl Variant {
    /// The variant of this number; `None`: there is none.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::Fdlibm, Self::Rounded, Self::Fast]
            .into_iter()
            .find(|&variant| variant as u8 == number)
    }
}

/// The block form of a function of one number; `None`: not in this variant.
#[must_use]
pub fn unary_function(function: Function, variant: Variant) -> Option<Levels<Unary>> {
    match variant {
        Variant::Fdlibm => blocks::fdlibm(function),
        Variant::Fast => blocks::fast(function),
        Variant::Rounded => None,
    }
}

/// The block form of a function of two numbers; `None`: not in this variant.
#[must_use]
pub fn binary_function(function: Function, variant: Variant) -> Option<Levels<Binary>> {
    match (function, variant) {
        (Function::Atan2, Variant::Fdlibm) => Some(blocks::atan2::TABLE),
        (Function::Pow, Variant::Fdlibm) => Some(blocks::pow_fdlibm::TABLE),
        (Function::Pow, Variant::Rounded) if pow_libm::matches_library() => {
            Some(blocks::pow_libm::TABLE)
        }
        (Function::Pow, Variant::Rounded) => Some(blocks::pow_library::TABLE),
        (Function::Pow, Variant::Fast) => Some(blocks::fast_pow()),
        (Function::Atan2, Variant::Fast) => Some(blocks::fast_atan2()),
        (Function::ExpNegMul, Variant::Fast) => Some(blocks::fast_exp_neg_mul()),
        _ => None,
    }
}
