//! Moving blocks to the slots of their buckets, and filling what they leave open.

use super::cycles::{Cycles, LAST};
use super::run::Run;
use super::{BLOCK_BYTES, NONE, block};
use crate::data::lock;
use crate::data::sort::key::Key;
use crate::data::sort::partition::{BucketNumber, MOST_BUCKETS};
use crate::data::sort::room::Room;
use crate::prefetch::prefetch;
use crate::streaming::LINE;
use std::ops::Range;
use std::sync::{Arc, Mutex};

/// How many blocks memory is asked ahead for: they lie anywhere, and one takes less time to move than to come.
const AHEAD: usize = 12;

/// Where the keys of a bucket are to stand, and the slots of its blocks.
pub(super) struct Bucket {
    pub(super) keys: Range<usize>,
    pub(super) slots: Range<usize>,
}

/// Which blocks move where.
pub(in crate::data::sort) struct Plan<K> {
    runs: Vec<Run<K>>,
    buckets: Vec<Bucket>,
    n: usize,
    /// None after all blocks have moved.
    cycles: Mutex<Arc<Cycles>>,
    /// In place of the last slot, where that lies partly beyond the array.
    last: Room<K>,
}

impl<K: Key> Plan<K> {
    /// Of runs that have gone through all of `n` keys in stripes of a whole number of blocks each.
    pub(in crate::data::sort) fn new(mut runs: Vec<Run<K>>, buckets: usize, n: usize) -> Self {
        let block = block::<K>();
        let mut labels = vec![NONE; n.div_ceil(block)];
        for run in &mut runs {
            run.close(&mut labels);
        }
        let buckets = parts(&runs, &labels, buckets);
        let cycles = Cycles::find(&buckets, &labels);
        Self {
            runs,
            buckets,
            n,
            cycles: Mutex::new(Arc::new(cycles)),
            last: Room::new(block),
        }
    }

    /// The address of a slot.
    fn slot(&self, target: *mut K, slot: usize) -> *mut K {
        let start = slot * block::<K>();
        if start + block::<K>() > self.n {
            return self.last.as_ptr();
        }
        // SAFETY: within the array.
        unsafe { target.add(start) }
    }

    /// Moves the blocks of the cycles of one of so many parts.
    ///
    /// # Safety
    /// `target` is the array that the blocks were made in; nobody else moves these cycles or uses their slots.
    pub(in crate::data::sort) unsafe fn follow(&self, target: *mut K, part: usize, parts: usize) {
        let cycles = Arc::clone(&lock(&self.cycles));
        let slots = cycles.part(part, parts);
        let place = |i: usize| self.slot(target, (slots[i] & !LAST) as usize);
        let block = block::<K>();
        let mut saved = [K::default(); BLOCK_BYTES / 4];
        // Backwards: each block goes to a slot that has just been left and is in the cache.
        for i in (0..slots.len()).rev() {
            if let Some(ahead) = i.checked_sub(AHEAD) {
                let block = place(ahead).cast_const().cast::<u8>();
                for line in (0..BLOCK_BYTES).step_by(LINE) {
                    prefetch(block.wrapping_add(line));
                }
            }
            // SAFETY: slots are within the array, or the last one's stand-in, and apart from each other.
            unsafe {
                if slots[i] & LAST == 0 {
                    std::ptr::copy_nonoverlapping(place(i), place(i + 1), block);
                } else {
                    std::ptr::copy_nonoverlapping(place(i), saved.as_mut_ptr(), block);
                }
                if i == 0 || slots[i - 1] & LAST != 0 {
                    std::ptr::copy_nonoverlapping(saved.as_ptr(), place(i), block);
                }
            }
        }
    }

    /// Forgets the cycles, all of which have been moved: a large part of the memory beside the array.
    pub(in crate::data::sort) fn forget_cycles(&self) {
        *lock(&self.cycles) = Arc::default();
    }

    /// What of each bucket's blocks lies beyond its end, once all cycles are done and before any bucket is filled.
    ///
    /// # Safety
    /// As for [`Plan::follow`], for the whole array.
    pub(in crate::data::sort) unsafe fn overruns(&self, target: *const K) -> Vec<Vec<K>> {
        let block = block::<K>();
        let overrun = |bucket: &Bucket| {
            if bucket.slots.is_empty() {
                return Vec::new();
            }
            let end = bucket.slots.end * block;
            // SAFETY: the stand-in is a whole block; what else runs over lies within the array.
            unsafe {
                if end > self.n {
                    std::slice::from_raw_parts(self.last.as_ptr(), block).to_vec()
                } else {
                    let from = bucket.keys.end.min(end);
                    std::slice::from_raw_parts(target.add(from), end - from).to_vec()
                }
            }
        };
        self.buckets.iter().map(overrun).collect()
    }

    pub(in crate::data::sort) fn buckets(&self) -> usize {
        self.buckets.len()
    }

    /// Fills the holes of a bucket and gives its keys.
    ///
    /// # Safety
    /// As for [`Plan::follow`], for the keys of this bucket; `overrun` is its own.
    pub(in crate::data::sort) unsafe fn fill<'a>(
        &self,
        target: *mut K,
        bucket: usize,
        overrun: &[K],
    ) -> &'a mut [K] {
        let block = block::<K>();
        let Bucket { keys, slots } = &self.buckets[bucket];
        // A last block in the stand-in counts as run over entirely.
        let whole = slots.end.min(self.n / block).max(slots.start);
        let head = keys.start..(slots.start * block).min(keys.end);
        let tail = (whole * block).min(keys.end)..keys.end;
        let rest = self.runs.iter().flat_map(|run| run.rest_of(bucket));
        for (place, &key) in head.chain(tail).zip(overrun.iter().chain(rest)) {
            // SAFETY: within the bucket, which nobody else uses.
            unsafe { target.add(place).write(key) };
        }
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(target.add(keys.start), keys.len()) }
    }
}

/// Places of the buckets one after the other. Blocks begin at the first whole slot; so many slots are there, since a bucket
/// has at least the keys of its blocks.
fn parts<K: Key>(runs: &[Run<K>], labels: &[BucketNumber], buckets: usize) -> Vec<Bucket> {
    let block = block::<K>();
    let mut blocks = [0; MOST_BUCKETS + 1];
    for &label in labels {
        blocks[label as usize] += 1;
    }
    let mut start = 0;
    (0..buckets)
        .map(|bucket| {
            let rest: usize = runs.iter().map(|run| run.rest_of(bucket).len()).sum();
            let keys = start..start + blocks[bucket] * block + rest;
            let slot = start.div_ceil(block);
            start = keys.end;
            Bucket {
                keys,
                slots: slot..slot + blocks[bucket],
            }
        })
        .collect()
}
