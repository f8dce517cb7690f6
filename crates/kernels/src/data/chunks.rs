//! How the grains of an array are cut into chunks, which threads take one by one.

use std::ops::Range;

/// Grains of one chunk at most: enough work that taking a chunk costs nothing.
const MOST: usize = 4;
/// Chunks of values that take long, if there are grains enough: of a few large ones some threads would get much more than
/// others.
const ENOUGH: usize = 16;

/// Neighbouring grains, as many in each chunk but the last. The number of threads has no part in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunks {
    grains: usize,
    each: usize,
}

impl Chunks {
    /// Of so many grains; `slow`: their values take longer to compute than to read.
    pub(crate) fn of(grains: usize, slow: bool) -> Self {
        let each = if slow {
            (grains / ENOUGH).clamp(1, MOST)
        } else {
            MOST
        };
        Self { grains, each }
    }

    /// Of all together.
    pub(crate) fn all_grains(self) -> usize {
        self.grains
    }

    pub(crate) fn count(self) -> usize {
        self.grains.div_ceil(self.each)
    }

    /// The grains of one of them.
    pub(crate) fn grains(self, chunk: usize) -> Range<usize> {
        let first = chunk * self.each;
        first..(first + self.each).min(self.grains)
    }
}

#[cfg(test)]
mod tests {
    use super::{Chunks, ENOUGH, MOST};

    #[test]
    fn slow_values_have_many_chunks_and_many_values_large_ones() {
        for grains in [0, 1, 3, ENOUGH, 3 * ENOUGH - 1, ENOUGH * MOST, 1000, 1001] {
            for slow in [false, true] {
                let chunks = Chunks::of(grains, slow);
                let all: Vec<_> = (0..chunks.count())
                    .flat_map(|chunk| chunks.grains(chunk))
                    .collect();
                assert!(all.into_iter().eq(0..grains), "{grains}");
                assert!(!slow || chunks.count() >= grains.min(ENOUGH), "{grains}");
            }
        }
        assert_eq!(Chunks::of(ENOUGH * MOST, true).grains(1), MOST..2 * MOST);
        assert_eq!(Chunks::of(MOST + 1, false).grains(1), MOST..MOST + 1);
    }
}
