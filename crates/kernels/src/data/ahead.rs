//! Asking memory for what is read a little later, across the ends of pages too, where the machine itself stops.

/// How far ahead: what is under way then fits into the first-level cache, and memory never waits for arithmetic.
const BYTES: usize = 8192;

/// Asks for as much as `elements` take, that far behind them. Beyond the end of an array it is asked for in vain.
#[inline(always)]
pub(super) fn ask_ahead<T>(elements: &[T]) {
    ask_ahead_of(elements.as_ptr().cast(), size_of_val(elements));
}

/// The same for so many bytes from `start` on.
#[inline(always)]
#[cfg_attr(
    not(target_arch = "x86_64"),
    allow(unused_variables, reason = "nothing to ask with in stable Rust")
)]
pub(super) fn ask_ahead_of(start: *const u8, bytes: usize) {
    #[cfg(target_arch = "x86_64")]
    for place in (0..bytes).step_by(64) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let address = start.cast::<i8>().wrapping_add(BYTES + place);
        // SAFETY: a hint, which any address may be given to.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(address) };
    }
}
