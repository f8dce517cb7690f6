//! Inclusive prefixes: the i-th is the sum, product, minimum or maximum of the elements up to i, stored as the type stores.
//!
//! The array is cut into segments, of which those of a chunk go together, since each is a chain of dependent operations.
//! A chunk reduces its segments, waits for what the chunks before it come to, and goes through its segments from there:
//! memory is read once. Sums of floating-point numbers carry the errors of all additions along; integers are exact, and wrap
//! or clamp when stored.

mod chain;
#[cfg(target_arch = "x86_64")]
mod squares;

use crate::data::Operation;
use crate::data::running::Running;
use crate::element::{Column, ElementKind, Target};
use chain::{
    Chain, ClampedProduct, ClampedSum, FloatProduct, FloatSum, Greatest, IntegerProduct,
    IntegerSum, Least,
};

/// Elements of a segment, whatever the number of threads. Not a power of two: those that go together would meet in the same
/// sets of the caches.
const SEGMENT: usize = 528;
/// Segments that go together.
const TOGETHER: usize = 8;
/// Segments of a chunk: as doubles they stay in the second-level cache from reading to writing.
const SEGMENTS_PER_CHUNK: usize = 8 * TOGETHER;
/// Results of so many bytes leave the caches before anybody reads them.
const STREAM_BYTES: usize = 4 * 1024 * 1024;

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

struct Scan<C: Chain> {
    source: *const C::Element,
    target: *mut C::Element,
    n: usize,
    /// Results go past the caches.
    stream: bool,
    chunks: usize,
    running: Running<C::Carried>,
}

// SAFETY: the arrays behind the addresses are kept by whoever made the operation; chunks write disjoint parts.
unsafe impl<C: Chain> Send for Scan<C> {}
// SAFETY: as above.
unsafe impl<C: Chain> Sync for Scan<C> {}

impl<C: Chain> Scan<C> {
    fn boxed(source: Column, target: Target) -> Box<dyn Operation> {
        let bytes = source.length * source.kind.bytes();
        let chunks = source.length.div_ceil(SEGMENT * SEGMENTS_PER_CHUNK);
        Box::new(Self {
            source: source.data.cast(),
            target: target.data.cast(),
            n: source.length,
            stream: bytes >= STREAM_BYTES && source.data != target.data.cast_const(),
            chunks,
            running: Running::new(chunks),
        })
    }

    fn segment(&self, index: usize) -> &[C::Element] {
        let start = index * SEGMENT;
        // SAFETY: within the source; a chain reads each element before it writes there.
        unsafe { std::slice::from_raw_parts(self.source.add(start), SEGMENT.min(self.n - start)) }
    }

    /// Runs along up to `TOGETHER` segments at once and stores what is carried after each element.
    fn along(&self, first: usize, carried: &mut [C::Carried]) {
        let whole = carried.len() == TOGETHER && (first + TOGETHER) * SEGMENT <= self.n;
        match <&mut [C::Carried; TOGETHER]>::try_from(&mut *carried) {
            // SAFETY: these segments are whole, and those of a chunk are its own.
            Ok(carried) if whole => unsafe {
                let start = first * SEGMENT;
                C::together(
                    self.source.add(start),
                    self.target.add(start),
                    carried,
                    self.stream,
                );
            },
            _ => {
                for (lane, carried) in carried.iter_mut().enumerate() {
                    for i in 0..self.segment(first + lane).len() {
                        let at = (first + lane) * SEGMENT + i;
                        // SAFETY: within the segment, which is apart from others.
                        unsafe {
                            *carried = C::step(*carried, self.source.add(at).read());
                            self.target.add(at).write(C::stored(*carried));
                        }
                    }
                }
            }
        }
    }
}

/// Runs along `TOGETHER` whole segments at once, a square of as many elements of each at a time: in its rows the segments
/// stand side by side.
///
/// # Safety
/// The elements of so many segments may be read at `source` and written at `target`, the same or apart.
#[inline(always)]
unsafe fn together<C: Chain>(
    source: *const C::Element,
    target: *mut C::Element,
    carried: &mut [C::Carried; TOGETHER],
) {
    let mut state = *carried;
    for start in (0..SEGMENT).step_by(TOGETHER) {
        let element = |i: usize, lane: usize| {
            // SAFETY: within the segments.
            unsafe { source.add(lane * SEGMENT + start + i).read() }
        };
        let mut square: [[C::Element; TOGETHER]; TOGETHER] =
            std::array::from_fn(|i| std::array::from_fn(|lane| element(i, lane)));
        for row in &mut square {
            for (state, element) in state.iter_mut().zip(row) {
                *state = C::step(*state, *element);
                *element = C::stored(*state);
            }
        }
        for lane in 0..TOGETHER {
            for (i, row) in square.iter().enumerate() {
                // SAFETY: within the segments.
                unsafe { target.add(lane * SEGMENT + start + i).write(row[lane]) };
            }
        }
    }
    *carried = state;
}

impl<C: Chain> Operation for Scan<C> {
    fn in_order(&self) -> bool {
        true
    }

    fn stages(&self) -> usize {
        1
    }

    fn begin(&self, _: usize) -> usize {
        self.chunks
    }

    fn chunk(&self, _: usize, index: usize, stop: &dyn Fn() -> bool) {
        let first = index * SEGMENTS_PER_CHUNK;
        let n = SEGMENTS_PER_CHUNK.min(self.n.div_ceil(SEGMENT) - first);
        let mut carried = [C::start(); SEGMENTS_PER_CHUNK];
        for (segment, total) in carried[..n].iter_mut().enumerate() {
            *total = C::total(self.segment(first + segment));
        }
        let Some(mut sum) = self.running.before(index, C::start(), stop) else {
            return;
        };
        for total in &mut carried[..n] {
            let before = sum;
            sum = C::join(before, *total);
            *total = before;
        }
        // Told before anything is written: the chunk after this one may go on.
        self.running.tell(index, sum);
        for (set, carried) in carried[..n].chunks_mut(TOGETHER).enumerate() {
            self.along(first + set * TOGETHER, carried);
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

#[cfg(test)]
mod tests {
    use super::{ScanOp, scan};
    use crate::element::{Column, ElementKind, Target};

    #[test]
    fn a_chunk_waits_for_the_one_before_until_it_is_told_to_stop() {
        let (kind, length) = (ElementKind::F64, 100_000);
        let items = vec![1.0f64; length];
        let mut results = vec![0.0f64; length];
        let source = Column {
            kind,
            data: items.as_ptr().cast(),
            length,
        };
        let target = Target {
            kind,
            data: results.as_mut_ptr().cast(),
            length,
        };
        let operation = scan(source, target, ScanOp::Sum);
        assert!(operation.begin(0) > 1);
        operation.chunk(0, 1, &|| true);
        operation.chunk(0, 0, &|| false);
        operation.chunk(0, 1, &|| false);
        let sums: Vec<f64> = (1..=length).map(|i| i as f64).collect();
        let done = results.iter().rposition(|&v| v != 0.0).map_or(0, |i| i + 1);
        assert!(results[..done] == sums[..done]);
        assert!(done > length / 2);
    }
}
