//! How loops that go through memory ask for what they read next.

use crate::prefetch::{PAGE, prefetch, prefetch_soon};
use crate::processor::outruns_guesses;
use crate::streaming::LINE;

/// How much of the next page is asked for: from there on the processor guesses.
const HEAD: usize = 512;
/// Bytes on their way to a processor whose memory is faster than its guesses: a part of the first-level cache.
const UNDER_WAY: usize = 12_288;

/// How a loop that goes through memory and does little with each element asks for what comes next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reading {
    /// Not at all: what it reads is in the caches, or ends.
    Nothing,
    /// For the beginning of the next page while that of a page is read, some 512 bytes of it. Within a page the processor
    /// foresees what is read, and has more requests under way than instructions can; where these ask for all, it does not
    /// guess.
    Heads,
    /// For all, so many bytes before it is read, into the first-level cache.
    All(usize),
}

impl Reading {
    /// Through so many arrays at once, of which more stands behind what is read.
    pub(crate) fn onwards(arrays: usize) -> Self {
        if outruns_guesses() {
            Self::All(UNDER_WAY / arrays.max(1) / LINE * LINE)
        } else {
            Self::Heads
        }
    }

    /// Before these elements are read.
    #[inline(always)]
    pub(crate) fn ask<T>(self, elements: &[T]) {
        let start = elements.as_ptr().cast::<u8>();
        let lines = (0..size_of_val(elements)).step_by(LINE);
        match self {
            Self::Nothing => {}
            Self::Heads => {
                if start.addr() % PAGE < HEAD {
                    lines.for_each(|place| prefetch(start.wrapping_add(PAGE + place)));
                }
            }
            Self::All(distance) => {
                lines.for_each(|place| prefetch_soon(start.wrapping_add(distance + place)));
            }
        }
    }
}
