//! Keys to buckets in the array itself, with a few blocks of other memory: the way of "In-Place Parallel Super Scalar
//! Samplesort" (Axtmann, Witt, Ferizovic and Sanders, 2017), with a plan in place of shared counters.
//!
//! 1. Each stripe of the array is read through one buffer for each bucket; a full buffer is written as a block to where
//!    everything has been read already. What is left in the buffers goes on to the next stripe; at the end it stays outside.
//! 2. A plan gives every block a slot in the part of its bucket. Slots and blocks form a graph with buckets as nodes, which
//!    falls apart into cycles through each bucket at most once. Any thread may move the blocks of any cycle.
//! 3. Blocks begin at whole slots, buckets anywhere: what runs over the end of a bucket, and what was left in the buffers,
//!    fills the holes at both ends of each.

use super::key::Key;
use super::partition::{MOST_BUCKETS, Splitters};
use super::room::Room;
use crate::data::lock;
use std::ops::Range;
use std::sync::{Arc, Mutex};

/// Bytes of a block.
const BLOCK_BYTES: usize = 1024;
/// The node of slots that are no bucket's, and the label of slots that hold no block.
const NONE: usize = MOST_BUCKETS;

/// Keys of a block.
pub(super) const fn block<K>() -> usize {
    BLOCK_BYTES / size_of::<K>()
}

/// What goes through some stripes, one after the other, and makes blocks of their keys.
pub(super) struct Run<K> {
    /// One buffer for each bucket, and how many keys there are in each.
    buffers: Vec<K>,
    filled: Vec<u32>,
    /// The stripes so far, whose slots are filled with blocks in this order.
    stripes: Vec<Range<usize>>,
    /// The bucket of each block.
    labels: Vec<u8>,
    /// Where the next block goes: one of the stripes, and a slot of it.
    stripe: usize,
    slot: usize,
}

impl<K: Key> Run<K> {
    pub(super) fn new(buckets: usize) -> Self {
        Self {
            buffers: vec![K::default(); buckets * block::<K>()],
            filled: vec![0; buckets],
            stripes: Vec::new(),
            labels: Vec::new(),
            stripe: 0,
            slot: 0,
        }
    }

    /// Whether more stripes may follow: all but the last are a whole number of blocks.
    pub(super) fn goes_on(&self) -> bool {
        let last = self.stripes.last();
        last.is_none_or(|stripe| stripe.len().is_multiple_of(block::<K>()))
    }

    /// Makes blocks in `target` of the keys of a stripe of `source`, after those of the stripes before.
    ///
    /// # Safety
    /// Both have these elements, which nobody else writes; they are the same or apart. So it was for the stripes before, of
    /// the same arrays. The splitters are for as many buckets as the run.
    pub(super) unsafe fn split(
        &mut self,
        source: *const K,
        target: *mut K,
        stripe: Range<usize>,
        encode: impl Fn(K) -> K,
        splitters: &Splitters<K>,
    ) {
        let block = block::<K>();
        assert!(self.goes_on() && splitters.buckets() <= self.filled.len());
        self.stripes.push(stripe.clone());
        self.labels.reserve_exact(stripe.len() / block + 1);
        // Addresses that no write to the array can change.
        let (buffers, filled) = (self.buffers.as_mut_ptr(), self.filled.as_mut_ptr());
        let mut keys = [K::default(); crate::BLOCK];
        let mut ids = [0u8; crate::BLOCK];
        for start in stripe.clone().step_by(crate::BLOCK) {
            let count = crate::BLOCK.min(stripe.end - start);
            let keys = &mut keys[..count];
            for (i, key) in keys.iter_mut().enumerate() {
                // SAFETY: within the stripe.
                *key = encode(unsafe { source.add(start + i).read() });
            }
            splitters.find(keys, &mut ids[..count]);
            for (&key, &id) in keys.iter().zip(&ids[..count]) {
                let id = id as usize;
                // SAFETY: bucket numbers are below the number of buckets, and a buffer is never full here.
                unsafe {
                    let place = *filled.add(id) as usize;
                    buffers.add(id * block + place).write(key);
                    *filled.add(id) = place as u32 + 1;
                    if place + 1 == block {
                        *filled.add(id) = 0;
                        self.write(target, id as u8);
                    }
                }
            }
        }
    }

