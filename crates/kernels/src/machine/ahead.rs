//! Asking memory for what later blocks read, a share before each step: memory then works while the machine computes, and
//! never has more to do at once than it can. The machine itself asks ahead only within a page, and while it reads.

use super::bound::Bound;
use crate::element::ElementKind;
use crate::prefetch::Asking;
use crate::streaming::LINE;
use crate::{BLOCK, NARROW_BLOCK};

/// How far ahead, where memory does nothing else.
pub(super) const FAR: usize = 4096;
/// How far ahead, where results are stored in the caches: their lines are fetched, too, and must not be held up for long.
pub(super) const NEAR: usize = 2048;

/// Lines that are asked for at once, at least: asking takes time itself, which programs of many steps would do before each.
const LEAST: usize = 8;

/// Lines of each column that are asked for before each of so many steps. None for a single step, which reads all the time:
/// there the machine's own guess is better.
pub(crate) fn shares(columns: &[ElementKind], steps: usize, narrow: bool) -> Vec<usize> {
    let block = if narrow { NARROW_BLOCK } else { BLOCK };
    let asking = steps.saturating_sub(1);
    columns
        .iter()
        .filter(|_| asking > 0)
        .map(|kind| (block * kind.bytes() / LINE).div_ceil(asking).max(LEAST))
        .collect()
}

/// How much has been asked for during this block.
pub(super) struct Ahead<'a> {
    bound: &'a Bound,
    shares: &'a [usize],
    start: usize,
    n: usize,
    step: usize,
    bytes: usize,
    asking: Asking,
    /// Everything has been asked for, long before the last round of a loop.
    done: bool,
}

impl<'a> Ahead<'a> {
    /// For a block of `n` elements, so many bytes ahead.
    pub(super) fn new(
        bound: &'a Bound,
        shares: &'a [usize],
        start: usize,
        n: usize,
        bytes: usize,
    ) -> Self {
        Self {
            bound,
            shares,
            start,
            n,
            step: 0,
            bytes,
            asking: Asking::new(),
            done: shares.is_empty(),
        }
    }

    /// Asks for the next share of each column. Beyond its end it is asked for in vain.
    #[inline(always)]
    pub(super) fn ask(&mut self) {
        if self.done {
            return;
        }
        self.done = true;
        for (column, &share) in self.bound.columns().iter().zip(self.shares) {
            let width = column.kind.bytes();
            let first = self.step * share;
            let last = (first + share).min(self.n * width / LINE);
            self.done &= first >= last;
            let from = column.data.wrapping_add(self.start * width + self.bytes);
            for line in first..last {
                self.asking.line(from.wrapping_add(line * LINE));
            }
        }
        self.step += 1;
    }
}
