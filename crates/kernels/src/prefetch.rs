//! Asking memory for a line of the caches before it is read: hints, which any address may be given to. Where stable Rust has
//! nothing to ask with, nothing happens. And asking where pages are, which hints do not.

use crate::processor::outruns_guesses;
use crate::streaming::LINE;

macro_rules! hint {
    ($level:ident, $line:expr) => {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a hint, which any address may be given to.
        unsafe {
            use std::arch::x86_64::{_mm_prefetch, $level};
            _mm_prefetch::<$level>($line.cast());
        };
        #[cfg(not(target_arch = "x86_64"))]
        let _ = $line;
    };
}

/// Bytes of a page of memory, the small ones: guesses of processors end with them, in large ones too.
pub(crate) const PAGE: usize = 4096;

/// For a line that is read a little later. It comes into the second-level cache: what waits for a place in the first would
/// hold up loads and stores of now, which on some machines costs more than asking gains.
#[inline(always)]
pub(crate) fn prefetch(line: *const u8) {
    hint!(_MM_HINT_T1, line);
}

/// The same, into the first-level cache and past the others, which keep what they have: the JavaScript that comes next, for
/// one. Only for what is read once.
#[inline(always)]
pub(crate) fn prefetch_soon(line: *const u8) {
    hint!(_MM_HINT_NTA, line);
}

/// How programs, which do more with each element, ask for a line that is read a little later.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking {
    /// Into the first-level cache, not the second.
    soon: bool,
}

impl Asking {
    /// As is best on this machine: nothing is held up where more requests find a place than memory answers.
    pub(crate) fn new() -> Self {
        Self {
            soon: outruns_guesses(),
        }
    }

    #[inline(always)]
    pub(crate) fn line(self, line: *const u8) {
        if self.soon {
            prefetch_soon(line);
        } else {
            prefetch(line);
        }
    }
}

/// Reads one byte of each page, so that the processor has looked up where all of them are: for a stretch of memory that is
/// read at once behind this, of which the tables of pages are likelier to be far from the caches than any of its own lines. It
/// waits for many of them at once; hints do not look up what would take long. Nothing happens where lines are asked for so
/// early that there is time for it.
pub(crate) fn visit_pages(bytes: &[u8]) {
    if outruns_guesses() {
        return;
    }
    // In the last line of a page: the head of the page is asked for, the lines behind it are foreseen.
    let first = (PAGE - LINE).wrapping_sub(bytes.as_ptr().addr()) % PAGE;
    for &byte in bytes.iter().skip(first).step_by(PAGE) {
        std::hint::black_box(byte);
    }
}
