//! Sorting elements of 1 and 2 bytes: counting how often each value stands there, then writing that many of it.

use crate::data::{Operation, lock};
use std::sync::{Mutex, OnceLock};

const CHUNK: usize = 262_144;

/// An element of at most two bytes.
pub(super) trait Small: Copy + Send + Sync + 'static {
    /// Number of values.
    const VALUES: usize;
    /// Its place in ascending order.
    fn rank(self) -> usize;
    /// The element at a place.
    fn at_rank(rank: usize) -> Self;
}

macro_rules! small {
    ($($type:ty, $unsigned:ty, $offset:expr;)*) => {$(
        impl Small for $type {
            const VALUES: usize = 1 << <$type>::BITS;
            #[inline(always)]
            fn rank(self) -> usize {
                (self as $unsigned ^ $offset) as usize
            }
            #[inline(always)]
            fn at_rank(rank: usize) -> Self {
                (rank as $unsigned ^ $offset) as $type
            }
        }
    )*};
}

small! {
    u8, u8, 0;
    i8, u8, 0x80;
    u16, u16, 0;
    i16, u16, 0x8000;
}

pub(super) struct CountingSort<T> {
    source: *const T,
    target: *mut T,
    n: usize,
    descending: bool,
    counts: Mutex<Vec<usize>>,
    /// Where the elements of each value end, in the wanted order.
    ends: OnceLock<Vec<usize>>,
}

// SAFETY: the arrays behind the addresses are kept by whoever made the operation; chunks write disjoint parts.
unsafe impl<T: Small> Send for CountingSort<T> {}
// SAFETY: as above.
unsafe impl<T: Small> Sync for CountingSort<T> {}

impl<T: Small> CountingSort<T> {
    /// `source` and `target` have `n` elements and are the same or apart.
    pub(super) fn new(source: *const u8, target: *mut u8, n: usize, descending: bool) -> Self {
        Self {
            source: source.cast(),
            target: target.cast(),
            n,
            descending,
            counts: Mutex::new(vec![0; T::VALUES]),
            ends: OnceLock::new(),
        }
    }

    fn value(&self, place: usize) -> T {
        T::at_rank(if self.descending {
            T::VALUES - 1 - place
        } else {
            place
        })
    }

    fn count(&self, start: usize, n: usize) {
        // SAFETY: within the source; nothing writes in this stage.
        let elements = unsafe { std::slice::from_raw_parts(self.source.add(start), n) };
        // Several tables, so that a run of equal elements does not wait for its own counter.
        let mut tables = vec![0u32; 4 * T::VALUES];
        for (i, element) in elements.iter().enumerate() {
            tables[(i & 3) * T::VALUES + element.rank()] += 1;
        }
        let mut counts = lock(&self.counts);
        for (rank, count) in counts.iter_mut().enumerate() {
            *count += (0..4)
                .map(|table| tables[table * T::VALUES + rank] as usize)
                .sum::<usize>();
        }
    }

    fn write(&self, start: usize, n: usize) {
        let Some(ends) = self.ends.get() else { return };
        let mut place = ends.partition_point(|&end| end <= start);
        let mut at = start;
        while at < start + n {
            let end = ends[place].min(start + n);
            // SAFETY: within the target; chunks are apart.
            unsafe { std::slice::from_raw_parts_mut(self.target.add(at), end - at) }
                .fill(self.value(place));
            at = end;
            place += 1;
        }
    }
}

impl<T: Small> Operation for CountingSort<T> {
    fn stages(&self) -> usize {
        2
    }

    /// Once elements have been written over, only the counts know them.
    fn mends(&self) -> usize {
        usize::from(self.source == self.target.cast_const())
    }

    fn begin(&self, stage: usize) -> usize {
        if stage == 1 {
            let counts = lock(&self.counts);
            let mut end = 0;
            let ends = (0..T::VALUES).map(|place| {
                end += counts[self.value(place).rank()];
                end
            });
            let _ = self.ends.set(ends.collect());
        }
        if stage == 2 && self.ends.get().is_none() {
            return 0;
        }
        self.n.div_ceil(CHUNK)
    }

    fn chunk(&self, stage: usize, index: usize, _: &dyn Fn() -> bool) {
        let start = index * CHUNK;
        let n = CHUNK.min(self.n - start);
        if stage == 0 {
            self.count(start, n);
        } else {
            self.write(start, n);
        }
    }
}
