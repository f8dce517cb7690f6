//! The block form of each function: its body over groups of lanes, compiled for every level.

#[cfg(target_arch = "x86_64")]
use super::avx512;
use super::fast as fast_bodies;
use super::{Binary, Function, Unary};
use super::{
    cbrt, exponential, hyperbolic, inverse_trigonometric, logarithm, pow_fdlibm as fdlibm_pow,
};
use super::{fast_atan2, fast_hyperbolic, fast_logarithmic};
use super::{pow_libm as library_pow, trigonometric};
use crate::isa::Levels;

/// Defines the block form of a function of one number: of a body that is right everywhere, or of one that also says
/// which lanes are rare, and one that is right there.
///
/// The loops stand in functions of references, so that LLVM knows the operands apart and makes no scalar copy of them.
macro_rules! unary {
    ($name:ident, $main:path) => {
        unary!(@ $name, {
            for lane in 0..$crate::GROUP {
                dst[lane] = $main(x[lane]);
            }
        }, dst, x);
    };
    ($name:ident, $main:path, $rare:path) => {
        unary!(@ $name, {
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
        }, dst, x);
    };
    (@ $name:ident, $loops:block, $dst:ident, $x:ident) => {
        $crate::isa::levels! {
            pub(super) unsafe fn $name(dst: *mut f64, x: *const f64, groups: usize) {
                #[inline(always)]
                fn run($dst: &mut Group, $x: &Group) $loops

                for group in 0..groups {
                    // SAFETY: both blocks have `groups` groups, and `dst` is apart from `x` (see `Unary`).
                    unsafe { run(group_mut(dst, group), group_of(x, group)) };
                }
            }
        }
    };
}

/// Defines the block form of a function of two numbers, likewise.
macro_rules! binary {
    ($name:ident, $main:path) => {
        binary!(@ $name, {
            for lane in 0..$crate::GROUP {
                dst[lane] = $main(x[lane], y[lane]);
            }
        }, dst, x, y);
    };
    ($name:ident, $main:path, $rare:path) => {
        binary!(@ $name, {
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
        }, dst, x, y);
    };
    (@ $name:ident, $loops:block, $dst:ident, $x:ident, $y:ident) => {
        $crate::isa::levels! {
            pub(super) unsafe fn $name(dst: *mut f64, x: *const f64, y: *const f64, groups: usize) {
                #[inline(always)]
                fn run($dst: &mut Group, $x: &Group, $y: &Group) $loops

                for group in 0..groups {
                    // SAFETY: the blocks have `groups` groups, and `dst` is apart from the operands (see `Binary`).
                    unsafe { run(group_mut(dst, group), group_of(x, group), group_of(y, group)) };
                }
            }
        }
    };
}

/// Defines the block form of a function, of one number or of `x` and `y`, whose body, for AVX-512, takes a whole group.
#[cfg(target_arch = "x86_64")]
macro_rules! avx512 {
    ($name:ident $(, $y:ident)?) => {
        /// # Safety
        /// As for [`Unary`] or [`Binary`], on a machine with AVX-512.
        #[target_feature(enable = "avx512f,avx512dq")]
        unsafe fn $name(dst: *mut f64, x: *const f64, $($y: *const f64,)? groups: usize) {
            for group in 0..groups {
                // SAFETY: the blocks have `groups` groups, and `dst` is apart from the operands (see `Unary` and `Binary`).
                unsafe {
                    avx512::$name(
                        group_mut(dst, group),
                        group_of(x, group),
                        $(group_of($y, group),)?
                    );
                };
            }
        }
    };
}

/// Lanes that a body handles at a time.
pub(super) type Group = [f64; crate::GROUP];

/// # Safety
/// `block` has more than `group` groups and lives as long as the caller uses the result.
#[inline(always)]
unsafe fn group_of<'a>(block: *const f64, group: usize) -> &'a Group {
    // SAFETY: the caller's promise.
    unsafe { &*block.cast::<Group>().add(group) }
}

