//! Flips bits, or writes small numbers, in every kind of shared word.

use crate::random::Random;
use manyhands_sync::Arena;
use manyhands_sync::layout::*;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::time::Duration;

/// Pid and doorbell descriptor of an entry: a number of somebody else's pipe must not be hit by chance.
const PID_AT: usize = 8;
const WAKE_FD_AT: usize = 12;
/// Above any pid and any descriptor.
const HIGH_BIT: u32 = 1 << 24;

/// Units that are damaged: those that are used first.
const UNITS: usize = 48;

pub(crate) fn run(arena: &Arena, mut random: Random, over: &AtomicBool, flips: &AtomicU32) {
    let (base, bytes) = arena.segment(0).unwrap();
    while !over.load(Relaxed) {
        let at = somewhere(&mut random);
        assert!(at + 4 <= bytes);
        // SAFETY: an aligned word inside the first segment, which is never unmapped; all accesses are atomic.
        let word = unsafe { &*base.add(at).cast::<AtomicU32>() };
        let entry = at.wrapping_sub(PARTICIPANTS_AT) % PARTICIPANT_BYTES;
        let in_entries = (PARTICIPANTS_AT..UNITS_AT).contains(&at);
        if in_entries && (entry == PID_AT || entry == WAKE_FD_AT) {
            word.fetch_xor(HIGH_BIT, Relaxed);
        } else if random.below(4) == 0 {
            word.store(random.below(1 << 12) as u32, Relaxed);
        } else {
            word.fetch_xor(1 << random.below(32), Relaxed);
        }
        flips.fetch_add(1, Relaxed);
        // Damage comes in bursts: between them the workers get somewhere.
        if random.below(16) == 0 {
            std::thread::sleep(Duration::from_micros(random.below(400) as u64));
        }
    }
}

/// A word that means something to the core.
fn somewhere(random: &mut Random) -> usize {
    let unit = (FIRST_UNIT as usize + random.below(UNITS)) << UNIT_SHIFT;
    match random.below(10) {
        0 => CURSOR_AT,
        1 | 2 => {
            let words = [0, 4, PID_AT, WAKE_FD_AT, 16, 20, 64, 68, 72];
            let word = words[random.below(words.len())];
            PARTICIPANTS_AT + (1 + random.below(8)) * PARTICIPANT_BYTES + word
        }
        // The words that all shared objects have: life, kind, body, holders, carriers.
        3 => {
            let words = [
                LIFE_AT,
                LIFE_AT + 4,
                OBJECT_KIND_AT,
                OBJECT_FLAGS_AT,
                BODY_AT,
                HOLDERS_AT,
            ];
            let word = match random.below(8) {
                0 => HOLDERS_AT + 8 + random.below(8) * 4,
                1 => CARRIERS_AT + random.below(CARRIER_SLOTS as usize) * 4,
                other => words[other - 2],
            };
            unit + random.below(64) * 1024 + word
        }
        4 => UNITS_AT + (FIRST_UNIT as usize + random.below(UNITS)) * 4,
        // A block header.
        5 | 6 => {
            let class = CLASS_BYTES[random.below(CLASS_BYTES.len())] as usize;
            unit + random.below((UNIT_BYTES as usize) / class) * class + random.below(6) * 4
        }
        // The words of queues and of their segments: hints, capacity, epochs, bitmaps, slots.
        _ => {
            let lines = [
                RING_AT + TAIL_AT,
                RING_AT + HEAD_AT,
                CAPACITY_AT,
                OLDEST_AT,
                CONSUMERS_AT,
                PRODUCERS_AT,
                SLOTS_AT,
                SEGMENT_NEXT_AT,
                SEGMENT_RING_AT + TAIL_AT,
                SEGMENT_RING_AT + HEAD_AT,
                SEGMENT_SLOTS_AT,
            ];
            unit + random.below(32) * 2048 + lines[random.below(lines.len())] + random.below(8) * 4
        }
    }
}
