//! Sums of doubles along eight segments with AVX-512: squares of elements turned in registers, and results that nobody
//! reads soon written past the caches. The bits are those of [`super::together`].

use super::{SEGMENT, TOGETHER};
use std::arch::x86_64::{
    __m512d, __m512i, _CMP_LT_OQ, _mm_sfence, _mm512_abs_pd, _mm512_add_epi64, _mm512_add_pd,
    _mm512_cmp_pd_mask, _mm512_loadu_pd, _mm512_mask_add_pd, _mm512_permutex2var_pd,
    _mm512_set_epi64, _mm512_set1_epi64, _mm512_set1_pd, _mm512_shuffle_f64x2, _mm512_storeu_pd,
    _mm512_stream_pd, _mm512_sub_pd, _mm512_unpackhi_pd, _mm512_unpacklo_pd,
};

/// Eight elements of each segment: of one segment in each row, or with the segments side by side.
type Square = [__m512d; TOGETHER];

/// Runs along eight whole segments and leaves in `carried` the sum and the errors of each.
///
/// # Safety
/// As for [`super::together`], on a machine with AVX-512; with `stream`, source and target are apart.
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) unsafe fn sums(
    source: *const f64,
    target: *mut f64,
    carried: &mut [(f64, f64); TOGETHER],
    stream: bool,
) {
    let mut sums = vector(carried.map(|(sum, _)| sum));
    let mut errors = vector(carried.map(|(_, errors)| errors));
    let mut lines = Lines::new(target);
    for start in (0..SEGMENT).step_by(TOGETHER) {
        let place = |segment: usize| segment * SEGMENT + start;
        // SAFETY: within the segments.
        let rows =
            std::array::from_fn(|segment| unsafe { _mm512_loadu_pd(source.add(place(segment))) });
        let mut square = turned(rows);
        for row in &mut square {
            // Knuth's error-free sum, as `two_sum`.
            let sum = _mm512_add_pd(sums, *row);
            let part = _mm512_sub_pd(sum, sums);
            let error = _mm512_add_pd(
                _mm512_sub_pd(sums, _mm512_sub_pd(sum, part)),
                _mm512_sub_pd(*row, part),
            );
            sums = sum;
            errors = _mm512_add_pd(errors, error);
            let finite =
                _mm512_cmp_pd_mask::<_CMP_LT_OQ>(_mm512_abs_pd(sum), _mm512_set1_pd(f64::INFINITY));
            *row = _mm512_mask_add_pd(sum, finite, sum, errors);
        }
        for (segment, row) in turned(square).into_iter().enumerate() {
            // SAFETY: within the segments.
            unsafe {
                let place = target.add(place(segment));
                if stream {
                    lines.write(segment, place, row, start == 0);
                } else {
                    _mm512_storeu_pd(place, row);
                }
            }
        }
    }
    if stream {
        for segment in 0..TOGETHER {
            // SAFETY: within the segments.
            unsafe { lines.end(segment, target.add((segment + 1) * SEGMENT)) };
        }
        // What is told to other threads afterwards must not overtake the lines.
        _mm_sfence();
    }
    let (sums, errors) = (doubles(sums), doubles(errors));
    *carried = std::array::from_fn(|segment| (sums[segment], errors[segment]));
}

/// Whole lines of the target, made of what rows leave and the next ones begin with: segments begin anywhere in a line.
struct Lines {
    /// Elements before the first whole line, the same in each segment.
    lead: usize,
    /// Where the elements of a line are among those of two rows.
    indices: __m512i,
    last: Square,
}

impl Lines {
    #[target_feature(enable = "avx512f")]
    fn new(target: *mut f64) -> Self {
        const { assert!(SEGMENT.is_multiple_of(64 / size_of::<f64>())) };
        let lead = target.align_offset(64);
        let from_lead = _mm512_set1_epi64(lead as i64);
        Self {
            lead,
            indices: _mm512_add_epi64(from_lead, _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0)),
            last: [_mm512_set1_pd(0.0); TOGETHER],
        }
    }

    /// Takes the next row of a segment, whose place in the target is `place`, and writes the line that it completes.
    ///
    /// # Safety
    /// The row's place and, but for the first, the one before it are writable.
    #[inline]
    #[target_feature(enable = "avx512f")]
    unsafe fn write(&mut self, segment: usize, place: *mut f64, row: __m512d, first: bool) {
        // SAFETY: the caller's promise; lines are aligned by `lead`.
        unsafe {
            if first {
                let row = doubles(row);
                std::ptr::copy_nonoverlapping(row.as_ptr(), place, self.lead);
            } else {
                let line = _mm512_permutex2var_pd(self.last[segment], self.indices, row);
                _mm512_stream_pd(place.add(self.lead).sub(TOGETHER), line);
            }
        }
        self.last[segment] = row;
    }

    /// Writes what is left of the last row of a segment up to its end.
    ///
    /// # Safety
    /// The row before `end` is writable.
    #[target_feature(enable = "avx512f")]
    unsafe fn end(&self, segment: usize, end: *mut f64) {
        let rest = &doubles(self.last[segment])[self.lead..];
        // SAFETY: the caller's promise.
        unsafe { std::ptr::copy_nonoverlapping(rest.as_ptr(), end.sub(rest.len()), rest.len()) };
    }
}

