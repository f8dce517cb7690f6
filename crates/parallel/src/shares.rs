//! Which chunk a thread runs next: each goes through a share of its own, then through what is left of others'.
//!
//! Neighbouring chunks are neighbouring memory. A thread that goes on where it left off finds what the machine fetched ahead
//! of it; chunks taken in turns with another thread cost a fifth of what memory can give.

use crate::prim::{AtomicUsize, Ordering};

pub(crate) struct Shares {
    shares: Box<[Share]>,
    /// How many have begun, whether they are still there or not.
    entered: AtomicUsize,
}

/// Chunks `next .. end`. A cache line of its own: its thread takes from it all the time.
#[repr(align(64))]
struct Share {
    /// The next chunk that nobody has taken; beyond the end by one for each that came too late.
    next: AtomicUsize,
    end: usize,
}

impl Share {
    fn left(&self) -> usize {
        self.end.saturating_sub(self.next.load(Ordering::Relaxed))
    }

    fn take(&self) -> Option<usize> {
        if self.left() == 0 {
            return None;
        }
        // Relaxed: a chunk is one thread's whatever else it sees, and the lock or the submission showed it the work.
        let chunk = self.next.fetch_add(1, Ordering::Relaxed);
        (chunk < self.end).then_some(chunk)
    }
}

impl Shares {
    /// `chunks` in `count` shares, at least one, as equal as can be.
    pub(crate) fn new(chunks: usize, count: usize) -> Self {
        let share = |index: usize| Share {
            next: AtomicUsize::new(chunks * index / count),
            end: chunks * (index + 1) / count,
        };
        Self {
            shares: (0..count).map(share).collect(),
            entered: AtomicUsize::new(0),
        }
    }

    /// The share of whoever begins now.
    pub(crate) fn enter(&self) -> usize {
        self.entered.fetch_add(1, Ordering::Relaxed) % self.shares.len()
    }

    /// A chunk for the calling thread alone: from its `own` share, or where that is empty from the one with most left.
    pub(crate) fn take(&self, own: usize) -> Option<usize> {
        self.shares[own].take().or_else(|| {
            // Another may empty it first; each round somebody has taken a chunk.
            while let Some(share) = self.fullest() {
                if let Some(chunk) = share.take() {
                    return Some(chunk);
                }
            }
            None
        })
    }

    fn fullest(&self) -> Option<&Share> {
        let fullest = self.shares.iter().max_by_key(|share| share.left())?;
        (fullest.left() > 0).then_some(fullest)
    }

    pub(crate) fn has_more(&self) -> bool {
        self.shares.iter().any(|share| share.left() > 0)
    }

    /// Takes whatever nobody has taken; gives how many chunks these were.
    pub(crate) fn take_all(&self) -> usize {
        let rest = |share: &Share| {
            // Threads that still take from it find nothing: the counter is past the end.
            let next = share.next.fetch_add(share.end, Ordering::Relaxed);
            share.end.saturating_sub(next)
        };
        self.shares.iter().map(rest).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Shares;

    #[test]
    fn each_goes_through_its_own_share_then_through_the_fullest() {
        let shares = Shares::new(10, 3);
        let (a, b) = (shares.enter(), shares.enter());
        assert_eq!([a, b], [0, 1]);
        let taken =
            |own: usize, n: usize| -> Vec<_> { (0..n).map_while(|_| shares.take(own)).collect() };
        assert_eq!(taken(b, 1), [3]);
        assert_eq!(taken(a, 3), [0, 1, 2]);
        // Two are left where `b` is, four in the last.
        assert_eq!(taken(a, 3), [6, 7, 8]);
        assert!(shares.has_more());
        assert_eq!(taken(b, 9), [4, 5, 9]);
        assert!(!shares.has_more());
        assert_eq!(shares.take(a), None);
        assert_eq!(shares.enter(), 2);
        assert_eq!(shares.enter(), 0);
    }

    #[test]
    fn one_share_is_taken_in_order() {
        let shares = Shares::new(4, 1);
        let own = [shares.enter(), shares.enter()];
        assert_eq!(own, [0, 0]);
        assert_eq!(
            (0..5).map_while(|_| shares.take(0)).collect::<Vec<_>>(),
            [0, 1, 2, 3]
        );
    }

    #[test]
    fn what_is_left_can_be_taken_at_once() {
        let shares = Shares::new(10, 2);
        assert_eq!(shares.take(1), Some(5));
        assert_eq!(shares.take_all(), 9);
        assert_eq!((shares.take(0), shares.take(1)), (None, None));
        assert!(!shares.has_more());
        assert_eq!(shares.take_all(), 0);
    }

    #[test]
    fn every_chunk_is_taken_once_by_whoever() {
        let shares = Shares::new(10_000, 3);
        let mut taken: Vec<usize> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        let own = shares.enter();
                        std::iter::from_fn(|| shares.take(own)).collect::<Vec<_>>()
                    })
                })
                .collect();
            threads
                .into_iter()
                .flat_map(|thread| thread.join().expect("a thread"))
                .collect()
        });
        taken.sort_unstable();
        assert!(taken.into_iter().eq(0..10_000));
    }
}
