//! Sorting elements of 4 and 8 bytes: splitters from a sample, keys to up to 1024 buckets, each bucket by itself.
//!
//! Stages: 0 looks whether the array is sorted already, either way; 1 cuts it into blocks of one bucket each; 2 moves the
//! blocks to their buckets; 3 sorts the buckets. All of it happens in the target, which may be the source. A chunk that has
//! begun ends; after a stop, stage 4 takes the blocks apart or moves the rest of them, and 5 fills the rest of the buckets.

use super::blocks::{Plan, Run, block};
use super::key::{Coding, Key, decoded, encoded};
use super::partition::{MOST_BUCKETS, Splitters};
use super::radix;
use super::spares::Spares;
use crate::data::{Operation, lock};
use std::cell::RefCell;
use std::sync::{Mutex, OnceLock};

/// Elements of one chunk of the first stage.
const CHUNK: usize = 65_536;
/// Up to so many elements are sorted as one bucket: keys and as many to spare fit into the second-level cache.
const WHOLE: usize = 32_768;
/// Elements that a bucket is meant to have.
const BUCKET: usize = 32_768;
/// The same of a few buckets: each thread is to get some.
const SHORT_BUCKET: usize = 16_384;
const FEW_BUCKETS: usize = 8;
/// So many buckets cost little: to each of them one line is written at a time, and those fit into the first-level cache.
const USUAL_BUCKETS: usize = 256;
/// Elements of a bucket from where on there are more of them: hardly one then has more than [`MOST_SPARE`].
const LONG_BUCKET: usize = 98_304;
/// Elements of a stripe at least, and how many stripes there are at most.
const STRIPE: usize = 16_384;
const MOST_STRIPES: usize = 64;
/// Chunks that move blocks.
const MOVES: usize = 64;
/// Keys beside the array that any thread may sort a bucket with.
const MOST_SPARE: usize = 1 << 17;

pub(super) struct BucketSort<C: Coding> {
    source: *const C::Key,
    target: *mut C::Key,
    n: usize,
    flip: bool,
    in_place: bool,
    /// Whether all chunks so far ascend, and whether they all descend.
    trend: Mutex<(bool, bool)>,
    /// Boxed: short arrays have none, and JavaScript's collector may keep the operation for long.
    splitters: OnceLock<Box<Splitters<C::Key>>>,
    /// What threads split stripes with: those that no thread is using now.
    runs: Mutex<Vec<Run<C::Key>>>,
    plan: OnceLock<Plan<C::Key>>,
    /// Which chunks of the last two stages are done.
    moved: Mutex<Vec<bool>>,
    filled: Mutex<Vec<bool>>,
    /// Of each bucket, after its blocks have moved.
    overruns: OnceLock<Vec<Vec<C::Key>>>,
    /// Where most buckets are longer than a thread's own spare memory.
    spares: Spares<C::Key>,
}

// SAFETY: the arrays behind the addresses are kept by whoever made the operation; chunks write disjoint parts.
unsafe impl<C: Coding> Send for BucketSort<C> {}
// SAFETY: as above.
unsafe impl<C: Coding> Sync for BucketSort<C> {}

impl<C: Coding> BucketSort<C> {
    /// `source` and `target` have `n` elements and are the same or apart.
    pub(super) fn new(source: *const u8, target: *mut u8, n: usize, descending: bool) -> Self {
        Self {
            source: source.cast(),
            target: target.cast(),
            n,
            flip: descending,
            in_place: source == target.cast_const(),
            trend: Mutex::new((true, true)),
            splitters: OnceLock::new(),
            runs: Mutex::new(Vec::new()),
            plan: OnceLock::new(),
            moved: Mutex::new(vec![false; MOVES]),
            filled: Mutex::new(vec![false; buckets_for(n)]),
            overruns: OnceLock::new(),
            spares: Spares::new(n, buckets_for(n), MOST_SPARE),
        }
    }

