//! Asking memory for what is read a little later, across the ends of pages too, where the machine itself stops.

use crate::prefetch::prefetch;
use crate::streaming::LINE;

/// How far ahead: far enough that memory never waits for arithmetic, a small part of the second-level cache.
const BYTES: usize = 8192;

/// Asks for as much as `elements` take, that far behind them. Beyond the end of an array it is asked for in vain.
#[inline(always)]
pub(super) fn ask_ahead<T>(elements: &[T]) {
    ask_ahead_of(elements.as_ptr().cast(), size_of_val(elements));
}

/// The same for so many bytes from `start` on.
#[inline(always)]
pub(super) fn ask_ahead_of(start: *const u8, bytes: usize) {
    for place in (0..bytes).step_by(LINE) {
        prefetch(start.wrapping_add(BYTES + place));
    }
}
