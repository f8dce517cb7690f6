//! Keeping the elements for which a predicate is truthy, in their order.
//!
//! Stages: 0 evaluates the predicate into one bit for each element and counts; 1, once the caller has made room for
//! that many, moves the elements. Bits are in words of 64 elements, least first.

use crate::data::{GRAIN, GRAINS_PER_CHUNK, Operation, Source, lock};
use crate::element::{Column, Target};
use std::sync::{Mutex, OnceLock};

/// A filter of `items` by a predicate over as many values.
pub struct Filter {
    predicate: Source,
    items: Column,
    /// The bits of each grain and how many are set.
    kept: Mutex<Vec<(Vec<u64>, usize)>>,
    target: OnceLock<Target>,
}

impl Filter {
    /// `predicate` is as long as `items`.
    ///
    /// # Panics
    /// If it is not.
    #[must_use]
    pub fn new(predicate: Source, items: Column) -> Self {
        assert_eq!(predicate.length(), items.length);
        let kept = Mutex::new(vec![(Vec::new(), 0); predicate.grains()]);
        Self {
            predicate,
            items,
            kept,
            target: OnceLock::new(),
        }
    }

    /// How many are kept, after the first stage.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.kept).iter().map(|(_, count)| count).sum()
    }

    /// Whether this is room of the right kind and length.
    #[must_use]
    pub fn takes(&self, target: Target) -> bool {
        target.kind == self.items.kind && target.length == self.count()
    }

    /// Where they go: an array of the kind of the items with room for [`Self::count`], apart from them.
    ///
    /// # Panics
    /// If kind or length are others.
    pub fn set_target(&self, target: Target) {
        assert!(self.takes(target));
        let _ = self.target.set(target);
    }

    fn move_grain(&self, grain: usize, bits: &[u64], place: usize) {
        let Some(target) = self.target.get() else {
            return;
        };
        let start = grain * GRAIN;
        let n = GRAIN.min(self.items.length - start);
        let bytes = self.items.kind.bytes();
        // SAFETY: within both arrays, by the counts; grains have places of their own; typed arrays are aligned.
        unsafe {
            let from = self.items.data.add(start * bytes);
            let to = target.data.add(place * bytes);
            match bytes {
                1 => move_kept::<u8>(from, to, n, bits),
                2 => move_kept::<u16>(from, to, n, bits),
                4 => move_kept::<u32>(from, to, n, bits),
                _ => move_kept::<u64>(from, to, n, bits),
            }
        }
    }
}

/// # Safety
/// `from` has `n` elements, `to` room for as many as there are bits set, apart from it.
unsafe fn move_kept<T: Copy>(from: *const u8, to: *mut u8, n: usize, bits: &[u64]) {
    // SAFETY: the caller's promise.
    let elements = unsafe { std::slice::from_raw_parts(from.cast::<T>(), n) };
    let mut place = to.cast::<T>();
    for (word, elements) in bits.iter().zip(elements.chunks(64)) {
        let mut word = *word;
        if word == u64::MAX {
            // SAFETY: as many places as bits.
            unsafe {
                std::ptr::copy_nonoverlapping(elements.as_ptr(), place, 64);
                place = place.add(64);
            }
            continue;
        }
        while word != 0 {
            // SAFETY: as many places as bits, and bits stand below the length.
            unsafe {
                place.write(*elements.get_unchecked(word.trailing_zeros() as usize));
                place = place.add(1);
            }
            word &= word - 1;
        }
    }
}

impl Operation for Filter {
    fn stages(&self) -> usize {
        2
    }

    fn begin(&self, stage: usize) -> usize {
        if stage == 1 && self.target.get().is_none() {
            return 0;
        }
        self.predicate.grains().div_ceil(GRAINS_PER_CHUNK)
    }

    fn chunk(&self, stage: usize, index: usize, stop: &dyn Fn() -> bool) {
        let first = index * GRAINS_PER_CHUNK;
        let last = (first + GRAINS_PER_CHUNK).min(self.predicate.grains());
        if stage == 0 {
            for grain in first..last {
                let kept = self.predicate.truths(grain, stop);
                if let Some(kept) = kept {
                    lock(&self.kept)[grain] = kept;
                }
            }
            return;
        }
        let (mut place, grains) = {
            let mut kept = lock(&self.kept);
            let before = kept[..first].iter().map(|(_, count)| count).sum::<usize>();
            let grains: Vec<_> = kept[first..last]
                .iter_mut()
                .map(|(bits, count)| (std::mem::take(bits), *count))
                .collect();
            (before, grains)
        };
        for (offset, (bits, count)) in grains.iter().enumerate() {
            self.move_grain(first + offset, bits, place);
            place += count;
        }
    }
}
