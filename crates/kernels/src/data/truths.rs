//! Which values of a source are truthy: one bit for each, in words of 64 values, least first.

use crate::data::Comparison;
use crate::data::ahead::ask_ahead;
use crate::data::source::{Source, Values};
use crate::isa::Level;
use crate::machine::{Bound, Lanes};
use crate::program::{Lane, Program};
use crate::reading::Reading;
use crate::{BLOCK, GROUP};

impl Source {
    /// The bits of a grain. `None`: `stop` said so.
    pub(super) fn truths(&self, grain: usize, stop: &dyn Fn() -> bool) -> Option<Vec<u64>> {
        match self {
            Self::Results(program, bound) if program.lane == Lane::Bool => {
                match (program.comparison(), bound.columns()) {
                    (Some(comparison), [column]) => {
                        let range = self.range(grain..grain + 1);
                        // SAFETY: within the column, whose doubles are alive by the promise of `Source`.
                        let x = unsafe {
                            let first = column.data.cast::<f64>().add(range.start);
                            std::slice::from_raw_parts(first, range.len())
                        };
                        Some(bits_compared(x, comparison, program.level))
                    }
                    _ => self.truths_of_booleans(program, bound, grain, stop),
                }
            }
            _ => self.with_grain(grain, stop, |values| match values {
                Values::F64(x) => bits_of(x, |v| v.abs() > 0.0),
                Values::I64(x) => bits_of(x, |v| v != 0),
                Values::U64(x) => bits_of(x, |v| v != 0),
            }),
        }
    }

    fn truths_of_booleans(
        &self,
        program: &Program,
        bound: &Bound,
        grain: usize,
        stop: &dyn Fn() -> bool,
    ) -> Option<Vec<u64>> {
        let range = self.range(grain..grain + 1);
        let (start, length) = (range.start, range.len());
        let mut machine = program.machine();
        let mut bits = Vec::with_capacity(length.div_ceil(64));
        for done in (0..length).step_by(BLOCK) {
            let n = BLOCK.min(length - done);
            if let [column] = bound.columns() {
                let bytes = column.kind.bytes();
                // SAFETY: within the column, which is alive by the promise of `Source`.
                let block = unsafe {
                    let first = column.data.add((start + done) * bytes);
                    std::slice::from_raw_parts(first, n * bytes)
                };
                ask_ahead(block);
            }
            // SAFETY: within the bound length; its arrays are alive by the promise of `Source`.
            if let Lanes::Bool(values) = unsafe { machine.block(bound, start + done, n, stop) }? {
                bits.extend(values.chunks(64).map(packed));
            }
        }
        Some(bits)
    }
}

/// How many bits are set.
pub(super) fn count(bits: &[u64]) -> usize {
    bits.iter().map(|word| word.count_ones() as usize).sum()
}

fn bits_compared(x: &[f64], comparison: Comparison, level: Level) -> Vec<u64> {
    let (groups, rest) = x.as_chunks::<GROUP>();
    let mut halves = vec![0; x.len().div_ceil(64) * 2];
    comparison.bits(groups, &mut halves[..groups.len()], level);
    for (lane, &value) in rest.iter().enumerate() {
        halves[groups.len()] |= u32::from(comparison.holds(value)) << lane;
    }
    let (words, _) = halves.as_chunks::<2>();
    words
        .iter()
        .map(|&[low, high]| u64::from(low) | u64::from(high) << 32)
        .collect()
}

fn bits_of<T: Copy>(values: &[T], truthy: impl Fn(T) -> bool) -> Vec<u64> {
    let reading = Reading::onwards(1);
    let truths = |values: &[T]| {
        reading.ask(values);
        let mut bytes = [0; 64];
        for (byte, &value) in bytes.iter_mut().zip(values) {
            *byte = u8::from(truthy(value));
        }
        packed(&bytes)
    };
    values.chunks(64).map(truths).collect()
}

/// The lowest bits of up to 64 bytes that are 0 or 1.
fn packed(bytes: &[u8]) -> u64 {
    if let Ok(whole) = bytes.try_into() {
        return packed_whole(whole);
    }
    let mut whole = [0; 64];
    whole[..bytes.len()].copy_from_slice(bytes);
    packed_whole(&whole)
}

#[cfg(target_arch = "x86_64")]
fn packed_whole(bytes: &[u8; 64]) -> u64 {
    use std::arch::x86_64::{_mm_loadu_si128, _mm_movemask_epi8, _mm_slli_epi16};
    let quarter = |index: usize| {
        // SAFETY: 16 of the 64 bytes; SSE2 is there on every x86-64.
        let highest_bits = unsafe {
            let sixteen = _mm_loadu_si128(bytes.as_ptr().add(16 * index).cast());
            _mm_movemask_epi8(_mm_slli_epi16::<7>(sixteen))
        };
        u64::from(highest_bits as u16) << (16 * index)
    };
    quarter(0) | quarter(1) | quarter(2) | quarter(3)
}

#[cfg(not(target_arch = "x86_64"))]
fn packed_whole(bytes: &[u8; 64]) -> u64 {
    // The product has the lowest bit of byte i at 56 + i, and carries nothing there.
    let eight =
        |bytes: [u8; 8]| u64::from_le_bytes(bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    let (eights, _) = bytes.as_chunks::<8>();
    eights
        .iter()
        .rev()
        .fold(0, |word, &bytes| word << 8 | eight(bytes))
}

#[cfg(test)]
mod tests {
    use super::packed;

    #[test]
    fn bytes_become_bits_least_first() {
        for n in 0..=64 {
            let bytes: Vec<u8> = (0..n).map(|i| (i * i / 3 % 2) as u8).collect();
            let bits = bytes
                .iter()
                .rev()
                .fold(0, |word: u64, &byte| word << 1 | u64::from(byte));
            assert_eq!(packed(&bytes), bits);
            assert_eq!(
                packed(&vec![1; n]),
                if n == 64 { u64::MAX } else { (1 << n) - 1 }
            );
        }
    }
}
