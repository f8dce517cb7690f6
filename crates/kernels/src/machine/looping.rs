//! Loops whose trip count differs from lane to lane: lanes that are done leave their results, and those that are left are
//! packed together, so that a few slow lanes do not cost a whole block.

use super::Run;
use crate::program::{Lane, Loop};
use crate::{BLOCK, GROUP};

/// How often a loop asks whether to stop, in rounds.
const ROUNDS_BETWEEN_STOPS: u32 = 256;

/// The lanes of one running loop.
struct Alive {
    /// Place of each lane among the lanes around the loop.
    home: [u16; BLOCK],
    /// 1: still running. Beyond `lanes` all are 0.
    flags: [u8; BLOCK],
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
            flags: [0; BLOCK],
            lanes,
            running: 0,
        };
        for lane in 0..lanes {
            alive.home[lane] = lane as u16;
            // SAFETY: as above.
            alive.flags[lane] = looping
                .entry
                .map_or(1, |entry| unsafe { *self.at(entry).add(lane) });
            alive.running += alive.flags[lane] as usize;
        }
        let mut rounds = 0u32;
        while alive.running > 0 {
            // SAFETY: as above.
            unsafe {
                if alive.running <= alive.lanes / 2 {
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
        // SAFETY: `go` is a register of booleans with a whole block.
        let go = unsafe { std::slice::from_raw_parts(self.at(looping.go).cast_const(), BLOCK) };
        let mut going = 0usize;
        for (flag, go) in alive.flags.iter().zip(go) {
            going += usize::from(flag & go);
        }
        if going == alive.running {
            return;
        }
        for (lane, go) in go.iter().enumerate().take(alive.lanes) {
            if alive.flags[lane] & !go & 1 == 0 {
                continue;
            }
            alive.flags[lane] = 0;
            let home = alive.home[lane] as usize;
            for exit in &looping.exits {
                let bytes = exit.lane.bytes();
                // SAFETY: both lanes lie within their blocks.
                unsafe {
                    let from = self.at(exit.exit).add(lane * bytes);
                    std::ptr::copy_nonoverlapping(
                        from,
                        self.at(exit.register).add(home * bytes),
                        bytes,
                    );
                }
            }
        }
        alive.running = going;
    }

    /// Moves the lanes that still run to the front of every register that the body reads.
    unsafe fn pack(&mut self, looping: &Loop, alive: &mut Alive) {
        let carried = looping
            .carried
            .iter()
            .map(|carried| (carried.work, carried.lane));
        let invariant = looping
            .invariants
            .iter()
            .map(|&(_, work, lane)| (work, lane));
        for (register, lane) in carried.chain(invariant) {
            // SAFETY: a checked register with a whole block.
            let place = unsafe { self.at(register) };
            // SAFETY: as above; the block is aligned for its lanes.
            unsafe {
                match lane {
                    Lane::F64 | Lane::I64 => compress(place.cast::<u64>(), alive),
                    Lane::I32 | Lane::U32 => compress(place.cast::<u32>(), alive),
                    Lane::Bool => compress(place, alive),
                }
            }
        }
        let mut to = 0;
        for from in 0..alive.lanes {
            alive.home[to] = alive.home[from];
            to += alive.flags[from] as usize;
        }
        alive.flags[..to].fill(1);
        alive.flags[to..].fill(0);
        alive.lanes = to;
    }
}

/// Keeps the lanes whose flag is set, in order.
unsafe fn compress<T: Copy>(place: *mut T, alive: &Alive) {
    let mut to = 0;
    for from in 0..alive.lanes {
        // SAFETY: `to <= from < BLOCK`.
        unsafe { *place.add(to) = *place.add(from) };
        to += alive.flags[from] as usize;
    }
}

/// # Safety
/// Both are whole blocks. They may be the same one.
unsafe fn copy(to: *mut u8, from: *mut u8, bytes: usize) {
    // SAFETY: promised by the caller.
    unsafe { std::ptr::copy(from, to, bytes) };
}
