//! Inclusive prefixes: the i-th is the sum, product, minimum or maximum of the elements up to i, stored as the type stores.
//!
//! Stages: 0 reduces each segment; between, the segments' results become the prefixes before them; 1 goes through the
//! segments from there. Several segments go together, since each is a chain of dependent operations. Sums of floating-point
//! numbers carry the errors of all additions along; integers are exact, and wrap or clamp when stored.

use crate::data::double_double::{DoubleDouble, two_sum};
use crate::data::{Operation, lock};
use crate::element::{Column, ElementKind, Target};
use std::marker::PhantomData;
use std::sync::{Mutex, OnceLock};

/// Elements of a segment, whatever the number of threads.
const SEGMENT: usize = 4096;
/// Segments that go together; a chunk has two such sets.
const TOGETHER: usize = 8;
const SEGMENTS_PER_CHUNK: usize = 2 * TOGETHER;

/// What to scan by, at the numbers that JavaScript uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScanOp {
    /// Sums.
    Sum,
    /// Products.
    Prod,
    /// Minima, as `Math.min`.
    Min,
    /// Maxima, as `Math.max`.
    Max,
}

impl ScanOp {
    /// The operation of this number; `None`: there is none.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        [Self::Sum, Self::Prod, Self::Min, Self::Max]
            .get(number as usize)
            .copied()
    }
}

/// What goes along the chain.
trait Chain: Send + Sync + 'static {
    type Element: Copy + Send + Sync;
    type Carried: Copy + Send + Sync;
    fn start() -> Self::Carried;
    fn step(carried: Self::Carried, element: Self::Element) -> Self::Carried;
    fn stored(carried: Self::Carried) -> Self::Element;
    /// What one segment does to what went before it.
    fn join(before: Self::Carried, segment: Self::Carried) -> Self::Carried;
}

struct FloatSum<T>(PhantomData<T>);
struct FloatProduct<T>(PhantomData<T>);
struct Least<T>(PhantomData<T>);
struct Greatest<T>(PhantomData<T>);
struct IntegerSum<T>(PhantomData<T>);
struct IntegerProduct<T>(PhantomData<T>);
/// `Uint8ClampedArray`
struct ClampedSum;
/// `Uint8ClampedArray`
struct ClampedProduct;

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

struct Scan<C: Chain> {
    source: *const C::Element,
    target: *mut C::Element,
    n: usize,
    /// The result of each segment, by chunk.
    totals: Mutex<Vec<Vec<C::Carried>>>,
    before: OnceLock<Vec<C::Carried>>,
}

// SAFETY: the arrays behind the addresses are kept by whoever made the operation; chunks write disjoint parts.
unsafe impl<C: Chain> Send for Scan<C> {}
// SAFETY: as above.
unsafe impl<C: Chain> Sync for Scan<C> {}

impl<C: Chain> Scan<C> {
    fn boxed(source: Column, target: Target) -> Box<dyn Operation> {
        let chunks = source.length.div_ceil(SEGMENT * SEGMENTS_PER_CHUNK);
        Box::new(Self {
            source: source.data.cast(),
            target: target.data.cast(),
            n: source.length,
            totals: Mutex::new(vec![Vec::new(); chunks]),
            before: OnceLock::new(),
        })
    }

    /// The segments of a chunk: number of the first, and how many.
    fn segments(&self, chunk: usize) -> (usize, usize) {
        let first = chunk * SEGMENTS_PER_CHUNK;
        (
            first,
            SEGMENTS_PER_CHUNK.min(self.n.div_ceil(SEGMENT) - first),
        )
    }

    fn segment(&self, index: usize) -> &[C::Element] {
        let start = index * SEGMENT;
        // SAFETY: within the source; a chain reads each element before it writes there.
        unsafe { std::slice::from_raw_parts(self.source.add(start), SEGMENT.min(self.n - start)) }
    }

