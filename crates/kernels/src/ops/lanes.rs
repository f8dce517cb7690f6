//! How a body is written: a scalar expression over lanes, compiled for each level.

use crate::GROUP;

// The references carry LLVM's promise that the destination overlaps no operand, without which it would not vectorise; and
// the loops have no constant length, or it would unroll them before it looks for vectors.

/// The lanes of a register.
///
/// # Safety
/// `groups` groups of lanes are there, aligned and initialised, and nobody writes them during `'a`.
#[inline(always)]
pub(crate) unsafe fn lanes<'a, T>(register: *const u8, groups: usize) -> &'a [T] {
    // SAFETY: promised by the caller.
    unsafe { std::slice::from_raw_parts(register.cast(), groups * GROUP) }
}

/// The lanes of a register that is written.
///
/// # Safety
/// As for [`lanes`], and nobody else reads them during `'a`.
#[inline(always)]
pub(crate) unsafe fn lanes_mut<'a, T>(register: *mut u8, groups: usize) -> &'a mut [T] {
    // SAFETY: promised by the caller.
    unsafe { std::slice::from_raw_parts_mut(register.cast(), groups * GROUP) }
}

// Plain indices over slices cut to one length: through zipped iterators the promise gets lost on the way, and every call
// would compare addresses before it may use vectors.

#[inline(always)]
pub(crate) fn each1<D, A: Copy>(dst: &mut [D], a: &[A], f: impl Fn(A) -> D) {
    let n = dst.len();
    let a = &a[..n];
    for i in 0..n {
        dst[i] = f(a[i]);
    }
}

#[inline(always)]
pub(crate) fn each2<D, A: Copy, B: Copy>(dst: &mut [D], a: &[A], b: &[B], f: impl Fn(A, B) -> D) {
    let n = dst.len();
    let (a, b) = (&a[..n], &b[..n]);
    for i in 0..n {
        dst[i] = f(a[i], b[i]);
    }
}

#[inline(always)]
pub(crate) fn each3<D, A: Copy, B: Copy, C: Copy>(
    dst: &mut [D],
    a: &[A],
    b: &[B],
    c: &[C],
    f: impl Fn(A, B, C) -> D,
) {
    let n = dst.len();
    let (a, b, c) = (&a[..n], &b[..n], &c[..n]);
    for i in 0..n {
        dst[i] = f(a[i], b[i], c[i]);
    }
}

#[inline(always)]
pub(crate) fn each4<D, A: Copy, B: Copy, C: Copy, E: Copy>(
    dst: &mut [D],
    a: &[A],
    b: &[B],
    c: &[C],
    d: &[E],
    f: impl Fn(A, B, C, E) -> D,
) {
    let n = dst.len();
    let (a, b, c, d) = (&a[..n], &b[..n], &c[..n], &d[..n]);
    for i in 0..n {
        dst[i] = f(a[i], b[i], c[i], d[i]);
    }
}

/// Defines a table `OPS` of operations: `"name" fn ident(a: type, ...) -> type { expression }`.
macro_rules! ops {
    ($($name:literal fn $ident:ident ($($arg:ident : $type:ty),+) -> $dst:ty { $value:expr })*) => {
        $($crate::ops::lanes::op!($ident ($($arg : $type),+) -> $dst { $value });)*
        pub(crate) const OPS: &[$crate::ops::Entry] = &[
            $($crate::ops::Entry {
                name: $name,
                operands: &[$(size_of::<$type>() as u8),+],
                body: $ident::TABLE,
            }),*
        ];
    };
}
pub(crate) use ops;

/// Defines one operation as a module with its `TABLE`.
macro_rules! op {
    ($ident:ident ($a:ident : $at:ty) -> $dst:ty { $value:expr }) => {
        $crate::isa::levels! {
            pub(super) unsafe fn $ident(dst: *mut u8, a: *const u8, _b: *const u8, _c: *const u8, _d: *const u8, groups: usize) {
                $crate::ops::lanes::each1(
                    $crate::ops::lanes::lanes_mut::<$dst>(dst, groups),
                    $crate::ops::lanes::lanes::<$at>(a, groups),
                    |$a: $at| -> $dst { $value },
                );
            }
        }
    };
    ($ident:ident ($a:ident : $at:ty, $b:ident : $bt:ty) -> $dst:ty { $value:expr }) => {
        $crate::isa::levels! {
            pub(super) unsafe fn $ident(dst: *mut u8, a: *const u8, b: *const u8, _c: *const u8, _d: *const u8, groups: usize) {
                $crate::ops::lanes::each2(
                    $crate::ops::lanes::lanes_mut::<$dst>(dst, groups),
                    $crate::ops::lanes::lanes::<$at>(a, groups),
                    $crate::ops::lanes::lanes::<$bt>(b, groups),
                    |$a: $at, $b: $bt| -> $dst { $value },
                );
            }
        }
    };
    ($ident:ident ($a:ident : $at:ty, $b:ident : $bt:ty, $c:ident : $ct:ty) -> $dst:ty { $value:expr }) => {
        $crate::isa::levels! {
            pub(super) unsafe fn $ident(dst: *mut u8, a: *const u8, b: *const u8, c: *const u8, _d: *const u8, groups: usize) {
                $crate::ops::lanes::each3(
                    $crate::ops::lanes::lanes_mut::<$dst>(dst, groups),
                    $crate::ops::lanes::lanes::<$at>(a, groups),
                    $crate::ops::lanes::lanes::<$bt>(b, groups),
                    $crate::ops::lanes::lanes::<$ct>(c, groups),
                    |$a: $at, $b: $bt, $c: $ct| -> $dst { $value },
                );
            }
        }
    };
    ($ident:ident ($a:ident : $at:ty, $b:ident : $bt:ty, $c:ident : $ct:ty, $d:ident : $dt:ty) -> $dst:ty { $value:expr }) => {
        $crate::isa::levels! {
            pub(super) unsafe fn $ident(dst: *mut u8, a: *const u8, b: *const u8, c: *const u8, d: *const u8, groups: usize) {
                $crate::ops::lanes::each4(
                    $crate::ops::lanes::lanes_mut::<$dst>(dst, groups),
                    $crate::ops::lanes::lanes::<$at>(a, groups),
                    $crate::ops::lanes::lanes::<$bt>(b, groups),
                    $crate::ops::lanes::lanes::<$ct>(c, groups),
                    $crate::ops::lanes::lanes::<$dt>(d, groups),
                    |$a: $at, $b: $bt, $c: $ct, $d: $dt| -> $dst { $value },
                );
            }
        }
    };
}
pub(crate) use op;
