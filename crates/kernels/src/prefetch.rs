//! Asking memory for a line of the caches before it is read: hints, which any address may be given to. Where stable Rust has
//! nothing to ask with, nothing happens. And asking where pages are, which hints do not.

use crate::streaming::LINE;

/// Bytes of a page of memory, the small ones: guesses of processors end with them, in large ones too.
const PAGE: usize = 4096;
/// How much of the next page is asked for: from there on the processor guesses.
const HEAD: usize = 512;

/// For a line that is read a little later. It comes into the second-level cache: what waits for a place in the first would
/// hold up loads and stores of now, which on some machines costs more than asking gains.
#[inline(always)]
#[cfg_attr(
    not(target_arch = "x86_64"),
    allow(unused_variables, reason = "nothing to ask with in stable Rust")
)]
pub(crate) fn prefetch(line: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint, which any address may be given to.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T1>(line.cast());
    };
}

/// Asks for the beginning of the next page while that of a page is read, of which `elements`, some 512 bytes at most, are.
/// For loops that do little with each element: within a page the processor foresees what they read, and has more requests
/// under way than instructions can. Where instructions ask for all of it, it does not guess.
#[inline(always)]
pub(crate) fn prefetch_next_page<T>(elements: &[T]) {
    let start = elements.as_ptr().cast::<u8>();
    if start.addr() % PAGE < HEAD {
        for place in (0..size_of_val(elements)).step_by(LINE) {
            prefetch(start.wrapping_add(PAGE + place));
        }
    }
}

/// Reads one byte of each page, so that the processor has looked up where all of them are: for a stretch of memory that is
/// read at once behind this, of which the tables of pages are likelier to be far from the caches than any of its own lines. It
/// waits for many of them at once; hints do not look up what would take long.
pub(crate) fn visit_pages(bytes: &[u8]) {
    // In the last line of a page: the head of the page is asked for, the lines behind it are foreseen.
    let first = (PAGE - LINE).wrapping_sub(bytes.as_ptr().addr()) % PAGE;
    for &byte in bytes.iter().skip(first).step_by(PAGE) {
        std::hint::black_box(byte);
    }
}
