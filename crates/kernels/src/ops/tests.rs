//! Every operation gives the same lanes to a register, past the caches and to a sum, at every level, and by constants.

use super::{Adding, Entry, TABLES};
use crate::GROUP;
use crate::fused_adder::FusedAdder;
use crate::isa::Level;
use crate::lane_sum::LaneSum;
use crate::reading::Reading;

const GROUPS: usize = 8;
const BYTES: usize = GROUPS * GROUP * 8;

#[derive(Clone)]
#[repr(align(64))]
struct Register([u8; BYTES]);

/// Numbers of all sizes and signs, small integers among them, as lanes of this width.
fn operand(width: u8, seed: u64) -> Register {
    let mut state = seed;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state >> 20
    };
    let mut register = Register([0; BYTES]);
    for (lane, bytes) in register.0.chunks_mut(width.into()).enumerate() {
        let bits = match (width, lane % 3) {
            (8, 0) => ((next() % 4096) as f64 / 64.0 - 32.0).to_bits(),
            (8, 1) => (next() as f64 * 1e-3).to_bits(),
            (8, _) => (1.0 / (next() as f64 + 1.0)).to_bits(),
            _ => next(),
        };
        bytes.copy_from_slice(&bits.to_le_bytes()[..width.into()]);
    }
    register
}

fn levels() -> impl Iterator<Item = Level> {
    [Level::Base, Level::Avx2, Level::Avx512]
        .into_iter()
        .filter(|level| *level <= Level::detected())
}

/// What the body does at this level, into a register.
fn kept(entry: &Entry, level: Level, operands: &[Register; 4]) -> Register {
    let mut dst = Register([0; BYTES]);
    let [a, b, c, d] = operands.each_ref().map(|operand| operand.0.as_ptr());
    // SAFETY: every register has so many groups of the widest lanes.
    unsafe { entry.body(0).at(level)(dst.0.as_mut_ptr(), a, b, c, d, GROUPS) };
    dst
}

fn operands(entry: &Entry) -> [Register; 4] {
    let width = |place: usize| entry.operands.get(place).copied().unwrap_or(8);
    [0, 1, 2, 3].map(|place| operand(width(place), 1 + place as u64))
}

#[test]
fn what_goes_past_the_caches_is_what_registers_get() {
    let mut streaming = 0;
    for entry in TABLES.iter().copied().flatten() {
        let operands = operands(entry);
        for level in levels() {
            let Some(streamed) = entry.streamed else {
                continue;
            };
            let mut dst = Register([0; BYTES]);
            let [a, b, c, d] = operands.each_ref().map(|operand| operand.0.as_ptr());
            // SAFETY: as above, and a register begins with a line.
            unsafe { streamed.at(level)(dst.0.as_mut_ptr(), a, b, c, d, GROUPS) };
            crate::streaming::fence();
            assert!(
                dst.0 == kept(entry, level, &operands).0,
                "{} at {level:?}",
                entry.name
            );
            streaming += 1;
        }
    }
    assert!(streaming > 60, "{streaming}");
}

#[test]
fn what_is_added_up_is_what_registers_get() {
    let mut summing = 0;
    for entry in TABLES.iter().copied().flatten() {
        let operands = operands(entry);
        for level in levels() {
            let Some(summed) = entry.summed else {
                continue;
            };
            let mut expected = LaneSum::new();
            let mut found = Adding {
                sum: LaneSum::new(),
                reading: Reading::Nothing,
            };
            for reading in [Reading::Nothing, Reading::Heads, Reading::All(8192)] {
                found.reading = reading;
                let results = kept(entry, level, &operands);
                // SAFETY: a register holds doubles of this operation.
                let groups = unsafe { &*results.0.as_ptr().cast::<[[f64; GROUP]; GROUPS]>() };
                for group in groups {
                    expected.add(group, FusedAdder::<{ Level::Base as u8 }>::new());
                }
                let [a, b, c, d] = operands.each_ref().map(|operand| operand.0.as_ptr());
                let sum = std::ptr::from_mut(&mut found).cast();
                // SAFETY: as above; the destination is a sum.
                unsafe { summed.at(level)(sum, a, b, c, d, GROUPS) };
            }
            let bits = |sum: &LaneSum| [sum.sums, sum.errors].map(|lanes| lanes.map(f64::to_bits));
            assert_eq!(
                bits(&found.sum),
                bits(&expected),
                "{} at {level:?}",
                entry.name
            );
            summing += 1;
        }
    }
    assert!(summing > 60, "{summing}");
}

#[test]
fn constants_are_read_in_their_first_lane() {
    let mut reading_once = 0;
    for entry in TABLES.iter().copied().flatten() {
        let lanes = operands(entry);
        for constants in 1..1 << entry.operands.len() {
            let is_constant = |place: usize| constants >> place & 1 == 1;
            let mut filled = lanes.clone();
            for (place, &width) in entry.operands.iter().enumerate() {
                if is_constant(place) {
                    let (first, others) = filled[place].0.split_at_mut(width.into());
                    for other in others.chunks_mut(width.into()) {
                        other.copy_from_slice(first);
                    }
                }
            }
            for level in levels() {
                let (body, general) = (entry.body(constants).at(level), entry.body(0).at(level));
                let is_own = !std::ptr::fn_addr_eq(body, general);
                let given = if is_own { &lanes } else { &filled };
                let mut found = Register([0; BYTES]);
                let [a, b, c, d] = given.each_ref().map(|operand| operand.0.as_ptr());
                // SAFETY: as above.
                unsafe { body(found.0.as_mut_ptr(), a, b, c, d, GROUPS) };
                assert!(
                    found.0 == kept(entry, level, &filled).0,
                    "{} by {constants:#b} at {level:?}",
                    entry.name
                );
                reading_once += usize::from(is_own);
            }
        }
    }
    if Level::detected() > Level::Base || cfg!(not(target_arch = "x86_64")) {
        assert!(reading_once > 400, "{reading_once}");
    }
}
