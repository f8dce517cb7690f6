//! Memory beside the array that threads sort long buckets with: in all a hundredth of it, for who asks first.

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
    /// For an array of `n` keys in so many buckets. None where the threads' `own` spare memory is as long.
    pub(super) fn new(n: usize, buckets: usize, own: usize) -> Self {
        let mean = n / buckets.max(1);
        // Few buckets are longer than that.
        let length = (mean + mean / 4).min(MOST);
        let unmade = if length > own { n / PART / length } else { 0 };
        Self {
            length,
            left: Mutex::new(Left {
                idle: Vec::new(),
                unmade,
            }),
        }
    }

    /// One that nobody else uses, in any state.
    pub(super) fn take(&self) -> Option<Vec<K>> {
        let mut left = lock(&self.left);
        if let Some(spare) = left.idle.pop() {
            return Some(spare);
        }
        left.unmade = left.unmade.checked_sub(1)?;
        drop(left);
        Some(vec![K::default(); self.length])
    }

    pub(super) fn put(&self, spare: Vec<K>) {
        lock(&self.left).idle.push(spare);
    }
}

#[cfg(test)]
mod tests {
    use super::Spares;

    #[test]
    fn there_are_as_many_as_a_hundredth_of_the_keys() {
        let spares = Spares::<u64>::new(256_000, 256, 1249);
        let (one, two) = (spares.take(), spares.take());
        assert_eq!(one.as_ref().map(Vec::len), Some(1250));
        assert!(two.is_some() && spares.take().is_none());
        spares.put(one.unwrap());
        assert!(spares.take().is_some() && spares.take().is_none());
    }

    #[test]
    fn there_are_none_where_threads_have_as_much() {
        assert!(Spares::<u64>::new(256_000, 256, 1250).take().is_none());
        assert!(Spares::<u32>::new(1000, 2, 1).take().is_none());
    }
}
