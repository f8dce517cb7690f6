//! What a scan carries along the elements of each type, and how it is stored.

use super::{SEGMENT, TOGETHER, together};
use crate::data::double_double::DoubleDouble;
use crate::data::reduce;
use crate::data::widening::from_f32;
use crate::isa::{Level, levels};
use crate::lane_sum::two_sum;
use std::marker::PhantomData;

/// What goes along the chain.
pub(super) trait Chain: Send + Sync + 'static {
    type Element: Copy + Send + Sync;
    type Carried: Copy + Send + Sync;
    fn start() -> Self::Carried;
    fn step(carried: Self::Carried, element: Self::Element) -> Self::Carried;
    fn stored(carried: Self::Carried) -> Self::Element;
    /// What a segment comes to.
    #[inline(always)]
    fn total(segment: &[Self::Element]) -> Self::Carried {
        segment.iter().fold(Self::start(), |carried, &element| {
            Self::step(carried, element)
        })
    }
    /// Runs along whole segments; with `stream`, past the caches where that is known.
    ///
    /// # Safety
    /// As for [`super::together`]; with `stream`, source and target are apart.
    unsafe fn together(
        source: *const Self::Element,
        target: *mut Self::Element,
        carried: &mut [Self::Carried; TOGETHER],
        _stream: bool,
    ) where
        Self: Sized,
    {
        // SAFETY: the caller's promise.
        unsafe { together::<Self>(source, target, carried) };
    }
    /// What one segment does to what went before it.
    fn join(before: Self::Carried, segment: Self::Carried) -> Self::Carried;
}

/// Sums that carry the errors of their additions.
pub(super) struct FloatSum<T>(PhantomData<T>);
/// Products.
pub(super) struct FloatProduct<T>(PhantomData<T>);
/// Minima.
pub(super) struct Least<T>(PhantomData<T>);
/// Maxima.
pub(super) struct Greatest<T>(PhantomData<T>);
/// Sums modulo the type.
pub(super) struct IntegerSum<T>(PhantomData<T>);
/// Products modulo the type.
pub(super) struct IntegerProduct<T>(PhantomData<T>);
/// `Uint8ClampedArray`
pub(super) struct ClampedSum;
/// `Uint8ClampedArray`
pub(super) struct ClampedProduct;

/// What sums of floating-point numbers need of each type.
trait Float: Sized {
    /// Calls `reduce` with a segment as doubles.
    fn with_doubles<R>(segment: &[Self], reduce: impl FnOnce(&[f64]) -> R) -> R;
    /// Runs sums along whole segments.
    ///
    /// # Safety
    /// As for [`Chain::together`].
    unsafe fn sums(
        source: *const Self,
        target: *mut Self,
        carried: &mut [(f64, f64); TOGETHER],
        stream: bool,
    );
}

levels! {
    unsafe fn sums_of_doubles(source: *const f64, target: *mut f64, carried: &mut [(f64, f64); TOGETHER]) {
        together::<FloatSum<f64>>(source, target, carried);
    }
}

levels! {
    unsafe fn sums_of_singles(source: *const f32, target: *mut f32, carried: &mut [(f64, f64); TOGETHER]) {
        together::<FloatSum<f32>>(source, target, carried);
    }
}

impl Float for f64 {
    fn with_doubles<R>(segment: &[Self], reduce: impl FnOnce(&[f64]) -> R) -> R {
        reduce(segment)
    }

    unsafe fn sums(
        source: *const f64,
        target: *mut f64,
        carried: &mut [(f64, f64); TOGETHER],
        stream: bool,
    ) {
        let level = Level::detected();
        #[cfg(target_arch = "x86_64")]
        if level == Level::Avx512 {
            // SAFETY: the machine has that; the caller's promise.
            unsafe { super::squares::sums(source, target, carried, stream) };
            return;
        }
        // SAFETY: as above.
        unsafe { sums_of_doubles::TABLE.at(level)(source, target, carried) };
    }
}

impl Float for f32 {
    fn with_doubles<R>(segment: &[Self], reduce: impl FnOnce(&[f64]) -> R) -> R {
        let doubles = &mut [0.0; SEGMENT][..segment.len()];
        let widen = from_f32::TABLE.at(Level::detected());
        // SAFETY: the machine has that level; the segment is as long.
        unsafe { widen(doubles, segment.as_ptr().cast()) };
        reduce(doubles)
    }

    unsafe fn sums(
        source: *const f32,
        target: *mut f32,
        carried: &mut [(f64, f64); TOGETHER],
        _: bool,
    ) {
        // SAFETY: the machine has the detected level; the caller's promise.
        unsafe { sums_of_singles::TABLE.at(Level::detected())(source, target, carried) };
    }
}

