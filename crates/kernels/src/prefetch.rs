//! Asking memory for a line of the caches before it is read: hints, which any address may be given to. Where stable Rust has
//! nothing to ask with, nothing happens. And asking where pages are, which hints do not.

use crate::streaming::LINE;

use std::sync::OnceLock;

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
const PAGE: usize = 4096;
/// How much of the next page is asked for: from there on the processor guesses.
const HEAD: usize = 512;
/// Bytes on their way to a processor whose memory is faster than its guesses: a part of the first-level cache.
const UNDER_WAY: usize = 12_288;

/// For a line that is read a little later. It comes into the second-level cache: what waits for a place in the first would
/// hold up loads and stores of now, which on some machines costs more than asking gains.
#[inline(always)]
pub(crate) fn prefetch(line: *const u8) {
    hint!(_MM_HINT_T1, line);
}

/// The same, into the first-level cache and past the others, which keep what they have: the JavaScript that comes next, for
/// one. Only for what is read once.
#[inline(always)]
fn prefetch_soon(line: *const u8) {
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

/// Whether memory gives more than the processor asks for by its own guesses and the loads that it sees: measured for the
/// cores that AMD calls Zen 5, of which a loop with eight instructions for a line of the caches gets two thirds. Before
/// these it was no gain.
fn outruns_guesses() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(is_zen_5_or_later)
}

#[cfg(target_arch = "x86_64")]
fn is_zen_5_or_later() -> bool {
    use std::arch::x86_64::__cpuid;
    const ZEN_5: u32 = 0x1A;
    #[allow(unused_unsafe, reason = "safe since Rust 1.94")]
    // SAFETY: every processor of this architecture has the instruction, and the leaves 0 and 1.
    let (maker, version) = unsafe { (__cpuid(0), __cpuid(1)) };
    let is_amd = [maker.ebx, maker.edx, maker.ecx]
        .map(u32::to_le_bytes)
        .as_flattened()
        == b"AuthenticAMD";
    let (family, extended) = (version.eax >> 8 & 0xF, version.eax >> 20 & 0xFF);
    is_amd && family == 0xF && family + extended >= ZEN_5
}

#[cfg(not(target_arch = "x86_64"))]
fn is_zen_5_or_later() -> bool {
    false
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
