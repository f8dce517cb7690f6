//! Moving the elements whose bits are set next to each other, in their order.

use crate::isa::Level;
use crate::reading::Reading;

/// Elements of one word of bits.
const WORD: usize = 64;
/// Where no more bits of a word are set, their elements are taken one by one.
const FEW: u32 = 8;

/// Moves those of the elements at `from` whose bits are set to `to`, but no more than `room`.
///
/// # Safety
/// `from` has `n` elements of `bytes` each, `to` room for `room`, apart from them, both aligned; `level` is at most what
/// the machine has.
#[cfg_attr(
    not(target_arch = "x86_64"),
    allow(unused_variables, reason = "there is one level")
)]
pub(super) unsafe fn compress(
    bytes: usize,
    from: *const u8,
    n: usize,
    bits: &[u64],
    to: *mut u8,
    room: usize,
    level: Level,
) {
    // SAFETY: the caller's promise.
    unsafe {
        match bytes {
            1 => by_words::<u8>(from.cast(), n, bits, to.cast(), room, one_by_one),
            2 => by_words::<u16>(from.cast(), n, bits, to.cast(), room, one_by_one),
            #[cfg(target_arch = "x86_64")]
            4 if level == Level::Avx512 => avx512::fours(from.cast(), n, bits, to.cast(), room),
            4 => by_words::<u32>(from.cast(), n, bits, to.cast(), room, one_by_one),
            #[cfg(target_arch = "x86_64")]
            _ if level == Level::Avx512 => avx512::eights(from.cast(), n, bits, to.cast(), room),
            _ => by_words::<u64>(from.cast(), n, bits, to.cast(), room, one_by_one),
        }
    }
}

/// `whole` moves those of a whole word, and may write anything to what `to` has room for beyond them, up to a word.
///
/// # Safety
/// As for [`compress`].
#[inline(always)]
unsafe fn by_words<T: Copy>(
    from: *const T,
    n: usize,
    bits: &[u64],
    to: *mut T,
    room: usize,
    whole: impl Fn(&[T; WORD], u64, *mut T),
) {
    // SAFETY: the caller's promise.
    let elements = unsafe { std::slice::from_raw_parts(from, n) };
    let reading = Reading::onwards(1);
    let mut moved = 0;
    for (&word, elements) in bits.iter().zip(elements.chunks(WORD)) {
        reading.ask(elements);
        let count = word.count_ones();
        if count > FEW
            && room - moved >= WORD
            && let Ok(elements) = elements.try_into()
        {
            // SAFETY: room for a word.
            whole(elements, word, unsafe { to.add(moved) });
            moved += count as usize;
            continue;
        }
        let mut left = word;
        while left != 0 && moved < room {
            // SAFETY: below `room`; bits stand below the length.
            unsafe {
                let element = *elements.get_unchecked(left.trailing_zeros() as usize);
                to.add(moved).write(element);
            }
            moved += 1;
            left &= left - 1;
        }
    }
}

/// Writes every element, and goes on only after those that stay: nothing to be foreseen by the processor.
#[inline(always)]
fn one_by_one<T: Copy>(elements: &[T; WORD], word: u64, to: *mut T) {
    let mut place = to;
    for (i, &element) in elements.iter().enumerate() {
        // SAFETY: `by_words` has room for a word.
        unsafe {
            place.write(element);
            place = place.add((word >> i & 1) as usize);
        }
    }
}

/// Compressed in registers: to memory, the same instruction takes many times as long on some machines.
#[cfg(target_arch = "x86_64")]
mod avx512 {
    use super::{WORD, by_words};
    use std::arch::x86_64::{
        _mm512_loadu_si512, _mm512_maskz_compress_epi32, _mm512_maskz_compress_epi64,
        _mm512_storeu_si512,
    };

    /// # Safety
    /// As for [`super::compress`], on a machine with AVX-512.
    #[target_feature(enable = "avx512f,popcnt,bmi1")]
    pub(super) unsafe fn eights(
        from: *const u64,
        n: usize,
        bits: &[u64],
        to: *mut u64,
        room: usize,
    ) {
        let whole = |elements: &[u64; WORD], word: u64, to: *mut u64| {
            let mut place = to;
            for (part, mask) in word.to_le_bytes().into_iter().enumerate() {
                // SAFETY: whole vectors of the elements; no store goes beyond the room for a word.
                unsafe {
                    let vector = _mm512_loadu_si512(elements.as_ptr().add(8 * part).cast());
                    let kept = _mm512_maskz_compress_epi64(mask, vector);
                    _mm512_storeu_si512(place.cast(), kept);
                    place = place.add(mask.count_ones() as usize);
                }
            }
        };
        // SAFETY: the caller's promise.
        unsafe { by_words(from, n, bits, to, room, whole) }
    }

    /// # Safety
    /// As for [`eights`].
    #[target_feature(enable = "avx512f,popcnt,bmi1")]
    pub(super) unsafe fn fours(
        from: *const u32,
        n: usize,
        bits: &[u64],
        to: *mut u32,
        room: usize,
    ) {
        let whole = |elements: &[u32; WORD], word: u64, to: *mut u32| {
            let mut place = to;
            for part in 0..4 {
                let mask = (word >> (16 * part)) as u16;
                // SAFETY: as for `eights`.
                unsafe {
                    let vector = _mm512_loadu_si512(elements.as_ptr().add(16 * part).cast());
                    let kept = _mm512_maskz_compress_epi32(mask, vector);
                    _mm512_storeu_si512(place.cast(), kept);
                    place = place.add(mask.count_ones() as usize);
                }
            }
        };
        // SAFETY: the caller's promise.
        unsafe { by_words(from, n, bits, to, room, whole) }
    }
}