macro_rules! float_chains {
    ($($type:ty),*) => {$(
        impl Chain for FloatSum<$type> {
            type Element = $type;
            type Carried = (f64, f64);
            fn start() -> Self::Carried {
                (0.0, 0.0)
            }
            #[inline(always)]
            fn step((sum, errors): Self::Carried, element: $type) -> Self::Carried {
                let (sum, error) = two_sum(sum, element.into());
                (sum, errors + error)
            }
            #[inline(always)]
            fn stored((sum, errors): Self::Carried) -> $type {
                // An infinite sum has no errors worth adding.
                (if sum.is_finite() { sum + errors } else { sum }) as $type
            }
            fn total(segment: &[$type]) -> Self::Carried {
                let sum = <$type>::with_doubles(segment, |x| reduce::sum(x, Level::detected()));
                (sum.hi, sum.lo)
            }
            unsafe fn together(
                source: *const $type,
                target: *mut $type,
                carried: &mut [(f64, f64); TOGETHER],
                stream: bool,
            ) {
                // SAFETY: the caller's promise.
                unsafe { <$type>::sums(source, target, carried, stream) };
            }
            fn join(before: Self::Carried, segment: Self::Carried) -> Self::Carried {
                let sum = DoubleDouble::new(before.0, before.1).add(DoubleDouble::new(segment.0, segment.1));
                (sum.hi, sum.lo)
            }
        }
        impl Chain for FloatProduct<$type> {
            type Element = $type;
            type Carried = f64;
            fn start() -> f64 {
                1.0
            }
            #[inline(always)]
            fn step(product: f64, element: $type) -> f64 {
                product * f64::from(element)
            }
            #[inline(always)]
            fn stored(product: f64) -> $type {
                product as $type
            }
            fn join(before: f64, segment: f64) -> f64 {
                before * segment
            }
        }
        impl Chain for Least<$type> {
            type Element = $type;
            type Carried = $type;
            fn start() -> $type {
                <$type>::INFINITY
            }
            #[inline(always)]
            fn step(least: $type, element: $type) -> $type {
                if element.is_nan() || least.is_nan() {
                    <$type>::NAN
                } else if element.total_cmp(&least).is_lt() {
                    element
                } else {
                    least
                }
            }
            #[inline(always)]
            fn stored(least: $type) -> $type {
                least
            }
            fn total(segment: &[$type]) -> $type {
                let (value, nan) = <$type>::with_doubles(segment, |x| reduce::least(x, Level::detected()));
                if nan { <$type>::NAN } else { value as $type }
            }
            fn join(before: $type, segment: $type) -> $type {
                Self::step(before, segment)
            }
        }
        impl Chain for Greatest<$type> {
            type Element = $type;
            type Carried = $type;
            fn start() -> $type {
                <$type>::NEG_INFINITY
            }
            #[inline(always)]
            fn step(greatest: $type, element: $type) -> $type {
                if element.is_nan() || greatest.is_nan() {
                    <$type>::NAN
                } else if element.total_cmp(&greatest).is_gt() {
                    element
                } else {
                    greatest
                }
            }
            #[inline(always)]
            fn stored(greatest: $type) -> $type {
                greatest
            }
            fn total(segment: &[$type]) -> $type {
                let (value, nan) = <$type>::with_doubles(segment, |x| reduce::greatest(x, Level::detected()));
                if nan { <$type>::NAN } else { value as $type }
            }
            fn join(before: $type, segment: $type) -> $type {
                Self::step(before, segment)
            }
        }
    )*};
}

float_chains!(f32, f64);

macro_rules! integer_chains {
    ($($type:ty),*) => {$(
        impl Chain for IntegerSum<$type> {
            type Element = $type;
            type Carried = $type;
            fn start() -> $type {
                0
            }
            #[inline(always)]
            fn step(sum: $type, element: $type) -> $type {
                sum.wrapping_add(element)
            }
            #[inline(always)]
            fn stored(sum: $type) -> $type {
                sum
            }
            fn join(before: $type, segment: $type) -> $type {
                before.wrapping_add(segment)
            }
        }
        impl Chain for IntegerProduct<$type> {
            type Element = $type;
            type Carried = $type;
            fn start() -> $type {
                1
            }
            #[inline(always)]
            fn step(product: $type, element: $type) -> $type {
                product.wrapping_mul(element)
            }
            #[inline(always)]
            fn stored(product: $type) -> $type {
                product
            }
            fn join(before: $type, segment: $type) -> $type {
                before.wrapping_mul(segment)
            }
        }
        impl Chain for Least<$type> {
            type Element = $type;
            type Carried = $type;
            fn start() -> $type {
                <$type>::MAX
            }
            #[inline(always)]
            fn step(least: $type, element: $type) -> $type {
                least.min(element)
            }
            #[inline(always)]
            fn stored(least: $type) -> $type {
                least
            }
            fn join(before: $type, segment: $type) -> $type {
                before.min(segment)
            }
        }
        impl Chain for Greatest<$type> {
            type Element = $type;
            type Carried = $type;
            fn start() -> $type {
                <$type>::MIN
            }
            #[inline(always)]
            fn step(greatest: $type, element: $type) -> $type {
                greatest.max(element)
            }
            #[inline(always)]
            fn stored(greatest: $type) -> $type {
                greatest
            }
            fn join(before: $type, segment: $type) -> $type {
                before.max(segment)
            }
        }
    )*};
}

integer_chains!(i8, u8, i16, u16, i32, u32, i64, u64);

macro_rules! clamped_chains {
    ($($chain:ty, $start:expr, $join:ident;)*) => {$(
        impl Chain for $chain {
            type Element = u8;
            type Carried = u64;
            fn start() -> u64 {
                $start
            }
            #[inline(always)]
            fn step(carried: u64, element: u8) -> u64 {
                carried.$join(u64::from(element))
            }
            #[inline(always)]
            fn stored(carried: u64) -> u8 {
                carried.min(255) as u8
            }
            fn join(before: u64, segment: u64) -> u64 {
                before.$join(segment)
            }
        }
    )*};
}

clamped_chains! {
    ClampedSum, 0, saturating_add;
    ClampedProduct, 1, saturating_mul;
}