/// # Safety
/// As for `group_of`, and nothing else refers to the group meanwhile.
#[inline(always)]
unsafe fn group_mut<'a>(block: *mut f64, group: usize) -> &'a mut Group {
    // SAFETY: the caller's promise.
    unsafe { &mut *block.cast::<Group>().add(group) }
}

unary!(sin, trigonometric::sin, trigonometric::sin_any);
unary!(cos, trigonometric::cos, trigonometric::cos_any);
unary!(tan, trigonometric::tan, trigonometric::tan_any);
unary!(asin, inverse_trigonometric::asin);
unary!(acos, inverse_trigonometric::acos);
unary!(atan, inverse_trigonometric::atan);
unary!(sinh, hyperbolic::sinh);
unary!(cosh, hyperbolic::cosh);
unary!(tanh, hyperbolic::tanh);
unary!(asinh, hyperbolic::asinh);
unary!(acosh, hyperbolic::acosh);
unary!(atanh, hyperbolic::atanh);
unary!(exp, exponential::exp);
unary!(expm1, exponential::expm1);
unary!(log, logarithm::log);
unary!(log1p, logarithm::log1p);
unary!(log2, logarithm::log2);
unary!(log10, logarithm::log10);
unary!(cube_root, cbrt::cbrt);
binary!(atan2, inverse_trigonometric::atan2);
binary!(pow_fdlibm, fdlibm_pow::pow, fdlibm_pow::pow_any);
binary!(pow_libm, library_pow::pow, library_pow::pow_any);
binary!(pow_library, library_pow::pow_any);
binary!(atan2_fast, fast_atan2::atan2);
binary!(exp_neg_mul, exponential::exp_neg_mul);
binary!(
    exp_neg_mul_fast,
    fast_bodies::exp_neg_mul,
    exponential::exp_neg_mul
);
unary!(sin_fast, fast_bodies::sin, trigonometric::sin_any);
unary!(cos_fast, fast_bodies::cos, trigonometric::cos_any);
unary!(exp_fast, fast_bodies::exp, exponential::exp);
unary!(log_fast, fast_bodies::log);
unary!(sinh_fast, fast_hyperbolic::sinh);
unary!(cosh_fast, fast_hyperbolic::cosh);
unary!(tanh_fast, fast_hyperbolic::tanh);
unary!(asinh_fast, fast_logarithmic::asinh);
unary!(acosh_fast, fast_logarithmic::acosh);
unary!(atanh_fast, fast_logarithmic::atanh);
unary!(log10_fast, fast_logarithmic::log10);

/// The ported functions of one number.
pub(super) fn fdlibm(function: Function) -> Option<Levels<Unary>> {
    Some(match function {
        Function::Sin => sin::TABLE,
        Function::Cos => cos::TABLE,
        Function::Tan => tan::TABLE,
        Function::Asin => asin::TABLE,
        Function::Acos => acos::TABLE,
        Function::Atan => atan::TABLE,
        Function::Sinh => sinh::TABLE,
        Function::Cosh => cosh::TABLE,
        Function::Tanh => tanh::TABLE,
        Function::Asinh => asinh::TABLE,
        Function::Acosh => acosh::TABLE,
        Function::Atanh => atanh::TABLE,
        Function::Exp => exp::TABLE,
        Function::Expm1 => expm1::TABLE,
        Function::Log => log::TABLE,
        Function::Log1p => log1p::TABLE,
        Function::Log2 => log2::TABLE,
        Function::Log10 => log10::TABLE,
        Function::Cbrt => cube_root::TABLE,
        Function::Pow | Function::Atan2 | Function::ExpNegMul => return None,
    })
}

