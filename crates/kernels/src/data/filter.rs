//! Keeping the elements for which a predicate is truthy, in their order.
//!
//! Stages: 0 evaluates the predicate into one bit for each element and counts; 1, once the caller has made room for
//! that many, moves the elements. The bits of more grains than memory is meant for are forgotten and evaluated again.

use crate::data::compress::compress;
use crate::data::{GRAIN, GRAINS_PER_CHUNK, Operation, Source, lock};
use crate::element::{Column, Target};
use crate::isa::Level;
use crate::streaming::{copy_past_caches, fence};
use std::cell::RefCell;
use std::sync::{Mutex, OnceLock};

/// Bytes of bits that are remembered, beside one for each [`SHARE`] bytes of items.
const REMEMBERED: usize = 1 << 19;
const SHARE: usize = 100;
/// Results of so many bytes do not stay in the caches: they are written past them, from a stage of each thread.
const STREAMED: usize = 16 << 20;

thread_local! {
    static KEPT: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// What the first stage knows of a grain.
#[derive(Clone, Default)]
struct Kept {
    /// `None`: to be evaluated again.
    bits: Option<Vec<u64>>,
    count: usize,
    /// How many are kept before it; known once all are counted.
    place: usize,
}

/// A filter of `items` by a predicate over as many values.
pub struct Filter {
    predicate: Source,
    items: Column,
    level: Level,
    /// Grains whose bits are remembered: the first.
    remembered: usize,
    kept: Mutex<Vec<Kept>>,
    target: OnceLock<Target>,
}

impl Filter {
    /// `predicate` is as long as `items`; `level` is at most [`Level::detected`], lower ones are for tests.
    ///
    /// # Panics
    /// If the lengths differ.
    #[must_use]
    pub fn new(predicate: Source, items: Column, level: Level) -> Self {
        assert_eq!(predicate.length(), items.length);
        let kept = Mutex::new(vec![Kept::default(); predicate.grains()]);
        let bytes = REMEMBERED + items.length * items.kind.bytes() / SHARE;
        Self {
            predicate,
            items,
            level: level.min(Level::detected()),
            remembered: bytes / (GRAIN / 8),
            kept,
            target: OnceLock::new(),
        }
    }

    /// How many are kept, after the first stage.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.kept).iter().map(|kept| kept.count).sum()
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

    fn find(&self, grain: usize, stop: &dyn Fn() -> bool) {
        let Some(bits) = self.predicate.truths(grain, stop) else {
            return;
        };
        let count = bits.iter().map(|word| word.count_ones() as usize).sum();
        let bits = (grain < self.remembered).then_some(bits);
        let place = 0;
        lock(&self.kept)[grain] = Kept { bits, count, place };
    }

    /// Moves what is kept of a grain to its places.
    fn move_grain(&self, grain: usize, stop: &dyn Fn() -> bool) {
        let Some(target) = self.target.get() else {
            return;
        };
        let Kept { bits, count, place } = std::mem::take(&mut lock(&self.kept)[grain]);
        let Some(bits) = bits.or_else(|| self.predicate.truths(grain, stop)) else {
            return;
        };
        let start = grain * GRAIN;
        let n = GRAIN.min(self.items.length - start);
        let bytes = self.items.kind.bytes();
        // SAFETY: within both arrays, by the counts, also if others write to shared items in between; grains have places
        // of their own; typed arrays are aligned; the level was checked.
        unsafe {
            let from = self.items.data.add(start * bytes);
            let to = target.data.add(place * bytes);
            if target.length * bytes < STREAMED {
                compress(bytes, from, n, &bits, to, count, self.level);
                return;
            }
            KEPT.with_borrow_mut(|kept| {
                kept.resize(GRAIN, 0);
                let stage = kept.as_mut_ptr().cast();
                compress(bytes, from, n, &bits, stage, GRAIN, self.level);
                copy_past_caches(to, stage, count * bytes, self.level);
            });
            fence();
        }
    }
}

impl Operation for Filter {
    fn stages(&self) -> usize {
        2
    }

    fn begin(&self, stage: usize) -> usize {
        if stage == 1 {
            if self.target.get().is_none() {
                return 0;
            }
            let mut place = 0;
            for kept in lock(&self.kept).iter_mut() {
                kept.place = place;
                place += kept.count;
            }
        }
        self.predicate.grains().div_ceil(GRAINS_PER_CHUNK)
    }

    fn chunk(&self, stage: usize, index: usize, stop: &dyn Fn() -> bool) {
        let first = index * GRAINS_PER_CHUNK;
        let last = (first + GRAINS_PER_CHUNK).min(self.predicate.grains());
        for grain in first..last {
            if stage == 0 {
                self.find(grain, stop);
            } else {
                self.move_grain(grain, stop);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Filter, GRAIN, REMEMBERED, SHARE, STREAMED};
    use crate::data::{Operation, Source, lock};
    use crate::element::{Column, ElementKind, Target};
    use crate::isa::Level;

    fn filtered<T: Copy>(kind: ElementKind, items: &[T], truths: &[u8], level: Level) -> Vec<T> {
        let column = |kind, data, length| Column { kind, data, length };
        let predicate = column(ElementKind::U8, truths.as_ptr(), truths.len());
        let items = column(kind, items.as_ptr().cast(), items.len());
        let filter = Filter::new(Source::Array(predicate), items, level);
        for chunk in 0..filter.begin(0) {
            filter.chunk(0, chunk, &|| false);
        }
        let bytes: usize = lock(&filter.kept)
            .iter()
            .map(|kept| kept.bits.as_ref().map_or(0, |bits| bits.len() * 8))
            .sum();
        assert!(bytes <= REMEMBERED + items.length * size_of::<T>() / SHARE);
        let mut kept: Vec<T> = Vec::with_capacity(filter.count());
        let length = filter.count();
        let data = kept.as_mut_ptr().cast();
        filter.set_target(Target { kind, data, length });
        for chunk in 0..filter.begin(1) {
            filter.chunk(1, chunk, &|| false);
        }
        // SAFETY: that many have been moved there.
        unsafe { kept.set_len(length) };
        kept
    }

    #[test]
    fn each_level_keeps_the_elements_of_every_width_in_order() {
        let mut state = 0x9E37_79B9u32;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state
        };
        for level in [Level::Base, Level::Avx2, Level::Avx512] {
            for n in [0, 1, 63, 64, 65, 300, GRAIN, 2 * GRAIN + 100] {
                // From nearly none to all of a word.
                let truths: Vec<u8> = (0..n)
                    .map(|i| u8::from(random() % 64 <= (i / 64 % 65) as u32))
                    .collect();
                let items: Vec<u64> = (0..n).map(|_| u64::from(random()) << 20).collect();
                let kept = |i: &usize| truths[*i] == 1;
                macro_rules! check {
                    ($($kind:ident: $type:ty),*) => {$(
                        let narrow: Vec<$type> = items.iter().map(|&item| item as $type).collect();
                        let expected: Vec<$type> = (0..n).filter(kept).map(|i| narrow[i]).collect();
                        assert!(filtered(ElementKind::$kind, &narrow, &truths, level) == expected);
                    )*};
                }
                check!(U8: u8, U16: u16, U32: u32, U64: u64);
            }
        }
    }

    #[test]
    fn results_past_the_caches_have_their_elements_too() {
        let n = STREAMED / 8 + STREAMED / 32;
        let truths: Vec<u8> = (0..n).map(|i| u8::from(i % 10 != 3)).collect();
        let items: Vec<u64> = (0..n as u64).collect();
        let expected: Vec<u64> = items.iter().copied().filter(|i| i % 10 != 3).collect();
        assert!(expected.len() * 8 >= STREAMED);
        for level in [Level::Base, Level::Avx2, Level::Avx512] {
            if level <= Level::detected() {
                assert!(filtered(ElementKind::U64, &items, &truths, level) == expected);
            }
        }
    }

    #[test]
    fn more_bits_than_are_remembered_are_found_again() {
        let n = 9 * REMEMBERED;
        let truths: Vec<u8> = (0..n).map(|i| u8::from(i % 7 == 3)).collect();
        let items: Vec<u8> = (0..n).map(|i| ((i * i) >> 3) as u8).collect();
        let expected: Vec<u8> = (0..n).filter(|i| i % 7 == 3).map(|i| items[i]).collect();
        assert!(filtered(ElementKind::U8, &items, &truths, Level::detected()) == expected);
    }
}
