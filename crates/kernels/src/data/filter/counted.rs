//! A filter that counts before it moves anything: its results need no more room than they take.
//!
//! Stages: 0 evaluates the predicate into one bit for each element and counts; 1, once the caller has made room for
//! that many, moves the elements. The bits of more grains than memory is meant for are forgotten and evaluated again.

use super::{Filter, move_kept};
use crate::data::truths::count;
use crate::data::{Operation, Source, lock};
use crate::element::{Column, ElementKind, Target};
use crate::isa::Level;
use std::sync::{Mutex, OnceLock};

/// Bytes of bits that are remembered, beside one for each [`SHARE`] bytes of items.
pub(super) const REMEMBERED: usize = 1 << 19;
pub(super) const SHARE: usize = 100;
/// Results of so many bytes do not stay in the caches.
pub(super) const STREAMED: usize = 16 << 20;

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
pub struct CountedFilter {
    predicate: Source,
    items: Column,
    level: Level,
    /// Grains whose bits are remembered: the first.
    remembered: usize,
    kept: Mutex<Vec<Kept>>,
    target: OnceLock<Target>,
}

impl CountedFilter {
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
            remembered: bytes / (predicate.grain() / 8),
            predicate,
            items,
            level: level.min(Level::detected()),
            kept,
            target: OnceLock::new(),
        }
    }

    fn find(&self, grain: usize, stop: &dyn Fn() -> bool) {
        let Some(bits) = self.predicate.truths(grain, stop) else {
            return;
        };
        let count = count(&bits);
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
        let past_caches = target.length * target.kind.bytes() >= STREAMED;
        // SAFETY: within the target, by the counts; grains have places of their own; the level was checked.
        unsafe {
            let to = target.data.add(place * target.kind.bytes());
            let from = self.predicate.range(grain..grain + 1);
            move_kept(self.items, from, &bits, to, count, past_caches, self.level);
        }
    }
}

impl Filter for CountedFilter {
    fn kind(&self) -> ElementKind {
        self.items.kind
    }

    fn count(&self) -> usize {
        lock(&self.kept).iter().map(|kept| kept.count).sum()
    }

    fn target(&self) -> &OnceLock<Target> {
        &self.target
    }
}

impl Operation for CountedFilter {
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
        self.predicate.chunks().count()
    }

    fn chunk(&self, stage: usize, index: usize, stop: &dyn Fn() -> bool) {
        for grain in self.predicate.chunks().grains(index) {
            if stage == 0 {
                self.find(grain, stop);
            } else {
                self.move_grain(grain, stop);
            }
        }
    }
}

#[cfg(test)]
impl CountedFilter {
    /// Bytes of bits that wait for the second stage.
    pub(super) fn remembered_bytes(&self) -> usize {
        lock(&self.kept)
            .iter()
            .map(|kept| kept.bits.as_ref().map_or(0, |bits| bits.len() * 8))
            .sum()
    }
}
