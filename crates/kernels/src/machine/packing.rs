//! Moving the lanes of a block that still run to its front, in their order.

use crate::isa::Level;

/// Moves those of the elements at `place`, of `bytes` each, whose flags are set: one byte is one lane, eight are a word.
/// What stands behind them is anything.
///
/// # Safety
/// `place` has eight elements for each word, aligned; every byte of a word is 0 or 1; `level <= Level::detected()`.
#[cfg_attr(
    not(target_arch = "x86_64"),
    allow(unused_variables, reason = "there is one level")
)]
pub(super) unsafe fn pack(place: *mut u8, bytes: usize, flags: &[u64], level: Level) {
    // SAFETY: the caller's promise.
    unsafe {
        match bytes {
            1 => one_by_one::<u8>(place, flags),
            2 => one_by_one::<u16>(place.cast(), flags),
            #[cfg(target_arch = "x86_64")]
            4 if level == Level::Avx512 => avx512::fours(place.cast(), flags),
            4 => one_by_one::<u32>(place.cast(), flags),
            #[cfg(target_arch = "x86_64")]
            _ if level == Level::Avx512 => avx512::eights(place.cast(), flags),
            _ => one_by_one::<u64>(place.cast(), flags),
        }
    }
}

/// Writes every element, and goes on only after those that stay: nothing to be foreseen by the processor.
///
/// # Safety
/// As for [`pack`].
unsafe fn one_by_one<T: Copy>(place: *mut T, flags: &[u64]) {
    let mut to = 0;
    for (word, flags) in flags.iter().enumerate() {
        for (lane, flag) in flags.to_le_bytes().into_iter().enumerate() {
            // SAFETY: the promise; never behind what is read.
            unsafe { *place.add(to) = *place.add(8 * word + lane) };
            to += usize::from(flag);
        }
    }
}

/// A bit for each of eight flags, the first the lowest.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn bits_of(flags: u64) -> u8 {
    // Byte i meets 2^(56 - 7 i): its flag comes to bit 56 + i, and no two products to the same bit.
    (flags.wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8
}

/// Compressed in registers: to memory, the same instruction takes many times as long on some machines.
#[cfg(target_arch = "x86_64")]
mod avx512 {
    use super::bits_of;
    use std::arch::x86_64::{
        _mm256_loadu_si256, _mm256_maskz_compress_epi32, _mm256_storeu_si256, _mm512_loadu_si512,
        _mm512_maskz_compress_epi64, _mm512_storeu_si512,
    };

    /// # Safety
    /// As for [`super::pack`], on a machine with AVX-512.
    #[target_feature(enable = "avx512f,popcnt")]
    pub(super) unsafe fn eights(place: *mut u64, flags: &[u64]) {
        let mut to = place;
        for (word, &flags) in flags.iter().enumerate() {
            let mask = bits_of(flags);
            // SAFETY: the promise; the store ends where the load did, or before.
            unsafe {
                let elements = _mm512_loadu_si512(place.add(8 * word).cast());
                _mm512_storeu_si512(to.cast(), _mm512_maskz_compress_epi64(mask, elements));
                to = to.add(mask.count_ones() as usize);
            }
        }
    }

    /// # Safety
    /// As for [`eights`].
    #[target_feature(enable = "avx512f,avx512vl,popcnt")]
    pub(super) unsafe fn fours(place: *mut u32, flags: &[u64]) {
        let mut to = place;
        for (word, &flags) in flags.iter().enumerate() {
            let mask = bits_of(flags);
            // SAFETY: as for `eights`.
            unsafe {
                let elements = _mm256_loadu_si256(place.add(8 * word).cast());
                _mm256_storeu_si256(to.cast(), _mm256_maskz_compress_epi32(mask, elements));
                to = to.add(mask.count_ones() as usize);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::pack;
    use crate::isa::Level;
    use crate::xorshift::Xorshift32;

    fn packed<T: Copy>(elements: &[T], flags: &[u64], level: Level) -> Vec<T> {
        let mut elements = elements.to_vec();
        // SAFETY: eight elements for each word; the level was checked.
        unsafe { pack(elements.as_mut_ptr().cast(), size_of::<T>(), flags, level) };
        let kept: u32 = flags.iter().map(|word| word.count_ones()).sum();
        elements.truncate(kept as usize);
        elements
    }

    #[test]
    fn lanes_of_every_width_that_run_come_to_the_front() {
        let mut random = Xorshift32::new(0x9E37_79B9);
        for level in [Level::Base, Level::Avx2, Level::Avx512] {
            if level > Level::detected() {
                continue;
            }
            for words in [0, 1, 2, 32] {
                for share in [0, 10, 50, 90, 100] {
                    let flags: Vec<u64> = (0..words)
                        .map(|_| {
                            u64::from_le_bytes(
                                [0; 8].map(|_| u8::from(random.draw() % 100 < share)),
                            )
                        })
                        .collect();
                    let runs = |i: &usize| flags[i / 8].to_le_bytes()[i % 8] == 1;
                    macro_rules! check {
                        ($($type:ty),*) => {$(
                            let elements: Vec<$type> =
                                (0..8 * words).map(|i| (i * 7 + 1) as $type).collect();
                            let expected: Vec<$type> = (0..8 * words)
                                .filter(runs)
                                .map(|i| elements[i])
                                .collect();
                            assert!(packed(&elements, &flags, level) == expected);
                        )*};
                    }
                    check!(u8, u16, u32, u64);
                }
            }
        }
    }
}
