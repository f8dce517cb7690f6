//! Sorting elements of 4 and 8 bytes: splitters from a sample, one pass into up to 256 buckets, each bucket by itself.
//!
//! Stages: 0 looks whether the array is sorted already, either way; 1 finds the bucket of each element and counts;
//! 2 moves the keys to their buckets; 3 sorts the buckets. The buckets stand in the target, or where that is the source, in
//! memory of the same size. Besides there is one byte for each element.

use super::Fresh;
use super::key::{Coding, Key};
use super::partition::{MOST_BUCKETS, Splitters, classify, decoded, encoded};
use super::radix;
use super::room::Room;
use crate::data::{Operation, lock};
use std::cell::RefCell;
use std::sync::{Mutex, OnceLock};

/// Elements of one chunk of the first stages.
const CHUNK: usize = 65_536;
/// Elements that a bucket is meant to have: its keys and as many to spare fit into the second-level cache.
const BUCKET: usize = 32_768;

pub(super) struct BucketSort<C: Coding> {
    source: *const C::Key,
    target: *mut C::Key,
    n: usize,
    flip: bool,
    in_place: bool,
    /// Whether all chunks so far ascend, and whether they all descend.
    trend: Mutex<(bool, bool)>,
    splitters: OnceLock<Splitters<C::Key>>,
    ids: OnceLock<Room<u8>>,
    counts: Mutex<Vec<[u32; MOST_BUCKETS]>>,
    /// Where each chunk puts its first element of each bucket, then the ends of the buckets.
    places: OnceLock<(Vec<[usize; MOST_BUCKETS]>, Vec<usize>)>,
    keys: OnceLock<Room<C::Key>>,
    fresh: Fresh,
}

// SAFETY: the arrays behind the addresses are kept by whoever made the operation; chunks write disjoint parts.
unsafe impl<C: Coding> Send for BucketSort<C> {}
// SAFETY: as above.
unsafe impl<C: Coding> Sync for BucketSort<C> {}

impl<C: Coding> BucketSort<C> {
    /// `source` and `target` have `n` elements and are the same or apart.
    pub(super) fn new(
        source: *const u8,
        target: *mut u8,
        n: usize,
        descending: bool,
        fresh: Fresh,
    ) -> Self {
        Self {
            source: source.cast(),
            target: target.cast(),
            n,
            flip: descending,
            in_place: source == target.cast_const(),
            trend: Mutex::new((true, true)),
            splitters: OnceLock::new(),
            ids: OnceLock::new(),
            counts: Mutex::new(Vec::new()),
            places: OnceLock::new(),
            keys: OnceLock::new(),
            fresh,
        }
    }

    fn chunks(&self) -> usize {
        self.n.div_ceil(CHUNK)
    }

    fn source(&self, start: usize, n: usize) -> &[C::Key] {
        assert!(start + n <= self.n);
        // SAFETY: within the source; in place, nothing writes it before stage 3, which does not read it.
        unsafe { std::slice::from_raw_parts(self.source.add(start), n) }
    }

    fn chunk_of(&self, index: usize) -> (usize, usize) {
        let start = index * CHUNK;
        (start, CHUNK.min(self.n - start))
    }

    /// Follows the order of keys as long as it can go one way, with the first element of the next chunk.
    fn look(&self, index: usize) {
        let (start, n) = self.chunk_of(index);
        let elements = self.source(start, (n + 1).min(self.n - start));
        let (mut ascending, mut descending) = *lock(&self.trend);
        for pair in elements.windows(2) {
            let (a, b) = (
                encoded::<C>(pair[0], self.flip),
                encoded::<C>(pair[1], self.flip),
            );
            ascending &= a <= b;
            descending &= a >= b;
            if !ascending && !descending {
                break;
            }
        }
        let mut trend = lock(&self.trend);
        trend.0 &= ascending;
        trend.1 &= descending;
    }

    /// Copies or reverses, where that is all there is to do. One chunk: memory moves as fast as one thread can.
    fn settle(&self) {
        // SAFETY: `n` elements, the same or apart; no other chunk runs in this stage.
        let target = unsafe {
            if !self.in_place {
                std::ptr::copy_nonoverlapping(self.source, self.target, self.n);
            }
            std::slice::from_raw_parts_mut(self.target, self.n)
        };
        if !lock(&self.trend).0 {
            target.reverse();
        }
    }

    /// Sorts what is no longer than a bucket.
    fn sort_whole(&self) {
        // SAFETY: `n` elements, the same or apart; no other chunk runs in this stage.
        let target = unsafe {
            if !self.in_place {
                std::ptr::copy_nonoverlapping(self.source, self.target, self.n);
            }
            std::slice::from_raw_parts_mut(self.target, self.n)
        };
        for bits in &mut *target {
            *bits = encoded::<C>(*bits, self.flip);
        }
        with_spare::<C::Key, _>(self.n, |spare| radix::sort(target, spare));
        decode::<C>(target, self.flip);
    }

    fn is_settled(&self) -> bool {
        let (ascending, descending) = *lock(&self.trend);
        ascending || descending
    }

