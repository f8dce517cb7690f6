//! Functions of small integers as tables: what a kernel gives for each value of a byte or of two, looked up per element.

use crate::isa::{Level, levels};

/// Looks `count` elements up: `dst[i] = table[src[i]]`.
type Lookup = unsafe fn(dst: *mut u8, src: *const u8, table: *const u8, count: usize);

macro_rules! lookups {
    ($($name:ident: $source:ty => $element:ty;)*) => {
        $(levels! {
            unsafe fn $name(dst: *mut u8, src: *const u8, table: *const u8, count: usize) {
                let src = std::slice::from_raw_parts(src.cast::<$source>(), count);
                let dst = std::slice::from_raw_parts_mut(dst.cast::<$element>(), count);
                let table = &*table.cast::<[$element; <$source>::MAX as usize + 1]>();
                for (dst, src) in dst.iter_mut().zip(src) {
                    *dst = table[*src as usize];
                }
            }
        })*
    };
}

lookups! {
    byte_1: u8 => u8;
    byte_2: u8 => u16;
    byte_4: u8 => u32;
    byte_8: u8 => u64;
    short_1: u16 => u8;
    short_2: u16 => u16;
    short_4: u16 => u32;
    short_8: u16 => u64;
}

/// Looks elements up in a table with one entry for each value that `source_bytes` bytes can have, of `element_bytes` each.
/// False: there are no such tables.
///
/// # Safety
/// `src` and `dst` have `count` elements, aligned, apart or the same; `table` has 256 or 65,536 entries, aligned;
/// `level <= Level::detected()`.
pub unsafe fn lookup(
    level: Level,
    source_bytes: usize,
    element_bytes: usize,
    dst: *mut u8,
    src: *const u8,
    table: *const u8,
    count: usize,
) -> bool {
    let body: Lookup = match (source_bytes, element_bytes) {
        #[cfg(target_arch = "x86_64")]
        (1, 1) if level == Level::Avx512 && is_x86_feature_detected!("avx512vbmi") => {
            bytes_by_shuffle
        }
        (1, 1) => byte_1::TABLE.at(level),
        (1, 2) => byte_2::TABLE.at(level),
        (1, 4) => byte_4::TABLE.at(level),
        (1, 8) => byte_8::TABLE.at(level),
        (2, 1) => short_1::TABLE.at(level),
        (2, 2) => short_2::TABLE.at(level),
        (2, 4) => short_4::TABLE.at(level),
        (2, 8) => short_8::TABLE.at(level),
        _ => return false,
    };
    // SAFETY: promised by the caller.
    unsafe { body(dst, src, table, count) };
    true
}

/// The whole table of bytes in four registers; each shuffle looks 64 elements up in two of them.
///
/// # Safety
/// As for [`lookup`], on a machine with AVX-512 VBMI.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
unsafe fn bytes_by_shuffle(dst: *mut u8, src: *const u8, table: *const u8, count: usize) {
    use std::arch::x86_64::{
        _mm512_loadu_si512, _mm512_mask_blend_epi8, _mm512_movepi8_mask, _mm512_permutex2var_epi8,
        _mm512_storeu_si512,
    };
    // SAFETY: the table has 256 bytes; whole vectors lie within `count`, and the rest goes byte by byte.
    unsafe {
        let part = |index: usize| _mm512_loadu_si512(table.add(index * 64).cast());
        let (a, b, c, d) = (part(0), part(1), part(2), part(3));
        // Up to the first whole line of the target: stores across lines take twice as long.
        let lead = dst.align_offset(64).min(count);
        let mut at = 0;
        while at < lead {
            *dst.add(at) = *table.add(usize::from(*src.add(at)));
            at += 1;
        }
        while at + 64 <= count {
            let values = _mm512_loadu_si512(src.add(at).cast());
            let low = _mm512_permutex2var_epi8(a, values, b);
            let high = _mm512_permutex2var_epi8(c, values, d);
            let chosen = _mm512_mask_blend_epi8(_mm512_movepi8_mask(values), low, high);
            _mm512_storeu_si512(dst.add(at).cast(), chosen);
            at += 64;
        }
        while at < count {
            *dst.add(at) = *table.add(usize::from(*src.add(at)));
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_finds_its_entry_at_every_level() {
        let table: Vec<u8> = (0..=255u8)
            .map(|byte| byte.wrapping_mul(77).wrapping_add(3))
            .collect();
        let source: Vec<u8> = (0..1000usize).map(|i| (i * 7 % 256) as u8).collect();
        for level in [Level::Base, Level::Avx2, Level::Avx512] {
            if level > Level::detected() {
                continue;
            }
            let mut target = vec![0u8; 1000];
            // SAFETY: the lengths are right, and the level is there.
            let found = unsafe {
                lookup(
                    level,
                    1,
                    1,
                    target.as_mut_ptr(),
                    source.as_ptr(),
                    table.as_ptr(),
                    1000,
                )
            };
            assert!(found);
            assert!(
                target
                    .iter()
                    .zip(&source)
                    .all(|(got, &byte)| *got == table[byte as usize])
            );
        }
    }
}
