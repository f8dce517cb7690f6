//! The owner table of 64 KiB units, and extents: runs of units owned as one block.
//!
//! | unit word                      | meaning | next |
//! |--------------------------------|---------|------|
//! | 0                              | FREE    | HEAD or CONT by the CAS of a claimer |
//! | owner:11, units:20 << 11       | HEAD of an extent of `units` units | other owner; FREE; SLAB (if one unit) |
//! | 1 << 31, head:20               | CONT of the extent at `head` | FREE, by the owner of `head` or its sweep |
//! | 3 << 30, class                 | SLAB of small blocks | never changes again |
//!
//! A claimer takes the head first, then the units in order; freeing goes from the last unit to the head. So whenever a
//! CONT(h) exists, `h` is a HEAD of the same owner: a claimer or owner that dies at any step leaves a HEAD that names
//! everything it may have claimed.

use crate::arena::Arena;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::prim::{
    AtomicU32,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};

/// A unit that belongs to nobody.
pub(crate) const FREE: u32 = 0;
const CONT: u32 = 1 << 31;
const SLAB: u32 = 3 << 30;
const OWNER_BITS: u32 = 11;
const OWNER_MASK: u32 = (1 << OWNER_BITS) - 1;

/// What a unit word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Free,
    Head {
        owner: u32,
        units: u32,
    },
    Cont,
    Slab {
        class: usize,
    },
    /// No correct peer writes this.
    Unknown,
}

pub(crate) fn head_word(owner: u32, units: u32) -> u32 {
    units << OWNER_BITS | owner
}

pub(crate) fn cont_word(head: u32) -> u32 {
    CONT | head
}

pub(crate) fn slab_word(class: usize) -> u32 {
    SLAB | class as u32
}

pub(crate) fn parse(word: u32) -> Unit {
    if word == FREE {
        Unit::Free
    } else if word & SLAB == SLAB {
        let class = (word & !SLAB) as usize;
        if class < CLASS_BYTES.len() {
            Unit::Slab { class }
        } else {
            Unit::Unknown
        }
    } else if word & CONT != 0 {
        Unit::Cont
    } else {
        let (owner, units) = (word & OWNER_MASK, word >> OWNER_BITS);
        if units == 0 {
            Unit::Unknown
        } else {
            Unit::Head { owner, units }
        }
    }
}

impl Arena {
    /// The owner word of a unit.
    #[inline]
    pub(crate) fn unit(&self, unit: u32) -> &AtomicU32 {
        self.u32(UNITS_AT + unit as usize * 4)
    }

    /// Claims exactly the units `head .. head + units`. False when one of them is taken; nothing is kept then.
    pub(crate) fn claim_units(&self, me: u32, head: u32, units: u32) -> bool {
        cp!(ExtentHead);
        // Pairs with the Release stores of `free_units`: the former owner is done with the bytes.
        let claimed = self
            .unit(head)
            .compare_exchange(FREE, head_word(me, units), AcqRel, Relaxed);
        if claimed.is_err() {
            return false;
        }
        for unit in head + 1..head + units {
            cp!(ExtentUnit);
            let taken = self
                .unit(unit)
                .compare_exchange(FREE, cont_word(head), AcqRel, Relaxed);
            if taken.is_err() {
                cp!(ExtentRollback);
                self.free_units(head, unit - head);
                return false;
            }
        }
        cp!(ExtentClaimed);
        true
    }

    /// Frees the first `units` units of the extent at `head`, which the caller owns (or sweeps).
    pub(crate) fn free_units(&self, head: u32, units: u32) {
        for unit in (head + 1..head.saturating_add(units)).rev() {
            cp!(ExtentFreeUnit);
            // A sweep may find units its predecessor has freed already, even taken by others since: only CONT(head) is ours.
            let _ = self
                .unit(unit)
                .compare_exchange(cont_word(head), FREE, Release, Relaxed);
        }
        cp!(ExtentFreeHead);
        // Pairs with the CAS of `claim_units`.
        self.unit(head).store(FREE, Release);
        cp!(ExtentFreed);
    }

    /// First fit at or above `from`: claims `units` free units in a row. Returns the head.
    pub(crate) fn find_units(&self, me: u32, from: u32, units: u32) -> Option<u32> {
        let end = self.units();
        let mut head = from.max(FIRST_UNIT);
        'search: while units <= end && head <= end - units {
            let segment_end = (head / SEGMENT_UNITS + 1) * SEGMENT_UNITS;
            if units <= UNSPLIT_UNITS && head + units > segment_end {
                head = segment_end;
                continue;
            }
            for unit in (head..head + units).rev() {
                if self.unit(unit).load(Relaxed) != FREE {
                    head = unit + 1;
                    continue 'search;
                }
            }
            if self.claim_units(me, head, units) {
                return Some(head);
            }
        }
        None
    }

    /// Claims `units` units anywhere, growing the arena if need be. `from` is where free units were last seen.
    pub(crate) fn claim_anywhere(&self, me: u32, from: u32, units: u32) -> Result<u32, Error> {
        if units > MAX_UNITS - FIRST_UNIT {
            return Err(Error::TooLarge);
        }
        loop {
            if let Some(head) = self.find_units(me, from, units) {
                return Ok(head);
            }
            if let Some(head) = self.find_units(me, FIRST_UNIT, units) {
                return Ok(head);
            }
            let known = self.units();
            self.refresh();
            if self.units() == known {
                cp!(GrowBefore);
                self.grow(units)?;
                cp!(GrowAfter);
            }
        }
    }

    /// Turns a fresh unit into a slab of `class`. Returns the handle of its first block.
    pub(crate) fn make_slab(&self, me: u32, from: u32, class: usize) -> Result<u32, Error> {
        let unit = self.claim_anywhere(me, from, 1)?;
        let first = (unit as usize) << UNIT_SHIFT;
        if class < BLOCK_CLASSES {
            // What lay here before may look like an owner: all blocks must read as free before anybody can see them.
            for block in 0..UNIT_BYTES / CLASS_BYTES[class] {
                self.u32(first + (block * CLASS_BYTES[class]) as usize)
                    .store(0, Relaxed);
            }
        } else {
            // Every word of an object means something, also before it is first used: free, held by nobody.
            #[cfg(not(loom))]
            for word in (0..UNIT_BYTES as usize).step_by(8) {
                self.u64(first + word).store(0, Relaxed);
            }
        }
        cp!(SlabZeroed);
        // Pairs with the Acquire load in `Arena::block`.
        self.unit(unit).store(slab_word(class), Release);
        cp!(SlabMarked);
        Ok(unit * UNIT_HANDLES)
    }

    /// The parsed word of a unit.
    pub(crate) fn unit_kind(&self, unit: u32) -> Unit {
        parse(self.unit(unit).load(Acquire))
    }
}