    fn classify(&self, index: usize) {
        let (Some(splitters), Some(ids)) = (self.splitters.get(), self.ids.get()) else {
            return;
        };
        let (start, n) = self.chunk_of(index);
        let mut counts = [0; MOST_BUCKETS];
        // SAFETY: chunks are apart.
        let ids = unsafe { ids.part(start, n) };
        classify::<C>(
            self.source(start, n),
            self.flip,
            splitters,
            ids,
            &mut counts,
        );
        lock(&self.counts)[index] = counts;
    }

    /// Places of the chunks' elements in the buckets, bucket by bucket and within each in the order of the chunks.
    fn place(&self) -> (Vec<[usize; MOST_BUCKETS]>, Vec<usize>) {
        let counts = lock(&self.counts);
        let mut places = vec![[0; MOST_BUCKETS]; counts.len()];
        let buckets = self.splitters.get().map_or(0, Splitters::buckets);
        let mut ends = Vec::with_capacity(buckets);
        let mut place = 0;
        for bucket in 0..buckets {
            for (chunk, counts) in counts.iter().enumerate() {
                places[chunk][bucket] = place;
                place += counts[bucket] as usize;
            }
            ends.push(place);
        }
        (places, ends)
    }

    fn buckets_start(&self) -> *mut C::Key {
        self.keys.get().map_or(self.target, Room::as_ptr)
    }

    fn distribute(&self, index: usize) {
        let (Some(ids), Some((places, _))) = (self.ids.get(), self.places.get()) else {
            return;
        };
        let (start, n) = self.chunk_of(index);
        // SAFETY: written in stage 1, only read now.
        let ids = unsafe { ids.part(start, n) };
        let mut places = places[index];
        let buckets = self.buckets_start();
        for (&bits, &id) in self.source(start, n).iter().zip(&*ids) {
            let place = &mut places[id as usize];
            // SAFETY: the counts of stage 1 give every element of every chunk a place of its own below `n`.
            unsafe { buckets.add(*place).write(encoded::<C>(bits, self.flip)) };
            *place += 1;
        }
    }

    fn sort_bucket(&self, index: usize) {
        let Some((_, ends)) = self.places.get() else {
            return;
        };
        let start = if index == 0 { 0 } else { ends[index - 1] };
        let n = ends[index] - start;
        // SAFETY: buckets are apart, and so are their places in the target.
        let (keys, target) = unsafe {
            (
                std::slice::from_raw_parts_mut(self.buckets_start().add(start), n),
                self.target.add(start),
            )
        };
        if self.in_place {
            // SAFETY: in place, the buckets do not stand in the target.
            let target = unsafe { std::slice::from_raw_parts_mut(target, n) };
            radix::sort(keys, target);
            target.copy_from_slice(keys);
            decode::<C>(target, self.flip);
        } else {
            with_spare::<C::Key, _>(n, |spare| radix::sort(keys, spare));
            decode::<C>(keys, self.flip);
        }
    }
}

fn decode<C: Coding>(keys: &mut [C::Key], flip: bool) {
    for key in keys {
        *key = decoded::<C>(*key, flip);
    }
}

/// Memory of this thread for `n` keys, kept as long as it is small.
fn with_spare<K: Key, R>(n: usize, use_spare: impl FnOnce(&mut [K]) -> R) -> R {
    const KEPT: usize = 1 << 17;
    thread_local! {
        static SPARE: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
    }
    SPARE.with_borrow_mut(|spare| {
        spare.resize(spare.len().max(n), 0);
        // SAFETY: keys are plain integers of at most 8 bytes.
        let room = unsafe { std::slice::from_raw_parts_mut(spare.as_mut_ptr().cast::<K>(), n) };
        let result = use_spare(room);
        if spare.len() > KEPT {
            *spare = Vec::new();
        }
        result
    })
}

impl<C: Coding> Operation for BucketSort<C> {
    fn stages(&self) -> usize {
        4
    }

    fn begin(&self, stage: usize) -> usize {
        match stage {
            0 => self.chunks(),
            1 if self.is_settled() || self.n <= BUCKET => 1,
            1 => {
                let buckets = (self.n / BUCKET).next_power_of_two().clamp(2, MOST_BUCKETS);
                let source = self.source(0, self.n);
                let key_at = |i: usize| encoded::<C>(source[i], self.flip);
                let _ = self.splitters.set(Splitters::new(buckets, self.n, key_at));
                let _ = self.ids.set(Room::new(self.n, self.fresh));
                *lock(&self.counts) = vec![[0; MOST_BUCKETS]; self.chunks()];
                self.chunks()
            }
            _ if self.is_settled() || self.n <= BUCKET => 0,
            2 => {
                let _ = self.places.set(self.place());
                if self.in_place {
                    let _ = self.keys.set(Room::new(self.n, self.fresh));
                }
                self.chunks()
            }
            _ => self.places.get().map_or(0, |(_, ends)| ends.len()),
        }
    }

    fn chunk(&self, stage: usize, index: usize, _: &dyn Fn() -> bool) {
        match stage {
            0 => self.look(index),
            1 if self.is_settled() => self.settle(),
            1 if self.n <= BUCKET => self.sort_whole(),
            1 => self.classify(index),
            2 => self.distribute(index),
            _ => self.sort_bucket(index),
        }
    }
}
