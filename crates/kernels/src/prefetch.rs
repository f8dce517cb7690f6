//! Asking memory for a line of the caches before it is read: hints, which any address may be given to. Where stable Rust has
//! nothing to ask with, nothing happens.

/// For a line that is read soon, and may be read again.
#[inline(always)]
pub(crate) fn prefetch(line: *const u8) {
    ask::<false>(line);
}

/// For a line that is read soon and not again: it takes no place in the larger caches, where it would drive out others.
#[inline(always)]
pub(crate) fn prefetch_once(line: *const u8) {
    ask::<true>(line);
}

#[inline(always)]
#[cfg_attr(
    not(target_arch = "x86_64"),
    allow(unused_variables, reason = "nothing to ask with in stable Rust")
)]
fn ask<const ONCE: bool>(line: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint, which any address may be given to.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_NTA, _MM_HINT_T0, _mm_prefetch};
        if ONCE {
            _mm_prefetch::<_MM_HINT_NTA>(line.cast());
        } else {
            _mm_prefetch::<_MM_HINT_T0>(line.cast());
        }
    }
}
