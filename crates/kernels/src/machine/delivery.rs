//! How a block of results gets to its place: converted, copied, or written past the caches.

use super::registers::STAGE_BYTES;
use crate::{GROUP, ops};

/// Bytes of a line of the caches.
pub(super) const LINE: usize = 64;

/// Stores one block of results.
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
    stream: bool,
) {
    debug_assert!(n * bytes <= STAGE_BYTES);
    // SAFETY: the caller's promise covers every read and write.
    unsafe {
        if n.is_multiple_of(GROUP) && !stream {
            store(place, from, n / GROUP);
            return;
        }
        let ready = if same_form {
            from
        } else {
            store(stage, from, n.div_ceil(GROUP));
            stage
        };
        if stream {
            write_past_caches(place, ready, n * bytes);
        } else {
            std::ptr::copy_nonoverlapping(ready, place, n * bytes);
        }
    }
}

/// Copies bytes with stores that do not fetch the lines they fill.
///
/// # Safety
/// Both ranges are valid and apart.
unsafe fn write_past_caches(place: *mut u8, from: *const u8, bytes: usize) {
    #[cfg(target_arch = "x86_64")]
    if (place as usize).is_multiple_of(LINE)
        && bytes.is_multiple_of(LINE)
        && crate::isa::Level::detected() == crate::isa::Level::Avx512
    {
        // SAFETY: the machine has these instructions; the ranges are the caller's promise.
        unsafe { write_lines_past_caches(place, from, bytes / LINE) };
        return;
    }
    #[cfg(target_arch = "x86_64")]
    if (place as usize).is_multiple_of(16) {
        use std::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_stream_si128};
        let whole = bytes / 16;
        for i in 0..whole {
            // SAFETY: within both ranges; the place is aligned to 16 bytes, and SSE2 is there on every x86-64.
            unsafe {
                _mm_stream_si128(
                    place.cast::<__m128i>().add(i),
                    _mm_loadu_si128(from.cast::<__m128i>().add(i)),
                );
            }
        }
        let done = whole * 16;
        // SAFETY: the rest of both ranges.
        unsafe { std::ptr::copy_nonoverlapping(from.add(done), place.add(done), bytes - done) };
        return;
    }
    // SAFETY: promised by the caller.
    unsafe { std::ptr::copy_nonoverlapping(from, place, bytes) };
}

/// # Safety
/// As for [`write_past_caches`], with a place aligned to lines, on a machine with AVX-512.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn write_lines_past_caches(place: *mut u8, from: *const u8, lines: usize) {
    use std::arch::x86_64::{_mm512_loadu_si512, _mm512_stream_si512};
    for i in 0..lines {
        // SAFETY: within both ranges.
        unsafe {
            _mm512_stream_si512(
                place.add(i * LINE).cast(),
                _mm512_loadu_si512(from.add(i * LINE).cast()),
            );
        }
    }
}

/// Makes streamed stores visible before whatever tells another thread of them.
pub(super) fn fence() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: an instruction of SSE, without operands.
    unsafe {
        std::arch::x86_64::_mm_sfence();
    };
}
