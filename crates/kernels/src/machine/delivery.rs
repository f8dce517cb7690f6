//! How a block of results gets to its place: converted, copied, or written past the caches.

use super::registers::STAGE_BYTES;
use crate::isa::Level;
use crate::streaming::copy_past_caches;
use crate::{GROUP, ops};

/// Stores one block of results; with `stream`, past the caches by what this level has.
///
/// # Safety
/// `from` has the lanes of `n` elements, rounded up to whole groups; `stage` has [`STAGE_BYTES`]; `place` has room for `n`.
#[allow(clippy::too_many_arguments, reason = "one call site")]
pub(super) unsafe fn deliver(
    store: ops::Store,
    same_form: bool,
    from: *mut u8,
    stage: *mut u8,
    place: *mut u8,
    n: usize,
    bytes: usize,
    stream: Option<Level>,
) {
    debug_assert!(n * bytes <= STAGE_BYTES);
    // SAFETY: the caller's promise covers every read and write.
    unsafe {
        if n.is_multiple_of(GROUP) && stream.is_none() {
            store(place, from, n / GROUP);
            return;
        }
        let ready = if same_form {
            from
        } else {
            store(stage, from, n.div_ceil(GROUP));
            stage
        };
        if let Some(level) = stream {
            copy_past_caches(place, ready, n * bytes, level);
        } else {
            std::ptr::copy_nonoverlapping(ready, place, n * bytes);
        }
    }
}
