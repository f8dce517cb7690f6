//! Sorting keys in the cache: by the leading bits in which they differ, then by comparison.
//!
//! The span from the least to the greatest key is cut into somewhat more slots than there are keys, and two stable passes
//! by half of a slot number's bits each put the keys in the order of the slots. What then shares a slot stands together, as
//! a rule two or three keys, and is sorted by insertion; a crowded slot is sorted like the whole. Every round takes at least
//! four bits off the span, as a rule sixteen: no input is worse than linear.

use super::key::Key;

/// Up to so many keys, insertion is faster than anything.
const INSERTION: usize = 24;
/// Most bits of one pass: its counters stay in the first-level cache.
const MOST_BITS: u32 = 10;

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
    two_passes(keys, spare, least, shift, half);
    if shift > 0 && !settle(keys) {
        sort_slots(keys, spare, least, shift);
    }
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

/// Stable passes by the low and the high half of the slot numbers, to `spare` and back.
fn two_passes<K: Key>(keys: &mut [K], spare: &mut [K], least: K, shift: u32, half: u32) {
    let mask = (1 << half) - 1;
    let mut low = [0u32; 1 << MOST_BITS];
    let mut high = [0u32; 1 << MOST_BITS];
    for key in &*keys {
        let slot = key.digit(least, shift);
        low[slot & mask & (low.len() - 1)] += 1;
        high[slot >> half & (high.len() - 1)] += 1;
    }
    starts(&mut low[..=mask]);
    starts(&mut high[..=mask]);
    // SAFETY: the counts give every key a place of its own below the length; `spare` is as long.
    unsafe {
        move_keys(keys, spare, &mut low, |key| key.digit(least, shift) & mask);
        move_keys(spare, keys, &mut high, |key| {
            key.digit(least, shift) >> half
        });
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
    places: &mut [u32; 1 << MOST_BITS],
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
