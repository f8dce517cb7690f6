//! Making blocks: what goes through stripes of the array with one buffer for each bucket.

use super::block;
use crate::data::ahead::ask_ahead;
use crate::data::sort::key::Key;
use crate::data::sort::partition::{BucketNumber, Splitters};
use std::ops::Range;

/// What goes through some stripes, one after the other, and makes blocks of their keys.
pub(in crate::data::sort) struct Run<K> {
    /// One buffer for each bucket: where it begins, and how many keys there are in it.
    buffers: Vec<K>,
    starts: Vec<u32>,
    filled: Vec<u32>,
    /// The stripes so far, whose slots are filled with blocks in this order.
    stripes: Vec<Range<usize>>,
    /// The bucket of each block.
    labels: Vec<BucketNumber>,
    /// Where the next block goes: one of the stripes, and a slot of it.
    stripe: usize,
    slot: usize,
}

impl<K: Key> Run<K> {
    pub(in crate::data::sort) fn new(buckets: usize) -> Self {
        let block = block::<K>();
        Self {
            buffers: vec![K::default(); buckets * block],
            starts: (0..buckets).map(|bucket| (bucket * block) as u32).collect(),
            filled: vec![0; buckets],
            stripes: Vec::new(),
            labels: Vec::new(),
            stripe: 0,
            slot: 0,
        }
    }

    /// Whether more stripes may follow: all but the last are a whole number of blocks.
    pub(in crate::data::sort) fn goes_on(&self) -> bool {
        let last = self.stripes.last();
        last.is_none_or(|stripe| stripe.len().is_multiple_of(block::<K>()))
    }

    /// Makes blocks in `target` of the keys of a stripe of `source`, after those of the stripes before.
    ///
    /// # Safety
    /// Both have these elements, which nobody else writes; they are the same or apart. So it was for the stripes before, of
    /// the same arrays. The splitters are for as many buckets as the run, which has not been closed.
    pub(in crate::data::sort) unsafe fn split(
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
        let mut numbers = [0; crate::BLOCK];
        for start in stripe.clone().step_by(crate::BLOCK) {
            let count = crate::BLOCK.min(stripe.end - start);
            // SAFETY: within the stripe; written after this, if at all.
            let elements = unsafe { std::slice::from_raw_parts(source.add(start), count) };
            ask_ahead(elements);
            let keys = &mut keys[..count];
            for (key, &element) in keys.iter_mut().zip(elements) {
                *key = encode(element);
            }
            splitters.find(keys, &mut numbers[..count]);
            for (&key, &number) in keys.iter().zip(&numbers[..count]) {
                let bucket = number as usize;
                // SAFETY: bucket numbers are below the number of buckets, and a buffer is never full here.
                unsafe {
                    let place = *filled.add(bucket) as usize;
                    buffers.add(bucket * block + place).write(key);
                    *filled.add(bucket) = place as u32 + 1;
                    if place + 1 == block {
                        *filled.add(bucket) = 0;
                        self.write(target, number);
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
    unsafe fn write(&mut self, target: *mut K, bucket: BucketNumber) {
        let block = block::<K>();
        if self.slot == self.stripes[self.stripe].len() / block {
            self.stripe += 1;
            self.slot = 0;
        }
        let place = self.stripes[self.stripe].start + self.slot * block;
        // SAFETY: what stands there has been read, since blocks follow each other as the stripes do; the buffer is memory of
        // its own.
        unsafe {
            let buffer = self.buffers.as_ptr().add(bucket as usize * block);
            std::ptr::copy_nonoverlapping(buffer, target.add(place), block);
        }
        self.slot += 1;
        self.labels.push(bucket);
    }

    /// Gives the stripes back with all their keys in any order: what fills no block stands behind the blocks.
    ///
    /// # Safety
    /// As for [`Run::split`], for all of its stripes.
    pub(in crate::data::sort) unsafe fn undo<'a>(self, target: *mut K) -> Vec<&'a mut [K]> {
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

    /// After the last stripe: says of each slot of the array that has a block of this run, whose it is, and gives memory back
    /// that only more blocks would need.
    pub(super) fn close(&mut self, labels: &mut [BucketNumber]) {
        let mut own = std::mem::take(&mut self.labels).into_iter();
        for stripe in &self.stripes {
            let slots = labels[stripe.start / block::<K>()..].iter_mut();
            for (slot, label) in slots.zip(own.by_ref().take(stripe.len() / block::<K>())) {
                *slot = label;
            }
        }
        let mut end = 0;
        for (start, &filled) in self.starts.iter_mut().zip(&self.filled) {
            let keys = *start as usize..(*start + filled) as usize;
            *start = end as u32;
            let count = keys.len();
            self.buffers.copy_within(keys, end);
            end += count;
        }
        self.buffers.truncate(end);
        self.buffers.shrink_to_fit();
    }

    /// The keys of a bucket that fill no block.
    pub(super) fn rest_of(&self, bucket: usize) -> &[K] {
        let start = self.starts[bucket] as usize;
        &self.buffers[start..start + self.filled[bucket] as usize]
    }
}
