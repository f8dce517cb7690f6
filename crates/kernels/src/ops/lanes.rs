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

/// Lanes of one group, in lines of the caches.
#[repr(align(64))]
pub(crate) struct Group<D>(pub(crate) [D; GROUP]);

/// Where results go group by group, in place of a register.
pub(crate) trait Sink<D> {
    fn take(&mut self, group: &Group<D>);
    /// Told of each group of operands before it is read.
    #[inline(always)]
    fn reads<T>(&self, group: &[T]) {
        let _ = group;
    }
}

// As those above, group by group into a sink.

#[inline(always)]
pub(crate) fn groups1<D: Copy + Default, A: Copy>(
    sink: &mut impl Sink<D>,
    a: &[A],
    f: impl Fn(A) -> D,
) {
    for index in 0..a.len() / GROUP {
        let a = &a[index * GROUP..][..GROUP];
        sink.reads(a);
        let mut group = Group([D::default(); GROUP]);
        for (value, &a) in group.0.iter_mut().zip(a) {
            *value = f(a);
        }
        sink.take(&group);
    }
}

#[inline(always)]
pub(crate) fn groups2<D: Copy + Default, A: Copy, B: Copy>(
    sink: &mut impl Sink<D>,
    a: &[A],
    b: &[B],
    f: impl Fn(A, B) -> D,
) {
    for index in 0..a.len() / GROUP {
        let a = &a[index * GROUP..][..GROUP];
        let b = &b[index * GROUP..][..GROUP];
        sink.reads(a);
        sink.reads(b);
        let mut group = Group([D::default(); GROUP]);
        for lane in 0..GROUP {
            group.0[lane] = f(a[lane], b[lane]);
        }
        sink.take(&group);
    }
}

#[inline(always)]
pub(crate) fn groups3<D: Copy + Default, A: Copy, B: Copy, C: Copy>(
    sink: &mut impl Sink<D>,
    a: &[A],
    b: &[B],
    c: &[C],
    f: impl Fn(A, B, C) -> D,
) {
    for index in 0..a.len() / GROUP {
        let a = &a[index * GROUP..][..GROUP];
        let b = &b[index * GROUP..][..GROUP];
        let c = &c[index * GROUP..][..GROUP];
        sink.reads(a);
        sink.reads(b);
        sink.reads(c);
        let mut group = Group([D::default(); GROUP]);
        for lane in 0..GROUP {
            group.0[lane] = f(a[lane], b[lane], c[lane]);
        }
        sink.take(&group);
    }
}

#[inline(always)]
pub(crate) fn groups4<D: Copy + Default, A: Copy, B: Copy, C: Copy, E: Copy>(
    sink: &mut impl Sink<D>,
    a: &[A],
    b: &[B],
    c: &[C],
    d: &[E],
    f: impl Fn(A, B, C, E) -> D,
) {
    for index in 0..a.len() / GROUP {
        let a = &a[index * GROUP..][..GROUP];
        let b = &b[index * GROUP..][..GROUP];
        let c = &c[index * GROUP..][..GROUP];
        let d = &d[index * GROUP..][..GROUP];
        sink.reads(a);
        sink.reads(b);
        sink.reads(c);
        sink.reads(d);
        let mut group = Group([D::default(); GROUP]);
        for lane in 0..GROUP {
            group.0[lane] = f(a[lane], b[lane], c[lane], d[lane]);
        }
        sink.take(&group);
    }
}

/// Defines a table `OPS` of operations: `"name" fn ident(a: type, ...) -> type { expression }`. With `constants;` in front
/// each has bodies of its own for operands that are constants (see [`super::constants`]).
macro_rules! ops {
    (constants; $($rest:tt)*) => { $crate::ops::lanes::ops!(@ constants $($rest)*); };
    (@ $operands:ident $($name:literal fn $ident:ident ($($arg:ident : $type:ty),+) -> $dst:ty { $value:expr })*) => {
        $($crate::ops::lanes::op!($operands $ident ($($arg : $type),+) -> $dst { $value });)*
        pub(crate) const OPS: &[$crate::ops::Entry] = &[
            $($crate::ops::Entry {
                name: $name,
                operands: &[$(size_of::<$type>() as u8),+],
                bodies: $ident::TABLES,
                streamed: $ident::STREAMED,
                summed: $ident::SUMMED,
            }),*
        ];
    };
    ($($rest:tt)*) => { $crate::ops::lanes::ops!(@ lanes $($rest)*); };
}
pub(crate) use ops;