    /// Runs along up to `TOGETHER` segments at once; `store` gets what is carried after each element.
    #[inline(always)]
    fn along(&self, first: usize, carried: &mut [C::Carried], store: impl Fn(usize, C::Carried)) {
        let whole = carried.len() == TOGETHER && (first + TOGETHER) * SEGMENT <= self.n;
        if let (true, Ok(carried)) = (
            whole,
            <&mut [C::Carried; TOGETHER]>::try_from(&mut *carried),
        ) {
            for i in 0..SEGMENT {
                for (lane, carried) in carried.iter_mut().enumerate() {
                    let at = (first + lane) * SEGMENT + i;
                    // SAFETY: whole segments lie within the source.
                    *carried = C::step(*carried, unsafe { self.source.add(at).read() });
                    store(at, *carried);
                }
            }
            return;
        }
        for (lane, carried) in carried.iter_mut().enumerate() {
            for i in 0..self.segment(first + lane).len() {
                let at = (first + lane) * SEGMENT + i;
                // SAFETY: within the segment.
                *carried = C::step(*carried, unsafe { self.source.add(at).read() });
                store(at, *carried);
            }
        }
    }
}

impl<C: Chain> Operation for Scan<C> {
    fn stages(&self) -> usize {
        2
    }

    fn begin(&self, stage: usize) -> usize {
        let totals = lock(&self.totals);
        if stage == 1 {
            let mut carried = C::start();
            let before = totals.iter().flatten().map(|&total| {
                let before = carried;
                carried = C::join(carried, total);
                before
            });
            let _ = self.before.set(before.collect());
        }
        totals.len()
    }

    fn chunk(&self, stage: usize, index: usize, _: &dyn Fn() -> bool) {
        let (first, n) = self.segments(index);
        if stage == 0 {
            let mut totals = vec![C::start(); n];
            for (set, carried) in totals.chunks_mut(TOGETHER).enumerate() {
                self.along(first + set * TOGETHER, carried, |_, _| ());
            }
            lock(&self.totals)[index] = totals;
            return;
        }
        let Some(before) = self.before.get() else {
            return;
        };
        let mut carried = before[first..first + n].to_vec();
        for (set, carried) in carried.chunks_mut(TOGETHER).enumerate() {
            self.along(first + set * TOGETHER, carried, |at, carried| {
                // SAFETY: within the target; segments are apart.
                unsafe { self.target.add(at).write(C::stored(carried)) };
            });
        }
    }
}

/// Scans `source` into `target`, of the same kind and length: the same memory, or apart from it.
///
/// # Panics
/// If kinds or lengths differ.
#[must_use]
pub fn scan(source: Column, target: Target, op: ScanOp) -> Box<dyn Operation> {
    assert!(source.kind == target.kind && source.length == target.length);
    macro_rules! of {
        ($sum:ty, $product:ty, $type:ty) => {
            match op {
                ScanOp::Sum => Scan::<$sum>::boxed(source, target),
                ScanOp::Prod => Scan::<$product>::boxed(source, target),
                ScanOp::Min => Scan::<Least<$type>>::boxed(source, target),
                ScanOp::Max => Scan::<Greatest<$type>>::boxed(source, target),
            }
        };
    }
    match source.kind {
        ElementKind::I8 => of!(IntegerSum<i8>, IntegerProduct<i8>, i8),
        ElementKind::U8 => of!(IntegerSum<u8>, IntegerProduct<u8>, u8),
        ElementKind::U8Clamped => of!(ClampedSum, ClampedProduct, u8),
        ElementKind::I16 => of!(IntegerSum<i16>, IntegerProduct<i16>, i16),
        ElementKind::U16 => of!(IntegerSum<u16>, IntegerProduct<u16>, u16),
        ElementKind::I32 => of!(IntegerSum<i32>, IntegerProduct<i32>, i32),
        ElementKind::U32 => of!(IntegerSum<u32>, IntegerProduct<u32>, u32),
        ElementKind::F32 => of!(FloatSum<f32>, FloatProduct<f32>, f32),
        ElementKind::F64 => of!(FloatSum<f64>, FloatProduct<f64>, f64),
        ElementKind::I64 => of!(IntegerSum<i64>, IntegerProduct<i64>, i64),
        ElementKind::U64 => of!(IntegerSum<u64>, IntegerProduct<u64>, u64),
    }
}
