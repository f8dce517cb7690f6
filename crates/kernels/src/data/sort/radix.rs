//! Sorting keys in the cache: by the leading bits in which they differ, then by comparison.
//!
//! The span from the least to the greatest key is cut into somewhat more slots than there are keys, and two stable passes
//! by half of a slot number's bits each put the keys in the order of the slots. What then shares a slot stands together, as
//! a rule two or three keys, and is sorted by insertion; a crowded slot is sorted like the whole.
//!
//! Keys that leave most of the span empty, as those of doubles on both sides of zero do, would crowd a few slots: they are
//! put in the order of the upper half of the slot numbers, and what shares that is sorted like the whole, within a span of
//! its own. Every round takes at least two bits off the span, as a rule sixteen: no input is worse than linear.

use super::key::Key;

/// Up to so many keys, insertion is faster than anything.
const INSERTION: usize = 24;
/// Most bits of one pass: its counters stay in the first-level cache.
const MOST_BITS: u32 = 10;
/// Keys in one slot up to which insertion costs less than parting.
const CROWD: u64 = 5;
/// Up to so many keys, comparing them is faster than parting those that are crowded.
const COMPARED: usize = 8192;

type Counters = [u32; 1 << MOST_BITS];

/// Sorts `keys`, with as much room in `spare`, which is left in any state. Of `bounds`, where they are known, no key is below
/// the first and none above the second.
pub(super) fn sort<K: Key>(keys: &mut [K], spare: &mut [K], bounds: Option<(K, K)>) {
    let n = keys.len();
    if n <= INSERTION {
        return insert(keys);
    }
    if u32::try_from(n).is_err() {
        // The counters have 32 bits.
        return keys.sort_unstable();
    }
    let (least, greatest) = bounds.unwrap_or_else(|| span(keys));
    let bits = greatest.spread(least);
    if bits == 0 {
        return;
    }
    let half = (n.ilog2() / 2 + 3).clamp(2, MOST_BITS);
    let shift = bits.saturating_sub(2 * half);
    let slots = Slots { least, shift, half };
    let (mut low, mut high) = ([0; 1 << MOST_BITS], [0; 1 << MOST_BITS]);
    slots.count(keys, &mut low, &mut high);
    if shift > 0 && are_crowded(&high[..1 << half], n) {
        if n <= COMPARED {
            keys.sort_unstable();
        } else {
            slots.part(keys, spare, &mut high);
        }
        return;
    }
    slots.order(keys, spare, &mut low, &mut high);
    if shift > 0 && !settle(keys) {
        sort_slots(keys, spare, least, shift);
    }
}

/// Whether a key shares its slot with more than [`CROWD`] others, in the mean, if those with the same upper half of the slot's
/// number are evenly spread over as many lower ones.
fn are_crowded(high: &[u32], n: usize) -> bool {
    let pairs: u64 = high.iter().map(|&keys| u64::from(keys).pow(2)).sum();
    pairs / high.len() as u64 > CROWD * n as u64
}

/// Insertion over keys that stand near their places. False: given up, since some do not.
fn settle<K: Key>(keys: &mut [K]) -> bool {
    let mut moves = 8 * keys.len();
    for i in 1..keys.len() {
        let key = keys[i];
        if keys[i - 1] > key {
            let mut hole = i;
            while hole > 0 && keys[hole - 1] > key {
                keys[hole] = keys[hole - 1];
                hole -= 1;
            }
            keys[hole] = key;
            let moved = i - hole;
            if moved > moves {
                return false;
            }
            moves -= moved;
        }
    }
    true
}

/// Sorts what shares a slot, slot by slot.
fn sort_slots<K: Key>(keys: &mut [K], spare: &mut [K], least: K, shift: u32) {
    let n = keys.len();
    let mut start = 0;
    while start < n {
        let slot = keys[start].digit(least, shift);
        let mut end = start + 1;
        while end < n && keys[end].digit(least, shift) == slot {
            end += 1;
        }
        if end - start > 1 {
            sort(&mut keys[start..end], &mut spare[start..end], None);
        }
        start = end;
    }
}

/// Slots of a span: a key's slot has a number of twice `half` bits.
struct Slots<K> {
    least: K,
    shift: u32,
    half: u32,
}

impl<K: Key> Slots<K> {
    #[inline(always)]
    fn low(&self, key: K) -> usize {
        key.digit(self.least, self.shift) & ((1 << self.half) - 1)
    }

    #[inline(always)]
    fn high(&self, key: K) -> usize {
        key.digit(self.least, self.shift) >> self.half
    }

    /// Counts the keys with each lower and each upper half of a slot's number.
    fn count(&self, keys: &[K], low: &mut Counters, high: &mut Counters) {
        for &key in keys {
            low[self.low(key) & (low.len() - 1)] += 1;
            high[self.high(key) & (high.len() - 1)] += 1;
        }
    }

    /// Stable passes by both halves, to `spare` and back.
    fn order(&self, keys: &mut [K], spare: &mut [K], low: &mut Counters, high: &mut Counters) {
        starts(&mut low[..1 << self.half]);
        starts(&mut high[..1 << self.half]);
        // SAFETY: the counts give every key a place of its own below the length; `spare` is as long.
        unsafe {
            move_keys(keys, spare, low, |key| self.low(key));
            move_keys(spare, keys, high, |key| self.high(key));
        }
    }

    /// One pass by the upper half, after which what shares it is sorted.
    fn part(&self, keys: &mut [K], spare: &mut [K], high: &mut Counters) {
        let high_halves = 1 << self.half;
        starts(&mut high[..high_halves]);
        // SAFETY: as in `order`.
        unsafe { move_keys(keys, spare, high, |key| self.high(key)) };
        let mut start = 0;
        for &end in &high[..high_halves] {
            let part = start..end as usize;
            start = part.end;
            sort(&mut spare[part.clone()], &mut keys[part], None);
        }
        keys.copy_from_slice(spare);
    }
}

/// Counts to first places.
fn starts(counts: &mut [u32]) {
    let mut start = 0;
    for count in counts {
        let n = *count;
        *count = start;
        start += n;
    }
}

/// # Safety
/// `places` of the digits of `from` lead to every index of `to` at most once, and to none beyond.
#[inline(always)]
unsafe fn move_keys<K: Key>(
    from: &[K],
    to: &mut [K],
    places: &mut Counters,
    digit: impl Fn(K) -> usize,
) {
    for &key in from {
        let place = &mut places[digit(key) & ((1 << MOST_BITS) - 1)];
        // SAFETY: the caller's promise.
        unsafe { *to.get_unchecked_mut(*place as usize) = key };
        *place += 1;
    }
}

fn span<K: Key>(keys: &[K]) -> (K, K) {
    let first = keys[0];
    keys.iter().fold((first, first), |(least, greatest), &key| {
        (least.min(key), greatest.max(key))
    })
}

fn insert<K: Key>(keys: &mut [K]) {
    for i in 1..keys.len() {
        let key = keys[i];
        let mut hole = i;
        while hole > 0 && keys[hole - 1] > key {
            keys[hole] = keys[hole - 1];
            hole -= 1;
        }
        keys[hole] = key;
    }
}