/// Defines one operation as a module with its `TABLES` by which operands are constants, if it has `constants`, or the one that
/// reads the lanes of all of them; `STREAMED`, the same with results that go past the caches; and
/// `SUMMED`, with results that are added up.
macro_rules! op {
    ($operands:ident $ident:ident ($a:ident : $at:ty) -> $dst:ty { $value:expr }) => {
        $crate::ops::lanes::op!(@ $operands, $ident, registers1, groups1, $dst, |$a: $at| -> $dst { $value }, [a b c d], a: $at);
    };
    ($operands:ident $ident:ident ($a:ident : $at:ty, $b:ident : $bt:ty) -> $dst:ty { $value:expr }) => {
        $crate::ops::lanes::op!(@ $operands, $ident, registers2, groups2, $dst, |$a: $at, $b: $bt| -> $dst { $value }, [a b c d], a: $at, b: $bt);
    };
    ($operands:ident $ident:ident ($a:ident : $at:ty, $b:ident : $bt:ty, $c:ident : $ct:ty) -> $dst:ty { $value:expr }) => {
        $crate::ops::lanes::op!(
            @ $operands, $ident, registers3, groups3, $dst, |$a: $at, $b: $bt, $c: $ct| -> $dst { $value },
            [a b c d], a: $at, b: $bt, c: $ct
        );
    };
    ($operands:ident $ident:ident ($a:ident : $at:ty, $b:ident : $bt:ty, $c:ident : $ct:ty, $d:ident : $dt:ty) -> $dst:ty { $value:expr }) => {
        $crate::ops::lanes::op!(
            @ $operands, $ident, registers4, groups4, $dst, |$a: $at, $b: $bt, $c: $ct, $d: $dt| -> $dst { $value },
            [a b c d], a: $at, b: $bt, c: $ct, d: $dt
        );
    };
    (@ $operands:ident, $ident:ident, $registers:ident, $groups:ident, $dst:ty, $value:expr, [$($operand:ident)+], $($arg:ident : $type:ty),+) => {
        mod $ident {
            #[allow(unused_imports, reason = "expressions use what stands around them")]
            use super::*;

            $crate::isa::levels! {
                #[allow(unused_variables, reason = "not every operation has four operands")]
                pub(super) unsafe fn kept<const SAME: u8>(dst: *mut u8, $($operand: *const u8,)+ groups: usize) {
                    $crate::ops::constants::$registers::<SAME, $dst, $($type),+>(dst, [$($arg),+], groups, $value);
                }
            }
            $crate::isa::levels! {
                #[allow(unused_variables, reason = "not every operation has four operands")]
                pub(super) unsafe fn past(dst: *mut u8, $($operand: *const u8,)+ groups: usize) {
                    $crate::ops::lanes::$groups(
                        &mut $crate::ops::sinks::PastCaches::<LEVEL>::new(dst),
                        $($crate::ops::lanes::lanes::<$type>($arg, groups),)+
                        $value,
                    );
                }
            }
            $crate::isa::levels! {
                #[allow(unused_variables, reason = "not every operation has four operands")]
                pub(super) unsafe fn sum(dst: *mut u8, $($operand: *const u8,)+ groups: usize) {
                    let mut sum = $crate::ops::sinks::Adder::<LEVEL>::onto(dst);
                    $crate::ops::lanes::$groups(
                        &mut sum,
                        $($crate::ops::lanes::lanes::<$type>($arg, groups),)+
                        $value,
                    );
                    sum.end(dst);
                }
            }

            #[allow(dead_code, reason = "a tail has but one of them")]
            pub(super) const TABLES: &[$crate::isa::Levels<$crate::ops::Op>] =
                &$crate::ops::constants::by_same!(kept, $operands, $($arg)+);
            #[allow(dead_code, reason = "a tail has but one of them")]
            pub(super) const STREAMED: Option<$crate::isa::Levels<$crate::ops::Op>> =
                if $crate::ops::sinks::fills_lines::<$dst>() { Some(past::TABLE) } else { None };
            #[allow(dead_code, reason = "a tail has but one of them")]
            pub(super) const SUMMED: Option<$crate::isa::Levels<$crate::ops::Op>> =
                if <$dst as $crate::ops::sinks::Summand>::IS_DOUBLE { Some(sum::TABLE) } else { None };
        }
    };
}
pub(crate) use op;
