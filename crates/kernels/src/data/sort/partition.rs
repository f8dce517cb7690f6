//! The first level of a sort: which of up to 1024 buckets a key belongs to, by splitters taken from a sample.
//!
//! The span of the splitters is cut into slots of equal width; a table says for each slot how many splitters lie before
//! it. So a key's bucket is a look-up and a few halvings among the splitters within its slot, as a rule none or one.

use super::key::Key;
use crate::xorshift::Xorshift64;

/// Most buckets.
pub(super) const MOST_BUCKETS: usize = 1024;
/// Of a bucket, or [`MOST_BUCKETS`] for none.
pub(super) type BucketNumber = u16;
/// Keys of the sample for each bucket: the largest bucket is seldom twice the mean.
const OVERSAMPLING: usize = 32;
/// The same where buckets are long, so that few are a quarter longer than the mean, and from how many keys on.
const LONG_OVERSAMPLING: usize = 64;
const LONG: usize = 1 << 24;
/// Slots for each bucket that are tried first.
const FEW_SLOTS: usize = 8;
/// Doubles around zero need many: their keys have as much room for each power of two, however few numbers lie there.
const MOST_SLOTS: usize = 1 << 16;

/// A bucket takes the keys from its splitter up to the next; the first also takes what is below.
pub(super) struct Splitters<K> {
    buckets: usize,
    /// Filled up with the greatest key there can be.
    all: [K; 2 * MOST_BUCKETS],
    /// From the first splitter that divides anything to the last.
    least: K,
    greatest: K,
    shift: u32,
    /// The bucket of the first key of each slot.
    first: Vec<BucketNumber>,
    /// Halvings that find the bucket from there in the most crowded slot.
    steps: u32,
}

impl<K: Key> Splitters<K> {
    /// Splitters for at most `buckets` from keys at even distances.
    pub(super) fn new(buckets: usize, n: usize, key_at: impl Fn(usize) -> K) -> Self {
        let oversampling = if n < LONG {
            OVERSAMPLING
        } else {
            LONG_OVERSAMPLING
        };
        let size = (buckets * oversampling).min(n);
        // Even distances with a wobble: a period in the data is not sampled in step.
        let mut wobble = Xorshift64::new(0x2545_F491_4F6C_DD1D);
        let stride = n / size;
        let mut sample: Vec<K> = (0..size)
            .map(|i| key_at(i * stride + (wobble.draw() % stride as u64) as usize))
            .collect();
        sample.sort_unstable();
        // Splitter 0 is the least of all keys there can be; those beyond the last bucket are never reached.
        let mut all = [K::greatest(); 2 * MOST_BUCKETS];
        all[0] = K::default();
        let mut count = 1;
        for bucket in 1..buckets {
            let key = sample[bucket * size / buckets];
            // Where a key comes twice it is common, and gets a bucket to itself, which is sorted as it is.
            let splitter = if key > all[count - 1] {
                key
            } else {
                key.next()
            };
            if splitter > all[count - 1] {
                all[count] = splitter;
                count += 1;
            }
        }
        let mut splitters = Self {
            buckets: count,
            all,
            least: all[1],
            greatest: all[count - 1].max(all[1]),
            shift: 0,
            first: Vec::new(),
            steps: 0,
        };
        splitters.cut(n);
        splitters
    }

    /// Cuts the span into slots: as few as keep the splitters apart, since a short table stays in the first-level cache.
    fn cut(&mut self, n: usize) {
        let most = (n / 4).next_power_of_two().clamp(256, MOST_SLOTS);
        let mut slots = (FEW_SLOTS * self.buckets.next_power_of_two()).min(most);
        self.cut_into(slots);
        while self.steps > 1 && slots < most {
            slots *= 2;
            self.cut_into(slots);
        }
    }

    /// The same into so many at most, a power of two.
    fn cut_into(&mut self, most: usize) {
        let bits = self.greatest.spread(self.least);
        self.shift = bits.saturating_sub(most.ilog2());
        let slots = self.greatest.digit(self.least, self.shift) + 1;
        let mut below = vec![0 as BucketNumber; slots + 1];
        for splitter in &self.all[1..self.buckets] {
            below[splitter.digit(self.least, self.shift) + 1] += 1;
        }
        let crowd = below.iter().max().copied().unwrap_or(0);
        self.steps = BucketNumber::BITS - crowd.leading_zeros();
        let mut before = 0;
        for count in &mut below {
            before += *count;
            *count = before;
        }
        self.first = below;
    }

    /// Keys that none of a bucket is below and above. None for the first and the last: they take all that there is.
    pub(super) fn bounds(&self, bucket: usize) -> Option<(K, K)> {
        let inner = bucket > 0 && bucket + 1 < self.buckets;
        inner.then(|| (self.all[bucket], self.all[bucket + 1].before()))
    }

    pub(super) fn buckets(&self) -> usize {
        self.buckets
    }

    /// Writes the bucket of each key to `numbers`.
    pub(super) fn find(&self, keys: &[K], numbers: &mut [BucketNumber]) {
        match self.steps {
            0..=1 => self.find_in_steps(keys, numbers, [1]),
            2 => self.find_in_steps(keys, numbers, [2, 1]),
            3 => self.find_in_steps(keys, numbers, [4, 2, 1]),
            4 => self.find_in_steps(keys, numbers, [8, 4, 2, 1]),
            5 => self.find_in_steps(keys, numbers, [16, 8, 4, 2, 1]),
            _ => self.find_in_steps(keys, numbers, [512, 256, 128, 64, 32, 16, 8, 4, 2, 1]),
        }
    }

    /// The number of the last splitter that is not above each key.
    #[inline(always)]
    fn find_in_steps<const N: usize>(
        &self,
        keys: &[K],
        numbers: &mut [BucketNumber],
        steps: [usize; N],
    ) {
        let last = self.buckets - 1;
        for (&key, number) in keys.iter().zip(numbers) {
            let slot = key
                .clamp(self.least, self.greatest)
                .digit(self.least, self.shift);
            let mut place = self.first[slot] as usize;
            for step in steps {
                let splitter = self.all[(place + step) & (2 * MOST_BUCKETS - 1)];
                place += if splitter <= key { step } else { 0 };
            }
            // The greatest key equals what stands for no splitter.
            *number = place.min(last) as BucketNumber;
        }
    }
}
