//! Memory beside the array that threads sort long buckets with: in all a hundredth of the array, lent to who asks first.

use super::key::Key;
use crate::data::lock;
use std::sync::Mutex;

/// Part of the keys that there is spare memory for.
const PART: usize = 100;
/// Keys of one spare at most: with the bucket they fit into the third-level cache of most machines.
const MOST: usize = 1 << 20;

pub(super) struct Spares<K> {
    /// Keys of each.
    length: usize,
    left: Mutex<Left<K>>,
}

struct Left<K> {
    idle: Vec<Vec<K>>,
    /// How many more may be made.
    unmade: usize,
}

impl<K: Key> Spares<K> {
    /// For an array of `n` keys in so many buckets.
    pub(super) fn new(n: usize, buckets: usize) -> Self {
        let mean = n / buckets.max(1);
        // Few buckets are longer than that.
        let length = (mean + mean / 4).clamp(1, MOST);
        Self {
            length,
            left: Mutex::new(Left {
                idle: Vec::new(),
                unmade: n / PART / length,
            }),
        }
    }

    /// Calls `sort` with keys and as much spare memory, in any state. False: they are too many, or all is lent.
    pub(super) fn lend(&self, keys: &mut [K], sort: impl FnOnce(&mut [K], &mut [K])) -> bool {
        if keys.len() > self.length {
            return false;
        }
        let Some(mut spare) = self.take() else {
            return false;
        };
        sort(keys, &mut spare[..keys.len()]);
        lock(&self.left).idle.push(spare);
        true
    }

    fn take(&self) -> Option<Vec<K>> {
        let mut left = lock(&self.left);
        if let Some(spare) = left.idle.pop() {
            return Some(spare);
        }
        left.unmade = left.unmade.checked_sub(1)?;
        drop(left);
        Some(vec![K::default(); self.length])
    }
}

#[cfg(test)]
mod tests {
    use super::Spares;

    #[test]
    fn a_hundredth_of_the_keys_is_lent_at_once() {
        // Of 1,250 keys each, there may be two.
        let spares = Spares::<u64>::new(256_000, 256);
        let (mut one, mut two, mut three) = ([1u64; 1250], [2u64; 10], [3u64; 10]);
        let lent = spares.lend(&mut one, |keys, spare| {
            assert_eq!((keys.len(), spare.len()), (1250, 1250));
            spare.fill(9);
            assert!(spares.lend(&mut two, |_, spare| {
                spare.fill(9);
                assert!(!spares.lend(&mut three, |_, _| unreachable!()));
            }));
            assert!(spares.lend(&mut three, |_, spare| assert_eq!(spare, [9; 10])));
        });
        assert!(lent);
        assert!(!spares.lend(&mut [0; 1251], |_, _| unreachable!()));
    }

    #[test]
    fn short_arrays_have_none() {
        assert!(!Spares::<u32>::new(1000, 2).lend(&mut [1], |_, _| unreachable!()));
    }
}
