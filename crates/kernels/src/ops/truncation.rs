//! Doubles to int32 numbers towards zero, by the instruction of each level: Rust's own conversion also looks for NaN and for
//! what is out of range.

use crate::GROUP;
#[cfg(target_arch = "x86_64")]
use crate::isa::Level;

/// The lanes of a group towards zero; what is beyond int32 becomes some number or other.
///
/// # Safety
/// The machine has the level.
#[inline(always)]
#[cfg(target_arch = "x86_64")]
pub(super) unsafe fn truncated<const LEVEL: u8>(doubles: &[f64; GROUP]) -> [i32; GROUP] {
    use std::arch::x86_64::{
        _mm_cvttpd_epi32, _mm_loadu_pd, _mm_storel_epi64, _mm_storeu_si128, _mm256_cvttpd_epi32,
        _mm256_loadu_pd, _mm256_storeu_si256, _mm512_cvttpd_epi32, _mm512_loadu_pd,
    };
    let mut whole = [0; GROUP];
    let (from, to) = (doubles.as_ptr(), whole.as_mut_ptr());
    // SAFETY: within both groups; the machine has the level, and every x86-64 has SSE2.
    unsafe {
        if LEVEL == Level::Avx512 as u8 {
            for lane in (0..GROUP).step_by(8) {
                let part = _mm512_cvttpd_epi32(_mm512_loadu_pd(from.add(lane)));
                _mm256_storeu_si256(to.add(lane).cast(), part);
            }
        } else if LEVEL == Level::Avx2 as u8 {
            for lane in (0..GROUP).step_by(4) {
                let part = _mm256_cvttpd_epi32(_mm256_loadu_pd(from.add(lane)));
                _mm_storeu_si128(to.add(lane).cast(), part);
            }
        } else {
            for lane in (0..GROUP).step_by(2) {
                let part = _mm_cvttpd_epi32(_mm_loadu_pd(from.add(lane)));
                _mm_storel_epi64(to.add(lane).cast(), part);
            }
        }
    }
    whole
}

/// As on x86-64.
///
/// # Safety
/// None: it only has to be called alike.
#[inline(always)]
#[cfg(not(target_arch = "x86_64"))]
pub(super) unsafe fn truncated<const LEVEL: u8>(doubles: &[f64; GROUP]) -> [i32; GROUP] {
    doubles.map(|double| double as i32)
}