/// Rows become columns: pairs of rows are interleaved, then halves of halves put together.
#[inline]
#[target_feature(enable = "avx512f")]
fn turned([a, b, c, d, e, f, g, h]: Square) -> Square {
    // Columns 0, 2, 4 and 6, or 1, 3, 5 and 7.
    let columns = |ab, cd, ef, gh| {
        let ad = _mm512_shuffle_f64x2::<0x88>(ab, cd);
        let eh = _mm512_shuffle_f64x2::<0x88>(ef, gh);
        let ad_other = _mm512_shuffle_f64x2::<0xDD>(ab, cd);
        let eh_other = _mm512_shuffle_f64x2::<0xDD>(ef, gh);
        [
            _mm512_shuffle_f64x2::<0x88>(ad, eh),
            _mm512_shuffle_f64x2::<0x88>(ad_other, eh_other),
            _mm512_shuffle_f64x2::<0xDD>(ad, eh),
            _mm512_shuffle_f64x2::<0xDD>(ad_other, eh_other),
        ]
    };
    let even = columns(
        _mm512_unpacklo_pd(a, b),
        _mm512_unpacklo_pd(c, d),
        _mm512_unpacklo_pd(e, f),
        _mm512_unpacklo_pd(g, h),
    );
    let odd = columns(
        _mm512_unpackhi_pd(a, b),
        _mm512_unpackhi_pd(c, d),
        _mm512_unpackhi_pd(e, f),
        _mm512_unpackhi_pd(g, h),
    );
    [
        even[0], odd[0], even[1], odd[1], even[2], odd[2], even[3], odd[3],
    ]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn vector(doubles: [f64; TOGETHER]) -> __m512d {
    // SAFETY: eight doubles.
    unsafe { _mm512_loadu_pd(doubles.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn doubles(vector: __m512d) -> [f64; TOGETHER] {
    let mut doubles = [0.0; TOGETHER];
    // SAFETY: room for eight doubles.
    unsafe { _mm512_storeu_pd(doubles.as_mut_ptr(), vector) };
    doubles
}

#[cfg(test)]
mod tests {
    use super::super::chain::FloatSum;
    use super::super::{SEGMENT, TOGETHER, together};
    use super::sums;
    use crate::isa::Level;

    #[test]
    fn sums_have_the_bits_of_plain_code_wherever_lines_begin() {
        if Level::detected() < Level::Avx512 {
            return;
        }
        let n = SEGMENT * TOGETHER;
        let mut items: Vec<f64> = (0..n).map(|i| (i as f64 * 0.7).sin() * 1e3).collect();
        items[SEGMENT + 5] = f64::INFINITY;
        items[2 * SEGMENT + 6] = f64::NAN;
        let start = std::array::from_fn(|i| (i as f64 / 3.0, 1e-18));
        let mut expected = vec![0.0; n];
        let mut expected_carried = start;
        // SAFETY: both have so many elements.
        unsafe {
            together::<FloatSum<f64>>(items.as_ptr(), expected.as_mut_ptr(), &mut expected_carried);
        }
        let bits = |values: &[f64]| -> Vec<u64> {
            // The bits of a NaN are nobody's promise.
            let same = |v: &f64| {
                if v.is_nan() { u64::MAX } else { v.to_bits() }
            };
            values.iter().map(same).collect()
        };
        for lead in 0..8 {
            for stream in [false, true] {
                let mut target = vec![-1.0; n + 16];
                let mut carried = start;
                let from = target.as_ptr().align_offset(64) + lead;
                // SAFETY: both have so many elements, and the machine has AVX-512.
                unsafe {
                    let target = target.as_mut_ptr().add(from);
                    sums(items.as_ptr(), target, &mut carried, stream);
                }
                assert_eq!(bits(&target[from..from + n]), bits(&expected));
                assert!(target[..from].iter().all(|&v| v == -1.0));
                assert!(target[from + n..].iter().all(|&v| v == -1.0));
                for (found, expected) in carried.iter().zip(&expected_carried) {
                    assert_eq!(bits(&[found.0, found.1]), bits(&[expected.0, expected.1]));
                }
            }
        }
    }
}
