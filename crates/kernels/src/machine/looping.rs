//! Loops whose trip count differs from lane to lane: lanes that are done leave their results, and those that are left are
//! packed together, so that a few slow lanes do not cost a whole block.

use super::packing::pack;
use super::run::Run;
use crate::program::{Lane, Loop};
use crate::{BLOCK, GROUP};

/// How often a loop asks whether to stop, in rounds.
const ROUNDS_BETWEEN_STOPS: u32 = 256;

/// Lanes are packed when so large a share of them, or less, still runs: each time costs about as much as four rounds.
const PACKED_BELOW: (usize, usize) = (3, 4);

/// The lanes of one running loop.
struct Alive {
    /// Place of each lane among the lanes around the loop.
    home: [u32; BLOCK],
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
                let lanes = if carried.alike { GROUP } else { bytes };
                copy(
                    self.at(carried.work),
                    self.at(carried.init),
                    lanes * carried.lane.bytes(),
                );
            }
            for &(source, work, lane) in &looping.invariants {
                copy(self.at(work), self.at(source), bytes * lane.bytes());
            }
        }
        let mut alive = Alive {
            home: AT_HOME,
            flags: [0; BLOCK / 8],
            lanes,
            running: 0,
        };
        for (word, flags) in alive.flags.iter_mut().enumerate() {
            // SAFETY: a register of booleans is a whole block, aligned for every lane.
            let enters = looping.entry.map_or(ALL_RUN, |entry| unsafe {
                ALL_RUN & *self.at(entry).cast::<u64>().add(word)
            });
            *flags = enters & first_lanes(lanes.saturating_sub(word * 8));
            alive.running += lanes_of(*flags);
        }
        let mut rounds = 0u32;
        while alive.running > 0 {
            // SAFETY: as above.
            unsafe {
                if alive.running * PACKED_BELOW.1 <= alive.lanes * PACKED_BELOW.0 {
                    self.pack(looping, &mut alive);
                }
                if !self.steps(&looping.alike, 1, GROUP)
                    || !self.steps(&looping.body, alive.lanes.div_ceil(GROUP), alive.lanes)
                {
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
        // SAFETY: likewise.
        let ends = looping
            .limit
            .is_some_and(|limit| unsafe { *self.at(limit) == 0 });
        let goes_on = if ends { 0 } else { u64::MAX };
        let words = alive.lanes.div_ceil(8);
        // In most rounds nobody leaves.
        let mut any = 0;
        for (flags, go) in alive.flags[..words].iter().zip(&go[..words]) {
            any |= flags & !(go & goes_on);
        }
        if any == 0 {
            return;
        }
        for (word, go) in go.iter().enumerate().take(words) {
            // One byte is one lane, 1 where it ran and goes no further.
            let gone = alive.flags[word] & !(go & goes_on);
            if gone == 0 {
                continue;
            }
            alive.flags[word] ^= gone;
            alive.running -= lanes_of(gone);
            for exit in &looping.exits {
                let gone = Gone {
                    flags: gone,
                    word,
                    alike: exit.alike,
                };
                // SAFETY: both registers are whole blocks, aligned for their lanes.
                unsafe {
                    let (from, to) = (self.at(exit.exit), self.at(exit.register));
                    match exit.lane {
                        Lane::F64 | Lane::I64 => gone.carry::<u64>(from, to, &alive.home),
                        Lane::I32 | Lane::U32 => gone.carry::<u32>(from, to, &alive.home),
                        Lane::I16 | Lane::U16 => gone.carry::<u16>(from, to, &alive.home),
                        Lane::Bool => gone.carry::<u8>(from, to, &alive.home),
                    }
                }
            }
        }
    }

    /// Moves the lanes that still run to the front of every register that the body reads.
    unsafe fn pack(&mut self, looping: &Loop, alive: &mut Alive) {
        let flags = &alive.flags[..alive.lanes.div_ceil(8)];
        let carried = looping
            .carried
            .iter()
            .filter(|carried| !carried.alike)
            .map(|carried| (carried.work, carried.lane));
        let invariant = looping
            .invariants
            .iter()
            .map(|&(_, work, lane)| (work, lane));
        for (register, lane) in carried.chain(invariant) {
            // SAFETY: a checked register with a whole block, aligned for its lanes; the machine has the program's level.
            unsafe { pack(self.at(register), lane.bytes(), flags, self.level) };
        }
        let home = alive.home.as_mut_ptr().cast();
        // SAFETY: as above.
        unsafe { pack(home, size_of::<u32>(), flags, self.level) };
        let count = alive.running;
        for (word, flags) in alive.flags.iter_mut().enumerate() {
            *flags = first_lanes(count.saturating_sub(word * 8));
        }
        alive.lanes = count;
    }
}

/// Eight lanes that run.
const ALL_RUN: u64 = 0x0101_0101_0101_0101;

/// Every lane in its own place.
const AT_HOME: [u32; BLOCK] = {
    let mut home = [0; BLOCK];
    let mut lane = 0;
    while lane < BLOCK {
        home[lane] = lane as u32;
        lane += 1;
    }
    home
};

/// The flags of eight lanes of which so many run, or all.
#[inline(always)]
fn first_lanes(count: usize) -> u64 {
    let bytes = 8 - count.min(8) as u32;
    ALL_RUN.checked_shr(bytes * 8).unwrap_or(0)
}

/// How many of eight lanes these flags are of.
#[inline(always)]
fn lanes_of(flags: u64) -> usize {
    // The topmost byte of the product is the sum of all.
    (flags.wrapping_mul(ALL_RUN) >> 56) as usize
}

/// Lanes that are gone, of the eight from `8 * word` on.
struct Gone {
    flags: u64,
    word: usize,
    /// What they leave with is the same for all, and stands in the first lane.
    alike: bool,
}

impl Gone {
    /// Copies their results to their homes.
    ///
    /// # Safety
    /// Both are whole blocks of `T`; homes lie within them.
    #[inline(always)]
    unsafe fn carry<T: Copy>(&self, from: *const u8, to: *mut u8, home: &[u32; BLOCK]) {
        let (from, to) = (from.cast::<T>(), to.cast::<T>());
        let places = if self.alike { 0 } else { usize::MAX };
        let mut flags = self.flags;
        while flags != 0 {
            let lane = self.word * 8 + flags.trailing_zeros() as usize / 8;
            flags &= flags - 1;
            // SAFETY: promised by the caller.
            unsafe { *to.add(home[lane] as usize) = *from.add(lane & places) };
        }
    }
}

/// # Safety
/// Both are whole blocks. They may be the same one.
unsafe fn copy(to: *mut u8, from: *mut u8, bytes: usize) {
    // SAFETY: promised by the caller.
    unsafe { std::ptr::copy(from, to, bytes) };
}