/// The faster bodies of functions of one number. Without fused operations they would be slow, so the base level of x86-64
/// has the ported ones.
pub(super) fn fast(function: Function) -> Option<Levels<Unary>> {
    let levels = match function {
        Function::Sin => sin_fast::TABLE,
        Function::Cos => cos_fast::TABLE,
        Function::Exp => exp_fast::TABLE,
        Function::Log => log_fast::TABLE,
        Function::Sinh => sinh_fast::TABLE,
        Function::Cosh => cosh_fast::TABLE,
        Function::Tanh => tanh_fast::TABLE,
        Function::Asinh => asinh_fast::TABLE,
        Function::Acosh => acosh_fast::TABLE,
        Function::Atanh => atanh_fast::TABLE,
        Function::Log10 => log10_fast::TABLE,
        _ => return None,
    };
    Some(with_base_of(
        with_own_avx512(function, levels),
        fdlibm(function)?,
    ))
}

/// The faster `pow`: the C library's algorithm, wherever the bits of its build are.
pub(super) fn fast_pow() -> Levels<Binary> {
    with_base_of(pow_libm::TABLE, pow_fdlibm::TABLE)
}

/// The faster `atan2`.
pub(super) fn fast_atan2() -> Levels<Binary> {
    with_base_of(atan2_fast::TABLE, atan2::TABLE)
}

/// The faster `exp` of a negative product.
pub(super) fn fast_exp_neg_mul() -> Levels<Binary> {
    let levels = exp_neg_mul_fast::TABLE;
    #[cfg(target_arch = "x86_64")]
    let levels = {
        avx512!(exp_neg_mul, y);
        let avx512: Binary = exp_neg_mul;
        Levels { avx512, ..levels }
    };
    with_base_of(levels, self::exp_neg_mul::TABLE)
}

/// Bodies written for AVX-512 in place of those compiled for it.
#[cfg(target_arch = "x86_64")]
fn with_own_avx512(function: Function, levels: Levels<Unary>) -> Levels<Unary> {
    avx512!(sin);
    avx512!(cos);
    avx512!(exp);
    avx512!(log);

    let avx512: Unary = match function {
        Function::Sin => sin,
        Function::Cos => cos,
        Function::Exp => exp,
        Function::Log => log,
        _ => return levels,
    };
    Levels { avx512, ..levels }
}

#[cfg(not(target_arch = "x86_64"))]
fn with_own_avx512(_: Function, levels: Levels<Unary>) -> Levels<Unary> {
    levels
}

fn with_base_of<F: Copy>(levels: Levels<F>, ported: Levels<F>) -> Levels<F> {
    if cfg!(target_arch = "x86_64") {
        Levels {
            base: ported.base,
            ..levels
        }
    } else {
        levels
    }
}

#[cfg(test)]
mod tests {
    use super::{fast, fast_exp_neg_mul};
    use crate::GROUP;
    use crate::isa::Level;
    use crate::math::Function;

    #[test]
    fn exp_of_a_negative_product_has_the_bits_of_one_after_the_other() {
        let (pair, exp) = (fast_exp_neg_mul(), fast(Function::Exp).unwrap());
        let special = [
            0.0,
            -0.0,
            f64::INFINITY,
            f64::NAN,
            1e-320,
            26.7,
            -27.3,
            1e200,
        ];
        for level in [Level::Base, Level::Avx2, Level::Avx512] {
            if level > Level::detected() {
                continue;
            }
            for first in special {
                let x = [first; GROUP];
                let y: [f64; GROUP] = std::array::from_fn(|lane| {
                    special
                        .get(lane)
                        .copied()
                        .unwrap_or(lane as f64 * 1.7 - 30.0)
                });
                let product: [f64; GROUP] = std::array::from_fn(|lane| -(x[lane] * y[lane]));
                let (mut found, mut expected) = ([0.0; GROUP], [0.0; GROUP]);
                // SAFETY: a group each, apart from each other; the machine has the level.
                unsafe {
                    pair.at(level)(found.as_mut_ptr(), x.as_ptr(), y.as_ptr(), 1);
                    exp.at(level)(expected.as_mut_ptr(), product.as_ptr(), 1);
                }
                let bits = |values: [f64; GROUP]| {
                    values.map(|value| if value.is_nan() { 1 } else { value.to_bits() })
                };
                assert_eq!(bits(found), bits(expected), "{first} at {level:?}");
            }
        }
    }
}