    /// Writes a full buffer as the next block.
    ///
    /// # Safety
    /// As for [`Run::split`]; as many keys as all blocks have, this one included, have been read.
    #[inline(never)]
    unsafe fn write(&mut self, target: *mut K, id: u8) {
        let block = block::<K>();
        if self.slot == self.stripes[self.stripe].len() / block {
            self.stripe += 1;
            self.slot = 0;
        }
        let place = self.stripes[self.stripe].start + self.slot * block;
        // SAFETY: what stands there has been read, since blocks follow each other as the stripes do; the buffer is memory of
        // its own.
        unsafe {
            let buffer = self.buffers.as_ptr().add(id as usize * block);
            std::ptr::copy_nonoverlapping(buffer, target.add(place), block);
        }
        self.slot += 1;
        self.labels.push(id);
    }

    /// Gives the stripes back with all their keys in any order: what fills no block stands behind the blocks.
    ///
    /// # Safety
    /// As for [`Run::split`], for all of its stripes.
    pub(super) unsafe fn undo<'a>(self, target: *mut K) -> Vec<&'a mut [K]> {
        let free = self.stripes[self.stripe..].iter().cloned().flatten();
        let rest = (0..self.filled.len()).flat_map(|bucket| self.rest_of(bucket));
        for (place, &key) in free.skip(self.slot * block::<K>()).zip(rest) {
            // SAFETY: within the stripes; there are as many places behind the blocks as keys outside them.
            unsafe { target.add(place).write(key) };
        }
        let stripes = self.stripes.iter();
        stripes
            // SAFETY: stripes are apart from each other.
            .map(|stripe| unsafe {
                std::slice::from_raw_parts_mut(target.add(stripe.start), stripe.len())
            })
            .collect()
    }

    /// The keys of a bucket that fill no block.
    fn rest_of(&self, bucket: usize) -> &[K] {
        let start = bucket * block::<K>();
        &self.buffers[start..start + self.filled[bucket] as usize]
    }
}

/// Where the keys of a bucket are to stand, and the slots of its blocks.
struct Bucket {
    keys: Range<usize>,
    slots: Range<usize>,
}

/// Which blocks move where.
pub(super) struct Plan<K> {
    runs: Vec<Run<K>>,
    buckets: Vec<Bucket>,
    n: usize,
    /// The slots of all cycles, one cycle after the other, the last of each marked: each block goes to the next slot, that
    /// of the last to the first. None after all have moved.
    slots: Mutex<Arc<[u32]>>,
    /// In place of the last slot, where that lies partly beyond the array.
    last: Room<K>,
}

/// Marks the last slot of a cycle. So many blocks are more memory than there is.
const LAST: u32 = 1 << 31;

