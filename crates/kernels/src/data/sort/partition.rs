//! The first level of a sort: which of up to 256 buckets a key belongs to, by splitters taken from a sample.

use super::key::{Coding, Key};
use crate::isa::{Level, Levels, levels};

/// Most buckets; a bucket number is a byte.
pub(super) const MOST_BUCKETS: usize = 256;
/// Keys of the sample for each bucket: the largest bucket is seldom twice the mean.
const OVERSAMPLING: usize = 32;

/// The buckets are found in two steps of up to so many ways.
const WAYS: usize = 16;

/// A bucket takes the keys from its splitter up to the next.
pub(super) struct Splitters<K> {
    buckets: usize,
    /// The first of each sixteenth; the least key stands for none.
    coarse: [K; WAYS],
    all: [K; MOST_BUCKETS],
}

impl<K: Key> Splitters<K> {
    /// Splitters for at most `buckets` from keys at even distances.
    pub(super) fn new(buckets: usize, n: usize, key_at: impl Fn(usize) -> K) -> Self {
        let size = (buckets * OVERSAMPLING).min(n);
        // Even distances with a wobble: a period in the data is not sampled in step.
        let mut state = 0x2545_F491_4F6C_DD1Du64;
        let stride = n / size;
        let mut sample: Vec<K> = (0..size)
            .map(|i| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                key_at(i * stride + (state % stride as u64) as usize)
            })
            .collect();
        sample.sort_unstable();
        // Splitter 0 is the least of all keys there can be; those beyond the last bucket are never reached.
        let splitter = |bucket: usize| match bucket {
            0 => K::default(),
            bucket if bucket < buckets => sample[bucket * size / buckets],
            _ => K::greatest(),
        };
        Self {
            buckets,
            coarse: std::array::from_fn(|i| splitter(i * WAYS)),
            all: std::array::from_fn(splitter),
        }
    }

    pub(super) fn buckets(&self) -> usize {
        self.buckets
    }
}

/// The number of the last splitter that is not above each key. Vector code over the keys: the sixteenth by comparison with
/// all, the place in it by halving.
#[inline(always)]
fn find_buckets<K: Key>(keys: &[K], splitters: &Splitters<K>, ids: &mut [u8]) {
    let last = splitters.buckets - 1;
    for (&key, id) in keys.iter().zip(ids) {
        let mut count = K::default();
        for splitter in &splitters.coarse[1..] {
            count = count.counting(*splitter <= key);
        }
        let mut place = count.small() * WAYS;
        for step in [8, 4, 2, 1] {
            let splitter = splitters.all[(place + step) & (MOST_BUCKETS - 1)];
            place += if splitter <= key { step } else { 0 };
        }
        // The greatest key equals what stands for no splitter.
        *id = place.min(last) as u8;
    }
}

levels! {
    unsafe fn find_u64(keys: &[u64], splitters: &Splitters<u64>, ids: &mut [u8]) {
        find_buckets(keys, splitters, ids);
    }
}

levels! {
    unsafe fn find_u32(keys: &[u32], splitters: &Splitters<u32>, ids: &mut [u8]) {
        find_buckets(keys, splitters, ids);
    }
}

/// `find_buckets` for keys of 64 bits, at every level.
pub(super) const FIND_U64: Levels<Find<u64>> = find_u64::TABLE;
/// `find_buckets` for keys of 32 bits, at every level.
pub(super) const FIND_U32: Levels<Find<u32>> = find_u32::TABLE;
/// Writes the bucket of each key to the bytes.
pub(super) type Find<K> = unsafe fn(&[K], &Splitters<K>, &mut [u8]);

/// The key in the wanted order.
#[inline(always)]
pub(super) fn encoded<C: Coding>(bits: C::Key, flip: bool) -> C::Key {
    C::Key::flipped(C::encode(bits), flip)
}

/// The bits of a key in the wanted order.
#[inline(always)]
pub(super) fn decoded<C: Coding>(key: C::Key, flip: bool) -> C::Key {
    C::decode(C::Key::flipped(key, flip))
}

/// Writes the bucket of each element to `ids` and adds up how many each bucket gets.
pub(super) fn classify<C: Coding>(
    bits: &[C::Key],
    flip: bool,
    splitters: &Splitters<C::Key>,
    ids: &mut [u8],
    counts: &mut [u32; MOST_BUCKETS],
) {
    let find = C::Key::FIND.at(Level::detected());
    let mut keys = [C::Key::default(); crate::BLOCK];
    for (bits, ids) in bits.chunks(crate::BLOCK).zip(ids.chunks_mut(crate::BLOCK)) {
        for (key, &bits) in keys.iter_mut().zip(bits) {
            *key = encoded::<C>(bits, flip);
        }
        // SAFETY: the machine has the detected level.
        unsafe { find(&keys[..bits.len()], splitters, ids) };
        for &id in &*ids {
            counts[id as usize] += 1;
        }
    }
}
