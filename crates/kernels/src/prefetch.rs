//! Asking memory for a line of the caches before it is read: hints, which any address may be given to. Where stable Rust has
//! nothing to ask with, nothing happens.

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
