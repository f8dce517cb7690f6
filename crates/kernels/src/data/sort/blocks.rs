//! Keys to buckets in the array itself, with a few blocks of other memory: the way of "In-Place Parallel Super Scalar
//! Samplesort" (Axtmann, Witt, Ferizovic and Sanders, 2017), with a plan in place of shared counters.
//!
//! 1. Each stripe of the array is read through one buffer for each bucket; a full buffer is written as a block to the
//!    front of the stripe, where everything has been read already. What is left in the buffers at the end stays outside.
//! 2. A plan gives every block a slot in the part of its bucket. Slots and blocks form a graph with buckets as nodes, which
//!    falls apart into cycles through each bucket at most once. Any thread may move the blocks of any cycle.
//! 3. Blocks begin at whole slots, buckets anywhere: what runs over the end of a bucket, and what was left in the buffers,
//!    fills the holes at both ends of each.

use super::key::Key;
use super::partition::{MOST_BUCKETS, Splitters};
use super::room::Room;
use std::ops::Range;

/// Bytes of a block.
const BLOCK_BYTES: usize = 1024;
/// The node of slots that are no bucket's, and the label of slots that hold no block.
const NONE: usize = MOST_BUCKETS;

/// Keys of a block.
pub(super) const fn block<K>() -> usize {
    BLOCK_BYTES / size_of::<K>()
}

/// Keys of all buffers of a stripe.
pub(super) const fn buffers<K>(buckets: usize) -> usize {
    buckets * block::<K>()
}

/// What has become of a stripe.
pub(super) struct Stripe<K> {
    /// The bucket of each block at its front.
    labels: Vec<u8>,
    /// The keys that fill no block, by bucket, and where those of each bucket end.
    rest: Vec<K>,
    ends: Vec<u32>,
}

impl<K: Key> Stripe<K> {
    /// Makes blocks of `n` elements from `source` at the front of `target`. `buffers` are in any state.
    ///
    /// # Safety
    /// Both have `n` elements, which nobody else writes; they are the same or apart.
    pub(super) unsafe fn split(
        source: *const K,
        target: *mut K,
        n: usize,
        encode: impl Fn(K) -> K,
        splitters: &Splitters<K>,
        buffers: &mut [K],
    ) -> Self {
        let block = block::<K>();
        assert!(buffers.len() >= self::buffers::<K>(splitters.buckets()));
        let mut filled = [0u32; MOST_BUCKETS];
        let mut labels = Vec::with_capacity(n / block);
        let mut keys = [K::default(); crate::BLOCK];
        let mut ids = [0u8; crate::BLOCK];
        for start in (0..n).step_by(crate::BLOCK) {
            let count = crate::BLOCK.min(n - start);
            let keys = &mut keys[..count];
            for (i, key) in keys.iter_mut().enumerate() {
                // SAFETY: below `n`.
                *key = encode(unsafe { source.add(start + i).read() });
            }
            splitters.find(keys, &mut ids[..count]);
            for (&key, &id) in keys.iter().zip(&ids[..count]) {
                let id = id as usize;
                let place = filled[id] as usize;
                // SAFETY: bucket numbers are below the number of buckets, and a buffer is never full here.
                unsafe { *buffers.get_unchecked_mut(id * block + place) = key };
                filled[id] = place as u32 + 1;
                if place + 1 == block {
                    // SAFETY: all blocks so far have no more keys than were read, so none is written over; the buffer is
                    // memory of its own.
                    unsafe {
                        std::ptr::copy_nonoverlapping(
                            buffers.as_ptr().add(id * block),
                            target.add(labels.len() * block),
                            block,
                        );
                    }
                    labels.push(id as u8);
                    filled[id] = 0;
                }
            }
        }
        let mut rest = Vec::with_capacity(n - labels.len() * block);
        let ends = filled[..splitters.buckets()]
            .iter()
            .enumerate()
            .map(|(id, &filled)| {
                rest.extend_from_slice(&buffers[id * block..id * block + filled as usize]);
                rest.len() as u32
            })
            .collect();
        Self { labels, rest, ends }
    }

    fn rest_of(&self, bucket: usize) -> &[K] {
        let start = if bucket == 0 {
            0
        } else {
            self.ends[bucket - 1]
        };
        &self.rest[start as usize..self.ends[bucket] as usize]
    }
}

