//! Asking memory for what is read a little later, across the ends of pages too, where the machine itself stops.

use crate::prefetch::prefetch;
use crate::streaming::LINE;

/// How far ahead: far enough that memory never waits for arithmetic, a small part of the second-level cache.
const BYTES: usize = 8192;

/// Asks for as much as `elements` take, that far behind them: for loops that compute much with each element, so that the
/// processor sees only few of the next ones itself. Beyond the end of an array it is asked for in vain.
#[inline(always)]
pub(super) fn ask_ahead<T>(elements: &[T]) {
    let start = elements.as_ptr().cast::<u8>();
    for place in (0..size_of_val(elements)).step_by(LINE) {
        prefetch(start.wrapping_add(BYTES + place));
    }
}
