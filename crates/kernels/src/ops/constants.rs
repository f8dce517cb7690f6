//! Bodies for operands that are the same in all lanes, as constants are: they are read once, not for each result.
//!
//! A processor that loads one vector in a cycle may multiply and add one in the same: where three operands of four are
//! constants, an operation that loads but the fourth takes down to a quarter of the time. The binary has a body for each choice
//! of constants, so only the tables that compute with doubles do this (see [`super::lanes::ops`]).

use super::Op;
use super::lanes::{each1, each2, each3, each4, lanes, lanes_mut};
use crate::isa::Levels;

/// Bit of each operand.
const A: u8 = 1;
const B: u8 = 2;
const C: u8 = 4;
const D: u8 = 8;

/// # Safety
/// The register has a lane.
#[inline(always)]
unsafe fn first<T: Copy>(register: *const u8) -> T {
    // SAFETY: promised by the caller.
    unsafe { *register.cast() }
}

/// Runs `$each` over the lanes of some operands, and captures the first lanes of the others: LLVM then keeps them in registers,
/// and finds the same loops to vectorise as where there are no constants.
macro_rules! over {
    ($f:ident($($operand:ident),+), $dst:ident, $groups:ident, $each:ident($($lanes:ident),+) $(, $same:ident)*) => {{
        $(let $same = first($same);)*
        $each(
            lanes_mut($dst, $groups),
            $(lanes($lanes, $groups),)+
            |$($lanes),+| $f($($operand),+),
        );
    }};
}

/// One result of each lane of `a`.
///
/// # Safety
/// The registers have so many groups, and at least one; `dst` is apart from the others.
#[inline(always)]
pub(crate) unsafe fn registers1<const SAME: u8, R, P: Copy>(
    dst: *mut u8,
    [a]: [*const u8; 1],
    groups: usize,
    f: impl Fn(P) -> R,
) {
    const { assert!(SAME == 0) };
    // SAFETY: promised by the caller.
    unsafe { each1(lanes_mut(dst, groups), lanes(a, groups), f) };
}

/// One result of `a` and `b`, of which those in `SAME` have the same in all lanes.
///
/// # Safety
/// As for [`registers1`].
#[inline(always)]
pub(crate) unsafe fn registers2<const SAME: u8, R, P: Copy, Q: Copy>(
    dst: *mut u8,
    [a, b]: [*const u8; 2],
    groups: usize,
    f: impl Fn(P, Q) -> R,
) {
    const { assert!(SAME < A | B) };
    // SAFETY: promised by the caller.
    unsafe {
        match SAME {
            A => over!(f(a, b), dst, groups, each1(b), a),
            B => over!(f(a, b), dst, groups, each1(a), b),
            _ => over!(f(a, b), dst, groups, each2(a, b)),
        }
    }
}

/// One result of `a`, `b` and `c`, likewise.
///
/// # Safety
/// As for [`registers1`].
#[inline(always)]
pub(crate) unsafe fn registers3<const SAME: u8, R, P: Copy, Q: Copy, S: Copy>(
    dst: *mut u8,
    [a, b, c]: [*const u8; 3],
    groups: usize,
    f: impl Fn(P, Q, S) -> R,
) {
    const { assert!(SAME < A | B | C) };
    const AB: u8 = A | B;
    const AC: u8 = A | C;
    const BC: u8 = B | C;
    // SAFETY: promised by the caller.
    unsafe {
        match SAME {
            A => over!(f(a, b, c), dst, groups, each2(b, c), a),
            B => over!(f(a, b, c), dst, groups, each2(a, c), b),
            C => over!(f(a, b, c), dst, groups, each2(a, b), c),
            AB => over!(f(a, b, c), dst, groups, each1(c), a, b),
            AC => over!(f(a, b, c), dst, groups, each1(b), a, c),
            BC => over!(f(a, b, c), dst, groups, each1(a), b, c),
            _ => over!(f(a, b, c), dst, groups, each3(a, b, c)),
        }
    }
}

/// One result of `a`, `b`, `c` and `d`, likewise.
///
/// # Safety
/// As for [`registers1`].
#[inline(always)]
pub(crate) unsafe fn registers4<const SAME: u8, R, P: Copy, Q: Copy, S: Copy, T: Copy>(
    dst: *mut u8,
    [a, b, c, d]: [*const u8; 4],
    groups: usize,
    f: impl Fn(P, Q, S, T) -> R,
) {
    const { assert!(SAME < A | B | C | D) };
    const AB: u8 = A | B;
    const AC: u8 = A | C;
    const AD: u8 = A | D;
    const BC: u8 = B | C;
    const BD: u8 = B | D;
    const CD: u8 = C | D;
    const ABC: u8 = A | B | C;
    const ABD: u8 = A | B | D;
    const ACD: u8 = A | C | D;
    const BCD: u8 = B | C | D;
    // SAFETY: promised by the caller.
    unsafe {
        match SAME {
            A => over!(f(a, b, c, d), dst, groups, each3(b, c, d), a),
            B => over!(f(a, b, c, d), dst, groups, each3(a, c, d), b),
            C => over!(f(a, b, c, d), dst, groups, each3(a, b, d), c),
            D => over!(f(a, b, c, d), dst, groups, each3(a, b, c), d),
            AB => over!(f(a, b, c, d), dst, groups, each2(c, d), a, b),
            AC => over!(f(a, b, c, d), dst, groups, each2(b, d), a, c),
            AD => over!(f(a, b, c, d), dst, groups, each2(b, c), a, d),
            BC => over!(f(a, b, c, d), dst, groups, each2(a, d), b, c),
            BD => over!(f(a, b, c, d), dst, groups, each2(a, c), b, d),
            CD => over!(f(a, b, c, d), dst, groups, each2(a, b), c, d),
            ABC => over!(f(a, b, c, d), dst, groups, each1(d), a, b, c),
            ABD => over!(f(a, b, c, d), dst, groups, each1(c), a, b, d),
            ACD => over!(f(a, b, c, d), dst, groups, each1(b), a, c, d),
            BCD => over!(f(a, b, c, d), dst, groups, each1(a), b, c, d),
            _ => over!(f(a, b, c, d), dst, groups, each4(a, b, c, d)),
        }
    }
}

/// Without AVX2 a machine takes the body for lanes: few are so old, and the binary would be larger by as much as for AVX2.
pub(crate) const fn from_avx2_on(constants: Levels<Op>, lanes: Levels<Op>) -> Levels<Op> {
    if cfg!(target_arch = "x86_64") {
        Levels {
            base: lanes.base,
            ..constants
        }
    } else {
        constants
    }
}

/// The bodies of an operation by which of its operands are the same in all lanes. Not where all are: front ends compute
/// those themselves.
macro_rules! by_same {
    ($body:ident, lanes, $($operand:ident)+) => { [$body::table::<0>()] };
    ($body:ident, constants, $a:ident) => { $crate::ops::constants::by_same!($body: 0) };
    ($body:ident, constants, $a:ident $b:ident) => { $crate::ops::constants::by_same!($body: 0 1 2) };
    ($body:ident, constants, $a:ident $b:ident $c:ident) => { $crate::ops::constants::by_same!($body: 0 1 2 3 4 5 6) };
    ($body:ident, constants, $a:ident $b:ident $c:ident $d:ident) => {
        $crate::ops::constants::by_same!($body: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14)
    };
    ($body:ident: $($same:literal)+) => {
        [$($crate::ops::constants::from_avx2_on($body::table::<$same>(), $body::table::<0>())),+]
    };
}
pub(crate) use by_same;