    fn chunks(&self) -> usize {
        self.n.div_ceil(CHUNK)
    }

    fn source(&self, start: usize, n: usize) -> &[C::Key] {
        assert!(start + n <= self.n);
        // SAFETY: within the source; in place, nothing writes it before all this has been read.
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
        with_spare::<C::Key, _>(self.n, |spare| radix::sort(target, spare, None));
        decode::<C>(target, self.flip);
    }

    fn is_settled(&self) -> bool {
        let (ascending, descending) = *lock(&self.trend);
        ascending || descending
    }

    fn buckets(&self) -> usize {
        buckets_for(self.n)
    }

    /// Elements of a stripe.
    fn stripe(&self) -> usize {
        STRIPE
            .max(self.n.div_ceil(MOST_STRIPES))
            .next_multiple_of(block::<C::Key>())
    }

    fn split(&self, index: usize) {
        let splitters = self.splitters.get_or_init(|| {
            let source = self.source(0, self.n);
            Box::new(Splitters::new(self.buckets(), self.n, |i| {
                encoded::<C>(source[i], self.flip)
            }))
        });
        let start = index * self.stripe();
        let stripe = start..self.n.min(start + self.stripe());
        let encode = |bits| encoded::<C>(bits, self.flip);
        let mut run = self
            .idle_run()
            .unwrap_or_else(|| Run::new(splitters.buckets()));
        // SAFETY: stripes are apart, each in one chunk and so in one run; source and target are the same or apart.
        unsafe { run.split(self.source, self.target, stripe, encode, splitters) };
        lock(&self.runs).push(run);
    }

    fn idle_run(&self) -> Option<Run<C::Key>> {
        let mut runs = lock(&self.runs);
        let idle = runs.iter().position(Run::goes_on)?;
        Some(runs.swap_remove(idle))
    }

    fn plan(&self) -> &Plan<C::Key> {
        self.plan.get_or_init(|| {
            let runs = std::mem::take(&mut *lock(&self.runs));
            let buckets = self.splitters.get().map_or(0, |all| all.buckets());
            Plan::new(runs, buckets, self.n)
        })
    }

    fn move_blocks(&self, index: usize) {
        if lock(&self.moved)[index] {
            return;
        }
        // SAFETY: in this stage nobody uses the array but along cycles, each in one chunk.
        unsafe { self.plan().follow(self.target, index, MOVES) };
        lock(&self.moved)[index] = true;
    }

    /// Fills a bucket and gives its keys to `arrange`.
    fn fill_bucket(&self, index: usize, arrange: impl FnOnce(&mut [C::Key])) {
        if lock(&self.filled)[index] {
            return;
        }
        let plan = self.plan();
        // SAFETY: all cycles are done, and nobody fills a bucket before this has run.
        let overruns = self
            .overruns
            .get_or_init(|| unsafe { plan.overruns(self.target) });
        if let Some(overrun) = overruns.get(index) {
            // SAFETY: each bucket is one chunk's.
            let keys = unsafe { plan.fill(self.target, index, overrun) };
            arrange(keys);
            decode::<C>(keys, self.flip);
        }
        lock(&self.filled)[index] = true;
    }

    fn sort_bucket(&self, index: usize, keys: &mut [C::Key]) {
        let bounds = self.splitters.get().and_then(|all| all.bounds(index));
        if let Some(mut spare) = self.spares.take() {
            sort_keys(keys, &mut spare, bounds);
            self.spares.put(spare);
        } else {
            let n = keys.len().min(MOST_SPARE);
            with_spare(n, |spare| sort_keys(keys, spare, bounds));
        }
    }

    /// Undoes what one run has done.
    fn undo_run(&self) {
        let run = lock(&self.runs).pop();
        // SAFETY: no run is made any more, and each has stripes of its own.
        let stripes = run.map(|run| unsafe { run.undo(self.target) });
        for keys in stripes.into_iter().flatten() {
            decode::<C>(keys, self.flip);
        }
    }
}

