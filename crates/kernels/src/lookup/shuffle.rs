//! Tables of bytes kept in registers: AVX-512 VBMI looks 64 bytes up at once.

use super::before_line;
use std::arch::x86_64::{
    _mm512_loadu_si512, _mm512_mask_blend_epi8, _mm512_movepi8_mask, _mm512_permutex2var_epi8,
    _mm512_storeu_si512,
};

/// Whether this machine has it, beside AVX-512 BW.
pub(super) fn there() -> bool {
    is_x86_feature_detected!("avx512vbmi")
}

/// The whole table of bytes in four registers; each shuffle looks 64 elements up in two of them.
///
/// # Safety
/// As for [`super::Table::look_up`], with 256 entries, on a machine where it is [`there`].
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(super) unsafe fn bytes(dst: *mut u8, src: *const u8, table: *const u8, count: usize) {
    // SAFETY: the table has 256 bytes; whole vectors lie within `count`, and the rest goes byte by byte.
    unsafe {
        let part = |index: usize| _mm512_loadu_si512(table.add(index * 64).cast());
        let (a, b, c, d) = (part(0), part(1), part(2), part(3));
        let lead = before_line(dst, count);
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