/// Where the keys of a bucket are to stand, and the slots of its blocks.
struct Bucket {
    keys: Range<usize>,
    slots: Range<usize>,
}

/// Which blocks move where.
pub(super) struct Plan<K> {
    stripes: Vec<Stripe<K>>,
    buckets: Vec<Bucket>,
    n: usize,
    /// The slots of all cycles, one cycle after the other: each block goes to the next slot, the last to the first.
    slots: Vec<u32>,
    ends: Vec<usize>,
    /// In place of the last slot, where that lies partly beyond the array.
    last: Room<K>,
}

impl<K: Key> Plan<K> {
    /// All stripes but the last have `stripe` keys, a whole number of blocks; `n` in all.
    pub(super) fn new(
        mut stripes: Vec<Stripe<K>>,
        buckets: usize,
        stripe: usize,
        n: usize,
    ) -> Self {
        let block = block::<K>();
        let buckets = parts(&stripes, buckets);
        let per_stripe = stripe / block;
        let label = |slot: usize| {
            let labels = stripes
                .get(slot / per_stripe)
                .map_or(&[][..], |stripe| &stripe.labels);
            labels
                .get(slot % per_stripe)
                .map_or(NONE, |&label| label as usize)
        };
        let (slots, ends) = cycles(&buckets, n.div_ceil(block), label);
        for stripe in &mut stripes {
            stripe.labels = Vec::new();
        }
        Self {
            stripes,
            buckets,
            n,
            slots,
            ends,
            last: Room::new(block),
        }
    }

    pub(super) fn cycles(&self) -> usize {
        self.ends.len()
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

    /// Moves the blocks of some cycles.
    ///
    /// # Safety
    /// `target` is the array that the stripes were made in; nobody else moves these cycles or uses their slots.
    pub(super) unsafe fn follow(&self, target: *mut K, cycles: Range<usize>) {
        let block = block::<K>();
        let mut saved = [K::default(); BLOCK_BYTES / 4];
        for cycle in cycles {
            let start = if cycle == 0 { 0 } else { self.ends[cycle - 1] };
            let slots = &self.slots[start..self.ends[cycle]];
            let place = |i: usize| self.slot(target, slots[i] as usize);
            let last = slots.len() - 1;
            // SAFETY: slots are within the array, or the last one's stand-in, and apart from each other.
            unsafe {
                std::ptr::copy_nonoverlapping(place(last), saved.as_mut_ptr(), block);
                for i in (0..last).rev() {
                    std::ptr::copy_nonoverlapping(place(i), place(i + 1), block);
                }
                std::ptr::copy_nonoverlapping(saved.as_ptr(), place(0), block);
            }
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
        let rest = self
            .stripes
            .iter()
            .flat_map(|stripe| stripe.rest_of(bucket));
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
fn parts<K: Key>(stripes: &[Stripe<K>], buckets: usize) -> Vec<Bucket> {
    let block = block::<K>();
    let mut blocks = [0; MOST_BUCKETS];
    for label in stripes.iter().flat_map(|stripe| &stripe.labels) {
        blocks[*label as usize] += 1;
    }
    let mut start = 0;
    (0..buckets)
        .map(|bucket| {
            let rest: usize = stripes
                .iter()
                .map(|stripe| stripe.rest_of(bucket).len())
                .sum();
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

/// The cycles of at least two slots, one after the other, and where each ends.
///
/// A slot leads from the bucket that it belongs to, to that of the block in it. Slots without a block, and blocks outside
/// all buckets' slots, go by way of a node of their own. As many slots lead to each node as from it, so whoever walks on
/// comes back; what lies between two visits of a bucket is a cycle.
fn cycles(
    buckets: &[Bucket],
    slots: usize,
    label: impl Fn(usize) -> usize,
) -> (Vec<u32>, Vec<usize>) {
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
    let (mut found, mut ends) = (Vec::with_capacity(blocks), Vec::new());
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
                ends.push(found.len());
            }
            for node in nodes.drain(since..) {
                reached[node] = usize::MAX;
            }
            path.truncate(since);
        }
    }
    (found, ends)
}