/// Sorts keys on this thread, with `spare` in any state and `bounds` as for [`radix::sort`]: those that are more than it has
/// by way of buckets, which takes half as long again.
pub(super) fn sort_keys<K: Key>(keys: &mut [K], spare: &mut [K], bounds: Option<(K, K)>) {
    let n = keys.len();
    // Common keys have buckets to themselves.
    if are_equal(keys) {
        return;
    }
    if n <= spare.len() {
        return radix::sort(keys, &mut spare[..n], bounds);
    }
    let splitters = Splitters::new(buckets_for(n), n, |i| keys[i]);
    let target = keys.as_mut_ptr();
    let mut run = Run::new(splitters.buckets());
    // SAFETY: the keys are borrowed here.
    unsafe { run.split(target, target, 0..n, |key| key, &splitters) };
    let plan = Plan::new(vec![run], splitters.buckets(), n);
    // SAFETY: as above; one after the other.
    unsafe {
        plan.follow(target, 0, 1);
        for (bucket, overrun) in plan.overruns(target).iter().enumerate() {
            let part = plan.fill(target, bucket, overrun);
            if part.len() <= n / 2 || are_equal(part) {
                sort_keys(part, spare, splitters.bounds(bucket));
            } else {
                // The sample misled; without one, no input is worse than linear.
                radix::sort(part, &mut vec![K::default(); part.len()], None);
            }
        }
    }
}

fn are_equal<K: Key>(keys: &[K]) -> bool {
    keys.iter().all(|key| *key == keys[0])
}

fn buckets_for(n: usize) -> usize {
    let few = (n / SHORT_BUCKET).min(FEW_BUCKETS);
    let usual = (n / BUCKET).min(USUAL_BUCKETS);
    let buckets = few.max(usual).max(n / LONG_BUCKET);
    buckets.next_power_of_two().clamp(2, MOST_BUCKETS)
}

fn decode<C: Coding>(keys: &mut [C::Key], flip: bool) {
    for key in keys {
        *key = decoded::<C>(*key, flip);
    }
}

/// Memory of this thread for `n` keys, at most [`MOST_SPARE`].
fn with_spare<K: Key, R>(n: usize, use_spare: impl FnOnce(&mut [K]) -> R) -> R {
    thread_local! {
        static SPARE: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
    }
    SPARE.with_borrow_mut(|spare| {
        spare.resize(spare.len().max(n), 0);
        // SAFETY: keys are plain integers of at most 8 bytes.
        let room = unsafe { std::slice::from_raw_parts_mut(spare.as_mut_ptr().cast::<K>(), n) };
        use_spare(room)
    })
}

impl<C: Coding> Operation for BucketSort<C> {
    fn stages(&self) -> usize {
        4
    }

    fn mends(&self) -> usize {
        if self.in_place { 2 } else { 0 }
    }

    fn begin(&self, stage: usize) -> usize {
        match stage {
            0 => self.chunks(),
            1 if self.is_settled() || self.n <= WHOLE => 1,
            1 => self.n.div_ceil(self.stripe()),
            _ if self.is_settled() || self.n <= WHOLE => 0,
            4 if self.plan.get().is_none() => lock(&self.runs).len(),
            5 if self.plan.get().is_none() => 0,
            2 | 4 => MOVES,
            3 => {
                self.plan().forget_cycles();
                self.plan().buckets()
            }
            _ => self.plan().buckets(),
        }
    }

    fn chunk(&self, stage: usize, index: usize, _: &dyn Fn() -> bool) {
        match stage {
            0 => self.look(index),
            1 if self.is_settled() => self.settle(),
            1 if self.n <= WHOLE => self.sort_whole(),
            1 => self.split(index),
            4 if self.plan.get().is_none() => self.undo_run(),
            2 | 4 => self.move_blocks(index),
            3 => self.fill_bucket(index, |keys| self.sort_bucket(index, keys)),
            _ => self.fill_bucket(index, |_| ()),
        }
    }
}
