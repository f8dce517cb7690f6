//! Stores that go past the caches: they do not fetch the lines they fill, and leave the others where they are.

use crate::isa::{Level, levels};

/// Bytes of a line of the caches.
pub(crate) const LINE: usize = 64;

/// Copies whole lines to memory. `LEVEL` is the number of the level that the caller is compiled for.
///
/// # Safety
/// Both ranges are valid and apart, `place` begins with a line, and the machine has that level.
#[inline(always)]
#[cfg(target_arch = "x86_64")]
pub(crate) unsafe fn stream_lines<const LEVEL: u8>(place: *mut u8, from: *const u8, lines: usize) {
    use std::arch::x86_64::{
        __m128i, __m256i, _mm_loadu_si128, _mm_stream_si128, _mm256_loadu_si256,
        _mm256_stream_si256, _mm512_loadu_si512, _mm512_stream_si512,
    };
    let bytes = lines * LINE;
    // SAFETY: within both ranges; the machine has the level, and every x86-64 has SSE2.
    unsafe {
        if LEVEL == Level::Avx512 as u8 {
            for at in (0..bytes).step_by(64) {
                _mm512_stream_si512(
                    place.add(at).cast(),
                    _mm512_loadu_si512(from.add(at).cast()),
                );
            }
        } else if LEVEL == Level::Avx2 as u8 {
            for at in (0..bytes).step_by(32) {
                let part = _mm256_loadu_si256(from.add(at).cast::<__m256i>());
                _mm256_stream_si256(place.add(at).cast(), part);
            }
        } else {
            for at in (0..bytes).step_by(16) {
                let part = _mm_loadu_si128(from.add(at).cast::<__m128i>());
                _mm_stream_si128(place.add(at).cast(), part);
            }
        }
    }
}

/// As on x86-64, through the caches: stable Rust knows no other way.
///
/// # Safety
/// Both ranges are valid and apart.
#[inline(always)]
#[cfg(not(target_arch = "x86_64"))]
pub(crate) unsafe fn stream_lines<const LEVEL: u8>(place: *mut u8, from: *const u8, lines: usize) {
    // SAFETY: promised by the caller.
    unsafe { std::ptr::copy_nonoverlapping(from, place, lines * LINE) };
}

/// Copies bytes with stores past the caches, but for those before the first line of the place, and behind the last.
///
/// # Safety
/// Both ranges are valid and apart, and the machine has the level.
pub(crate) unsafe fn copy_past_caches(place: *mut u8, from: *const u8, bytes: usize, level: Level) {
    let before = place.align_offset(LINE).min(bytes);
    let lines = (bytes - before) / LINE;
    let done = before + lines * LINE;
    // SAFETY: promised by the caller; what is behind `before` begins with a line.
    unsafe {
        std::ptr::copy_nonoverlapping(from, place, before);
        copy_lines::TABLE.at(level)(place.add(before), from.add(before), lines);
        std::ptr::copy_nonoverlapping(from.add(done), place.add(done), bytes - done);
    }
}

levels! {
    unsafe fn copy_lines(place: *mut u8, from: *const u8, lines: usize) {
        stream_lines::<LEVEL>(place, from, lines);
    }
}

/// Makes streamed stores visible before whatever tells another thread of them.
pub(crate) fn fence() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: an instruction of SSE, without operands.
    unsafe {
        std::arch::x86_64::_mm_sfence();
    };
}
