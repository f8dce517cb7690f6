//! Asking memory for a line of the caches before it is read: hints, which any address may be given to. Where stable Rust has
//! nothing to ask with, nothing happens.

/// For a line that is read soon, and may be read again.
#[inline(always)]
pub(crate) fn prefetch(line: *const u8) {
    ask::<SOON>(line);
}

/// For a line that is read soon and not again: it takes no place in the larger caches, where it would drive out others.
#[inline(always)]
pub(crate) fn prefetch_once(line: *const u8) {
    ask::<ONCE>(line);
}

/// For a line that is read after many others: into the second-level cache, with no place in the first, and none among the
/// few lines that that waits for.
#[inline(always)]
pub(crate) fn prefetch_later(line: *const u8) {
    ask::<LATER>(line);
}

const SOON: u8 = 0;
const ONCE: u8 = 1;
const LATER: u8 = 2;

#[inline(always)]
#[cfg_attr(
    not(target_arch = "x86_64"),
    allow(unused_variables, reason = "nothing to ask with in stable Rust")
)]
fn ask<const WHEN: u8>(line: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint, which any address may be given to.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_NTA, _MM_HINT_T0, _MM_HINT_T1, _mm_prefetch};
        match WHEN {
            ONCE => _mm_prefetch::<_MM_HINT_NTA>(line.cast()),
            LATER => _mm_prefetch::<_MM_HINT_T1>(line.cast()),
            _ => _mm_prefetch::<_MM_HINT_T0>(line.cast()),
        }
    }
}
