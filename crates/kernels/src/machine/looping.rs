//! Loops whose trip count differs from lane to lane: lanes that are done leave their results, and those that are left are
//! packed together, so that a few slow lanes do not cost a whole block.

use super::Run;
use crate::program::{Lane, Loop};
use crate::{BLOCK, GROUP};

/// How often a loop asks whether to stop, in rounds.
const ROUNDS_BETWEEN_STOPS: u32 = 256;

/// Lanes are packed when so large a share of them, or less, still runs: each time costs about as much as four rounds.
const PACKED_BELOW: (usize, usize) = (3, 4);

/// The lanes of one running loop.
struct Alive {
    /// Place of each lane among the lanes around the loop.
    home: [u16; BLOCK],
    /// One byte for each lane, the lowest first: 1 while it runs. Beyond `lanes` all are 0.
    flags: [u64; BLOCK / 8],
    lanes: usize,
    running: usize,
}

impl Run<'_> {
    /// Runs a loop over `lanes` lanes. False: stopped.
    ///
    /// # Safety
    /// As for [`Run::steps`].
    pub(super) unsafe fn looping(&mut self, looping: &Loop, lanes: usize) -> bool {
        let bytes = lanes.div_ceil(GROUP) * GROUP;
        // SAFETY: every register of the loop was checked, and holds a whole block of its lanes.
        unsafe {
            for exit in &looping.exits {
                copy(
                    self.at(exit.register),
                    self.at(exit.init),
                    bytes * exit.lane.bytes(),
                );
            }
            for carried in &looping.carried {
                copy(
                    self.at(carried.work),
                    self.at(carried.init),
                    bytes * carried.lane.bytes(),
                );
            }
            for &(source, work, lane) in &looping.invariants {
                copy(self.at(work), self.at(source), bytes * lane.bytes());
            }
        }
        let mut alive = Alive {
            home: [0; BLOCK],
            flags: [0; BLOCK / 8],
            lanes,
            running: 0,
        };
        for lane in 0..lanes {
            alive.home[lane] = lane as u16;
            // SAFETY: as above.
            let enters = looping
                .entry
                .map_or(1, |entry| unsafe { *self.at(entry).add(lane) & 1 });
            alive.flags[lane / 8] |= u64::from(enters) << (lane % 8 * 8);
            alive.running += usize::from(enters);
        }
        let mut rounds = 0u32;
        while alive.running > 0 {
            // SAFETY: as above.
            unsafe {
                if alive.running * PACKED_BELOW.1 <= alive.lanes * PACKED_BELOW.0 {
                    self.pack(looping, &mut alive);
                }
                if !self.steps(&looping.body, alive.lanes.div_ceil(GROUP), alive.lanes) {
                    return false;
                }
                self.leave(looping, &mut alive);
                // The next round reads what this one computed; the blocks change places instead of their contents.
                for carried in &looping.carried {
                    self.registers
                        .table
                        .swap(carried.work as usize, carried.next as usize);
                }
            }
            rounds = rounds.wrapping_add(1);
            if rounds.is_multiple_of(ROUNDS_BETWEEN_STOPS) && (self.stop)() {
                return false;
            }
        }
        true
    }

    /// Lets the lanes go that are done now, with their results.
    unsafe fn leave(&mut self, looping: &Loop, alive: &mut Alive) {
        // SAFETY: `go` is a register of booleans with a whole block, aligned for every lane.
        let go = unsafe { &*self.at(looping.go).cast_const().cast::<[u64; BLOCK / 8]>() };
        for (word, go) in go.iter().enumerate().take(alive.lanes.div_ceil(8)) {
            // One byte is one lane, 1 where it ran and goes no further.
            let mut gone = alive.flags[word] & !go;
            if gone == 0 {
                continue;
            }
            alive.flags[word] ^= gone;
            while gone != 0 {
                let lane = word * 8 + gone.trailing_zeros() as usize / 8;
                gone &= gone - 1;
                alive.running -= 1;
                let home = alive.home[lane] as usize;
                for exit in &looping.exits {
                    let bytes = exit.lane.bytes();
                    // SAFETY: both lanes lie within their blocks.
                    unsafe {
                        let from = self.at(exit.exit).add(lane * bytes);
                        let to = self.at(exit.register).add(home * bytes);
                        std::ptr::copy(from, to, bytes);
                    }
                }
            }
        }
    }

    /// Moves the lanes that still run to the front of every register that the body reads.
    unsafe fn pack(&mut self, looping: &Loop, alive: &mut Alive) {
        let mut kept = [0u16; BLOCK];
        let mut count = 0;
        for lane in 0..alive.lanes {
            kept[count] = lane as u16;
            count += alive.flag(lane);
        }
        let kept = &kept[..count];
        let carried = looping
            .carried
            .iter()
            .map(|carried| (carried.work, carried.lane));
        let invariant = looping
            .invariants
            .iter()
            .map(|&(_, work, lane)| (work, lane));
        for (register, lane) in carried.chain(invariant) {
            // SAFETY: a checked register with a whole block, aligned for its lanes.
            unsafe {
                let place = self.at(register);
                match lane {
                    Lane::F64 | Lane::I64 => compress(place.cast::<u64>(), kept),
                    Lane::I32 | Lane::U32 => compress(place.cast::<u32>(), kept),
                    Lane::Bool => compress(place, kept),
                }
            }
        }
        for (to, &from) in kept.iter().enumerate() {
            alive.home[to] = alive.home[from as usize];
        }
        for (word, flags) in alive.flags.iter_mut().enumerate() {
            let lanes = count.saturating_sub(word * 8).min(8);
            *flags = ALL_RUN.checked_shr((64 - lanes * 8) as u32).unwrap_or(0);
        }
        alive.lanes = count;
    }
}

/// Eight lanes that run.
const ALL_RUN: u64 = 0x0101_0101_0101_0101;

impl Alive {
    /// 1: the lane runs.
    #[inline(always)]
    fn flag(&self, lane: usize) -> usize {
        (self.flags[lane / 8] >> (lane % 8 * 8)) as usize & 1
    }
}

/// Keeps these lanes, which ascend.
///
/// # Safety
/// `place` is a whole block.
unsafe fn compress<T: Copy>(place: *mut T, kept: &[u16]) {
    for (to, &from) in kept.iter().enumerate() {
        // SAFETY: `to <= from < BLOCK`.
        unsafe { *place.add(to) = *place.add(from as usize) };
    }
}

/// # Safety
/// Both are whole blocks. They may be the same one.
unsafe fn copy(to: *mut u8, from: *mut u8, bytes: usize) {
    // SAFETY: promised by the caller.
    unsafe { std::ptr::copy(from, to, bytes) };
}
