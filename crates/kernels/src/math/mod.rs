//! The mathematical functions over lanes, bit-equal to V8, and how one is written.
//!
//! A function is two plain Rust functions: a branch-free `main(x) -> (result, rare)`, which LLVM vectorises, and a
//! scalar `rare(x)` that is right everywhere. Lanes that `main` marks as rare are computed again by `rare`.

/// A function of one number over `groups` groups of lanes. `dst` overlaps no operand.
pub type Unary = unsafe fn(dst: *mut f64, x: *const f64, groups: usize);
/// A function of two numbers over `groups` groups of lanes. `dst` overlaps no operand.
pub type Binary = unsafe fn(dst: *mut f64, x: *const f64, y: *const f64, groups: usize);

/// Defines the block form of a function of one number from its two scalar ones.
#[allow(unused_macros, reason = "used by the functions of this folder")]
macro_rules! unary {
    ($(#[$meta:meta])* $name:ident, $main:path, $rare:path) => {
        $crate::isa::levels! {
            $(#[$meta])*
            pub(crate) unsafe fn $name(dst: *mut f64, x: *const f64, groups: usize) {
                for group in 0..groups {
                    // SAFETY: both blocks have `groups` groups, and `dst` is apart from `x` (see `Unary`).
                    let (dst, x) = unsafe {
                        (
                            &mut *dst.cast::<[f64; $crate::GROUP]>().add(group),
                            &*x.cast::<[f64; $crate::GROUP]>().add(group),
                        )
                    };
                    let mut any = false;
                    for lane in 0..$crate::GROUP {
                        let (value, rare) = $main(x[lane]);
                        dst[lane] = value;
                        any |= rare;
                    }
                    if any {
                        for lane in 0..$crate::GROUP {
                            if $main(x[lane]).1 {
                                dst[lane] = $rare(x[lane]);
                            }
                        }
                    }
                }
            }
        }
    };
}
#[allow(unused_imports, reason = "used by the functions of this folder")]
pub(crate) use unary;

/// Defines the block form of a function of two numbers from its two scalar ones.
#[allow(unused_macros, reason = "used by the functions of this folder")]
macro_rules! binary {
    ($(#[$meta:meta])* $name:ident, $main:path, $rare:path) => {
        $crate::isa::levels! {
            $(#[$meta])*
            pub(crate) unsafe fn $name(dst: *mut f64, x: *const f64, y: *const f64, groups: usize) {
                for group in 0..groups {
                    // SAFETY: the blocks have `groups` groups, and `dst` is apart from the operands (see `Binary`).
                    let (dst, x, y) = unsafe {
                        (
                            &mut *dst.cast::<[f64; $crate::GROUP]>().add(group),
                            &*x.cast::<[f64; $crate::GROUP]>().add(group),
                            &*y.cast::<[f64; $crate::GROUP]>().add(group),
                        )
                    };
                    let mut any = false;
                    for lane in 0..$crate::GROUP {
                        let (value, rare) = $main(x[lane], y[lane]);
                        dst[lane] = value;
                        any |= rare;
                    }
                    if any {
                        for lane in 0..$crate::GROUP {
                            if $main(x[lane], y[lane]).1 {
                                dst[lane] = $rare(x[lane], y[lane]);
                            }
                        }
                    }
                }
            }
        }
    };
}
#[allow(unused_imports, reason = "used by the functions of this folder")]
pub(crate) use binary;

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

/// The block form of a function of one number; `None`: not in this variant.
#[must_use]
pub fn unary_function(_function: Function, _variant: Variant) -> Option<crate::isa::Levels<Unary>> {
    None
}

/// The block form of a function of two numbers; `None`: not in this variant.
#[must_use]
pub fn binary_function(
    _function: Function,
    _variant: Variant,
) -> Option<crate::isa::Levels<Binary>> {
    None
}
