//! A filter with room for all items, which it goes through once: a chunk finds what it keeps, learns from the one before where
//! that begins, and moves it while its items are in the caches.
//!
//! Stages: 0 finds and moves. 1 copies the results to a target that has been set, for callers that want them elsewhere; without
//! one it does nothing.

use super::{Filter, move_kept};
use crate::data::running::Running;
use crate::data::truths::count;
use crate::data::{Operation, Source};
use crate::element::{Column, ElementKind, Target};
use crate::isa::Level;
use std::ops::Range;
use std::sync::OnceLock;

/// Grains of a chunk: as doubles they stay in the second-level cache from finding to moving.
const GRAINS_PER_CHUNK: usize = 2;
/// Elements that a chunk copies to a target.
const COPIED: usize = 65_536;

/// A filter of `items` by a predicate over as many values, into room for all of them. Its first stage runs once.
pub struct FilterInRoom {
    predicate: Source,
    items: Column,
    level: Level,
    room: Target,
    /// How many are kept up to the end of each chunk.
    running: Running<usize>,
    target: OnceLock<Target>,
}

impl FilterInRoom {
    /// `predicate` is as long as `items`; `level` is at most [`Level::detected`], lower ones are for tests. The room is apart
    /// from the items, and nobody else uses it while stages run.
    ///
    /// # Panics
    /// If the lengths differ, or the room is not one for all items.
    #[must_use]
    pub fn new(predicate: Source, items: Column, room: Target, level: Level) -> Self {
        assert_eq!(predicate.length(), items.length);
        assert!(room.kind == items.kind && room.length == items.length);
        let chunks = predicate.grains().div_ceil(GRAINS_PER_CHUNK);
        Self {
            predicate,
            items,
            level: level.min(Level::detected()),
            room,
            running: Running::new(chunks),
            target: OnceLock::new(),
        }
    }

    fn find_and_move(&self, chunk: usize, stop: &dyn Fn() -> bool) {
        let first = chunk * GRAINS_PER_CHUNK;
        let grains = first..(first + GRAINS_PER_CHUNK).min(self.predicate.grains());
        let mut found = Vec::with_capacity(GRAINS_PER_CHUNK);
        for grain in grains {
            let Some(bits) = self.predicate.truths(grain, stop) else {
                return;
            };
            let count = count(&bits);
            found.push((grain, bits, count));
        }
        let Some(mut place) = self.running.before(chunk, 0, stop) else {
            return;
        };
        // Told before anything is moved: the chunk after this one may go on.
        let all: usize = found.iter().map(|(_, _, count)| count).sum();
        self.running.tell(chunk, place + all);
        for (grain, bits, count) in found {
            // SAFETY: no more are kept before the end of a chunk than there are items, so this lies within the room; chunks
            // have places of their own; the level was checked.
            unsafe {
                let to = self.room.data.add(place * self.room.kind.bytes());
                let from = self.predicate.range(grain..grain + 1);
                move_kept(self.items, from, &bits, to, count, true, self.level);
            }
            place += count;
        }
    }

    fn copy(&self, elements: Range<usize>) {
        let Some(target) = self.target.get() else {
            return;
        };
        let bytes = target.kind.bytes();
        // SAFETY: within the results and the target, which has room for as many; both are apart.
        unsafe {
            std::ptr::copy_nonoverlapping(
                self.room.data.add(elements.start * bytes),
                target.data.add(elements.start * bytes),
                elements.len() * bytes,
            );
        }
    }
}

impl Filter for FilterInRoom {
    fn kind(&self) -> ElementKind {
        self.items.kind
    }

    fn count(&self) -> usize {
        self.running.last().unwrap_or(0)
    }

    fn target(&self) -> &OnceLock<Target> {
        &self.target
    }
}

impl Operation for FilterInRoom {
    fn in_order(&self) -> bool {
        true
    }

    fn stages(&self) -> usize {
        2
    }

    fn begin(&self, stage: usize) -> usize {
        match stage {
            0 => self.predicate.grains().div_ceil(GRAINS_PER_CHUNK),
            1 => self
                .target
                .get()
                .map_or(0, |target| target.length.div_ceil(COPIED)),
            _ => 0,
        }
    }

    fn chunk(&self, stage: usize, index: usize, stop: &dyn Fn() -> bool) {
        if stage == 0 {
            self.find_and_move(index, stop);
        } else {
            let start = index * COPIED;
            self.copy(start..(start + COPIED).min(self.count()));
        }
    }
}
