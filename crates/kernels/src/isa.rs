//! Levels of the instruction set, and the macro that compiles one generic body for each of them.
//!
//! A body is plain Rust that LLVM vectorises. Every level computes the same bits: Rust never contracts a multiplication
//! and an addition, so the only fused multiply-add is one that a body asks for by `mul_add`.

use std::sync::OnceLock;

/// What the machine can do, in ascending order. Other architectures than x86-64 know `Base` only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Level {
    /// What every machine of the target has (SSE2 on x86-64).
    Base = 0,
    /// AVX2 with FMA and BMI.
    Avx2 = 1,
    /// AVX-512 F, DQ, VL, BW.
    Avx512 = 2,
}

impl Level {
    /// The level of this number; `None`: there is no such level.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::Base, Self::Avx2, Self::Avx512]
            .into_iter()
            .find(|&level| level as u8 == number)
    }

    /// The highest level of this machine, detected once.
    #[must_use]
    pub fn detected() -> Self {
        static DETECTED: OnceLock<Level> = OnceLock::new();
        *DETECTED.get_or_init(detect)
    }
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Level {
    let avx2 = is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("fma")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("lzcnt")
        && is_x86_feature_detected!("popcnt");
    let avx512 = avx2
        && is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512bw");
    if avx512 {
        Level::Avx512
    } else if avx2 {
        Level::Avx2
    } else {
        Level::Base
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Level {
    Level::Base
}

/// The same function compiled for each level.
#[derive(Clone, Copy)]
pub struct Levels<F> {
    /// For [`Level::Base`].
    pub base: F,
    /// For [`Level::Avx2`].
    pub avx2: F,
    /// For [`Level::Avx512`].
    pub avx512: F,
}

impl<F: Copy> Levels<F> {
    /// The one for `level`. Calling it is sound only where `level <= Level::detected()`.
    #[inline]
    pub const fn at(&self, level: Level) -> F {
        match level {
            Level::Base => self.base,
            Level::Avx2 => self.avx2,
            Level::Avx512 => self.avx512,
        }
    }
}

/// Defines a module `name` with `TABLE: Levels<unsafe fn(..)>`: the body compiled once per level.
///
/// Everything that the body calls must be `#[inline(always)]`, or it is compiled for the base level only. The body may ask
/// for its own level by the constant `LEVEL`. Of a function with `<const NAME: type>` there is one `TABLE` for each value, by
/// `table::<value>()`.
#[allow(unused_macros, reason = "used by every folder of operations")]
macro_rules! levels {
    ($(#[$meta:meta])* $vis:vis unsafe fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $ret:ty)? $body:block) => {
        $crate::isa::levels! {
            @ [$(#[$meta])* $vis] $name [] [] ($($arg: $type),*) [$(-> $ret)?] $body
            /// The body at each level.
            pub(crate) const TABLE: $crate::isa::Levels<unsafe fn($($type),*) $(-> $ret)?> =
                $crate::isa::Levels { base, avx2, avx512 };
        }
    };
    (
        $(#[$meta:meta])* $vis:vis unsafe fn $name:ident<const $given:ident: $kind:ty>
        ($($arg:ident: $type:ty),* $(,)?) $(-> $ret:ty)? $body:block
    ) => {
        $crate::isa::levels! {
            @ [$(#[$meta])* $vis] $name [const $given: $kind] [$given] ($($arg: $type),*) [$(-> $ret)?] $body
            /// The body at each level.
            pub(crate) const fn table<const $given: $kind>() -> $crate::isa::Levels<unsafe fn($($type),*) $(-> $ret)?> {
                $crate::isa::Levels { base: base::<$given>, avx2: avx2::<$given>, avx512: avx512::<$given> }
            }
        }
    };
    (
        @ [$($front:tt)*] $name:ident [$($generic:tt)*] [$($given:ident)?]
        ($($arg:ident: $type:ty),*) [$($ret:tt)*] $body:block $table:item
    ) => {
        $($front)* mod $name {
            #[allow(unused_imports, reason = "bodies use what stands around them")]
            use super::*;

            #[inline(always)]
            #[allow(clippy::too_many_arguments, reason = "operands of one instruction")]
            unsafe fn body<const LEVEL: u8, $($generic)*>($($arg: $type),*) $($ret)* {
                // SAFETY: the caller keeps what the function asks for.
                #[allow(unused_unsafe, reason = "bodies may be safe")]
                unsafe { $body }
            }

            #[allow(clippy::too_many_arguments, reason = "operands of one instruction")]
            unsafe fn base<$($generic)*>($($arg: $type),*) $($ret)* {
                // SAFETY: as for `body`.
                unsafe { body::<{ $crate::isa::Level::Base as u8 }, $($given)?>($($arg),*) }
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt")]
            #[allow(clippy::too_many_arguments, reason = "operands of one instruction")]
            unsafe fn avx2<$($generic)*>($($arg: $type),*) $($ret)* {
                // SAFETY: as for `body`.
                unsafe { body::<{ $crate::isa::Level::Avx2 as u8 }, $($given)?>($($arg),*) }
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma,bmi1,bmi2,lzcnt,popcnt")]
            #[allow(clippy::too_many_arguments, reason = "operands of one instruction")]
            unsafe fn avx512<$($generic)*>($($arg: $type),*) $($ret)* {
                // SAFETY: as for `body`.
                unsafe { body::<{ $crate::isa::Level::Avx512 as u8 }, $($given)?>($($arg),*) }
            }

            #[cfg(not(target_arch = "x86_64"))]
            use base as avx2;
            #[cfg(not(target_arch = "x86_64"))]
            use base as avx512;

            #[allow(clippy::type_complexity, reason = "the type of the function at hand")]
            $table
        }
    };
}
#[allow(unused_imports, reason = "used by every folder of operations")]
pub(crate) use levels;