impl<K: Key> Plan<K> {
    /// Of runs that have gone through all of `n` keys in stripes of `stripe`, a whole number of blocks.
    pub(super) fn new(mut runs: Vec<Run<K>>, buckets: usize, stripe: usize, n: usize) -> Self {
        let block = block::<K>();
        let buckets = parts(&runs, buckets);
        let per_stripe = stripe / block;
        // Of each stripe the labels of its blocks.
        let mut stripes = vec![&[][..]; n.div_ceil(stripe)];
        for run in &runs {
            let mut labels = &run.labels[..];
            for keys in &run.stripes {
                let blocks = (keys.len() / block).min(labels.len());
                (stripes[keys.start / stripe], labels) = labels.split_at(blocks);
            }
        }
        let label = |slot: usize| {
            let labels = stripes.get(slot / per_stripe);
            let label = labels.and_then(|labels| labels.get(slot % per_stripe));
            label.map_or(NONE, |&label| label as usize)
        };
        let slots = cycles(&buckets, n.div_ceil(block), label);
        for run in &mut runs {
            run.labels = Vec::new();
        }
        Self {
            runs,
            buckets,
            n,
            slots: Mutex::new(slots.into()),
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
    pub(super) unsafe fn follow(&self, target: *mut K, part: usize, parts: usize) {
        let all = Arc::clone(&lock(&self.slots));
        // A cycle belongs to the part that its first slot lies in.
        let first_at = |part: usize| {
            let at = all.len() * part / parts;
            let is_first = |i: &usize| *i == 0 || all[i - 1] & LAST != 0;
            (at..all.len()).find(is_first).unwrap_or(all.len())
        };
        let slots = &all[first_at(part)..first_at(part + 1)];
        for cycle in slots.split_inclusive(|slot| slot & LAST != 0) {
            // SAFETY: the caller's promise.
            unsafe { self.turn(target, cycle) };
        }
    }

    /// Forgets the cycles, all of which have been moved: a large part of the memory beside the array.
    pub(super) fn forget_cycles(&self) {
        *lock(&self.slots) = Arc::default();
    }

    /// # Safety
    /// As for [`Plan::follow`], for one cycle.
    unsafe fn turn(&self, target: *mut K, cycle: &[u32]) {
        let block = block::<K>();
        let mut saved = [K::default(); BLOCK_BYTES / 4];
        let place = |i: usize| self.slot(target, (cycle[i] & !LAST) as usize);
        let last = cycle.len() - 1;
        // SAFETY: slots are within the array, or the last one's stand-in, and apart from each other.
        unsafe {
            std::ptr::copy_nonoverlapping(place(last), saved.as_mut_ptr(), block);
            for i in (0..last).rev() {
                std::ptr::copy_nonoverlapping(place(i), place(i + 1), block);
            }
            std::ptr::copy_nonoverlapping(saved.as_ptr(), place(0), block);
        }
    }

    /// What of each bucket's blocks lies beyond its end, once all cycles are done and before any bucket is filled.
    ///
    /// # Safety
    /// As for [`Plan::follow`], for the whole array.
    pub(super) unsafe fn overruns(&self, target: *const K) -> Vec<Vec<K>> {
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

    pub(super) fn buckets(&self) -> usize {
        self.buckets.len()
    }

    /// Fills the holes of a bucket and gives its keys.
    ///
    /// # Safety
    /// As for [`Plan::follow`], for the keys of this bucket; `overrun` is its own.
    pub(super) unsafe fn fill<'a>(
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
fn parts<K: Key>(runs: &[Run<K>], buckets: usize) -> Vec<Bucket> {
    let block = block::<K>();
    let mut blocks = [0; MOST_BUCKETS];
    for label in runs.iter().flat_map(|run| &run.labels) {
        blocks[*label as usize] += 1;
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

/// The cycles of at least two slots, one after the other, the last slot of each marked.
///
/// A slot leads from the bucket that it belongs to, to that of the block in it. Slots without a block, and blocks outside
/// all buckets' slots, go by way of a node of their own. As many slots lead to each node as from it, so whoever walks on
/// comes back; what lies between two visits of a bucket is a cycle.
fn cycles(buckets: &[Bucket], slots: usize, label: impl Fn(usize) -> usize) -> Vec<u32> {
    let mut free = [const { 0..0 }; MOST_BUCKETS];
    let mut outside = Vec::new();
    for (bucket, part) in buckets.iter().enumerate() {
        free[bucket] = part.slots.clone();
        let next = buckets
            .get(bucket + 1)
            .map_or(slots, |next| next.slots.start);
        outside.extend((part.slots.end..next).filter(|&slot| label(slot) != NONE));
    }
    let mut take = |node: usize| {
        if node == NONE {
            outside.pop()
        } else {
            free[node].next()
        }
    };
    // No more than all blocks, of which there are many.
    let blocks = buckets.iter().map(|bucket| bucket.slots.len()).sum();
    let mut found = Vec::with_capacity(blocks);
    let mut path: Vec<u32> = Vec::new();
    // How long the path was when it came to a node that it has not left by a cycle since.
    let mut reached = [usize::MAX; MOST_BUCKETS + 1];
    let mut nodes: Vec<usize> = Vec::new();
    for start in 0..buckets.len() {
        let mut node = start;
        while let Some(slot) = take(node) {
            reached[node] = path.len();
            path.push(slot as u32);
            nodes.push(node);
            node = label(slot);
            let since = reached[node];
            if since == usize::MAX {
                continue;
            }
            if path.len() - since > 1 {
                found.extend_from_slice(&path[since..]);
                if let Some(last) = found.last_mut() {
                    *last |= LAST;
                }
            }
            for node in nodes.drain(since..) {
                reached[node] = usize::MAX;
            }
            path.truncate(since);
        }
    }
    found
}
