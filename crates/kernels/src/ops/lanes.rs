//! How a body is written: a scalar expression over lanes, compiled for each level.

use crate::GROUP;

/// One group of lanes.
pub(crate) type Group<T> = [T; GROUP];

// The references carry LLVM's promise that the destination overlaps no operand, without which it would not vectorise.

#[inline(always)]
pub(crate) fn each1<D, A: Copy>(dst: &mut Group<D>, a: &Group<A>, f: impl Fn(A) -> D) {
    for lane in 0..GROUP {
        dst[lane] = f(a[lane]);
    }
}

#[inline(always)]
pub(crate) fn each2<D, A: Copy, B: Copy>(
    dst: &mut Group<D>,
    a: &Group<A>,
    b: &Group<B>,
    f: impl Fn(A, B) -> D,
) {
    for lane in 0..GROUP {
        dst[lane] = f(a[lane], b[lane]);
    }
}

#[inline(always)]
pub(crate) fn each3<D, A: Copy, B: Copy, C: Copy>(
    dst: &mut Group<D>,
    a: &Group<A>,
    b: &Group<B>,
    c: &Group<C>,
    f: impl Fn(A, B, C) -> D,
) {
    for lane in 0..GROUP {
        dst[lane] = f(a[lane], b[lane], c[lane]);
    }
}

#[inline(always)]
pub(crate) fn each4<V: Copy, D: Copy>(
    dst: &mut Group<D>,
    a: &Group<V>,
    b: &Group<V>,
    c: &Group<D>,
    d: &Group<D>,
    f: impl Fn(V, V) -> bool,
) {
    for lane in 0..GROUP {
        dst[lane] = if f(a[lane], b[lane]) {
            c[lane]
        } else {
            d[lane]
        };
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
                for group in 0..groups {
                    $crate::ops::lanes::each1(
                        &mut *dst.cast::<$crate::ops::lanes::Group<$dst>>().add(group),
                        &*a.cast::<$crate::ops::lanes::Group<$at>>().add(group),
                        |$a: $at| -> $dst { $value },
                    );
                }
            }
        }
    };
    ($ident:ident ($a:ident : $at:ty, $b:ident : $bt:ty) -> $dst:ty { $value:expr }) => {
        $crate::isa::levels! {
            pub(super) unsafe fn $ident(dst: *mut u8, a: *const u8, b: *const u8, _c: *const u8, _d: *const u8, groups: usize) {
                for group in 0..groups {
                    $crate::ops::lanes::each2(
                        &mut *dst.cast::<$crate::ops::lanes::Group<$dst>>().add(group),
                        &*a.cast::<$crate::ops::lanes::Group<$at>>().add(group),
                        &*b.cast::<$crate::ops::lanes::Group<$bt>>().add(group),
                        |$a: $at, $b: $bt| -> $dst { $value },
                    );
                }
            }
        }
    };
    ($ident:ident ($a:ident : $at:ty, $b:ident : $bt:ty, $c:ident : $ct:ty) -> $dst:ty { $value:expr }) => {
        $crate::isa::levels! {
            pub(super) unsafe fn $ident(dst: *mut u8, a: *const u8, b: *const u8, c: *const u8, _d: *const u8, groups: usize) {
                for group in 0..groups {
                    $crate::ops::lanes::each3(
                        &mut *dst.cast::<$crate::ops::lanes::Group<$dst>>().add(group),
                        &*a.cast::<$crate::ops::lanes::Group<$at>>().add(group),
                        &*b.cast::<$crate::ops::lanes::Group<$bt>>().add(group),
                        &*c.cast::<$crate::ops::lanes::Group<$ct>>().add(group),
                        |$a: $at, $b: $bt, $c: $ct| -> $dst { $value },
                    );
                }
            }
        }
    };
    ($ident:ident ($a:ident : $at:ty, $b:ident : $bt:ty, $c:ident : $ct:ty, $d:ident : $dt:ty) -> $dst:ty { $value:expr }) => {
        $crate::isa::levels! {
            pub(super) unsafe fn $ident(dst: *mut u8, a: *const u8, b: *const u8, c: *const u8, d: *const u8, groups: usize) {
                for group in 0..groups {
                    $crate::ops::lanes::each4(
                        &mut *dst.cast::<$crate::ops::lanes::Group<$dst>>().add(group),
                        &*a.cast::<$crate::ops::lanes::Group<$at>>().add(group),
                        &*b.cast::<$crate::ops::lanes::Group<$bt>>().add(group),
                        &*c.cast::<$crate::ops::lanes::Group<$ct>>().add(group),
                        &*d.cast::<$crate::ops::lanes::Group<$dt>>().add(group),
                        |$a: $at, $b: $bt| -> bool { $value },
                    );
                }
            }
        }
    };
}
pub(crate) use op;
