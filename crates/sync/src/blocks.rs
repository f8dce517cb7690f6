//! Blocks by handle: where a handle points, who owns it, and chains of blocks that form one message.
//!
//! The owner word is the only truth about a block. It changes by
//! `0 -> me` (alloc), `me -> 0` (free), `producer -> consumer` (take), `dead -> 0` (sweep), `expected -> me` (adopt).

use crate::arena::Arena;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::prim::{
    AtomicU32,
    Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst},
};
use crate::units::{self, Unit};

/// A handle that was checked: its bytes exist and it names the beginning of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The handle.
    pub(crate) handle: u32,
    /// Byte offset of the header.
    pub(crate) at: usize,
    /// Bytes, header included.
    pub(crate) size: usize,
    /// Index in `CLASS_BYTES`, or `None` for an extent.
    pub(crate) class: Option<usize>,
}

impl Block {
    /// Units of an extent.
    pub(crate) fn units(self) -> u32 {
        (self.size >> UNIT_SHIFT) as u32
    }

    fn unit(self) -> u32 {
        self.handle / UNIT_HANDLES
    }
}

impl Arena {
    /// Checks a handle that came from anywhere.
    #[inline]
    pub(crate) fn block(&self, handle: u32) -> Result<Block, Error> {
        let unit = handle / UNIT_HANDLES;
        let at = handle as usize * GRANULE as usize;
        if !(FIRST_UNIT..MAX_UNITS).contains(&unit) || !self.covers(at, GRANULE as usize) {
            return Err(Error::BadBlock);
        }
        let inside = at & (UNIT_BYTES as usize - 1);
        match self.unit_kind(unit) {
            Unit::Slab { class }
                if class < BLOCK_CLASSES && inside & (CLASS_BYTES[class] as usize - 1) == 0 =>
            {
                Ok(Block {
                    handle,
                    at,
                    size: CLASS_BYTES[class] as usize,
                    class: Some(class),
                })
            }
            Unit::Head { units, .. } if inside == 0 => {
                let size = (units as usize) << UNIT_SHIFT;
                if self.covers(at, size) {
                    Ok(Block {
                        handle,
                        at,
                        size,
                        class: None,
                    })
                } else {
                    Err(Error::BadBlock)
                }
            }
            _ => Err(Error::BadBlock),
        }
    }

    /// A word of a block's header.
    #[inline]
    pub(crate) fn header(&self, block: Block, word: usize) -> &AtomicU32 {
        self.u32(block.at + word * 4)
    }

    /// Who owns the block now.
    #[inline]
    pub(crate) fn owner(&self, block: Block) -> u32 {
        if block.class.is_some() {
            return self.header(block, OWN_WORD).load(Acquire);
        }
        match self.unit_kind(block.unit()) {
            Unit::Head { owner, .. } => owner,
            _ => 0,
        }
    }

    /// Changes the owner if it still is `from`.
    pub(crate) fn change_owner(&self, block: Block, from: u32, to: u32) -> bool {
        let word = if block.class.is_some() {
            return self
                .header(block, OWN_WORD)
                .compare_exchange(from, to, AcqRel, Relaxed)
                .is_ok();
        } else {
            self.unit(block.unit())
        };
        let units = block.units();
        word.compare_exchange(
            units::head_word(from, units),
            units::head_word(to, units),
            AcqRel,
            Relaxed,
        )
        .is_ok()
    }

    /// Makes `me` the owner, whoever was: only for the holder of the TAKEN slot that refers to the block. The CAS that
    /// empties the slot publishes this store, so that a sweep which finds the slot empty finds the new owner too.
    #[inline]
    fn take_over(&self, block: Block, me: u32) {
        if block.class.is_some() {
            self.header(block, OWN_WORD).store(me, Release);
        } else {
            self.unit(block.unit())
                .store(units::head_word(me, block.units()), Release);
        }
    }

    /// Makes `me` the owner of a whole message, unless it is leased.
    #[inline]
    pub(crate) fn adopt_chain(&self, first: u32, me: u32) -> Result<(), Error> {
        let mut block = self.block(first)?;
        if self.header(block, FLAGS_WORD).load(Relaxed) & FLAG_LEASED != 0 {
            return Ok(());
        }
        for _ in 0..MAX_CHAIN {
            self.take_over(block, me);
            cp!(AdoptBlock);
            match self.header(block, NEXT_WORD).load(Relaxed) {
                0 => return Ok(()),
                next => block = self.block(next)?,
            }
        }
        Err(Error::Corrupt)
    }

    /// Prepares the header of a block just claimed.
    #[inline]
    pub(crate) fn reset_header(&self, block: Block) {
        self.header(block, SIZE_WORD)
            .store((block.size / GRANULE as usize) as u32, Relaxed);
        for word in LENGTH_WORD..=TAG_WORD {
            self.header(block, word).store(0, Relaxed);
        }
    }
}

impl Arena {
    /// Calls `visit(handle, owner, units)` for every owned block; `units` is 0 for small ones.
    pub(crate) fn for_each_block(&self, mut visit: impl FnMut(u32, u32, u32)) {
        for unit in FIRST_UNIT..self.units() {
            let first = unit * UNIT_HANDLES;
            match self.unit_kind(unit) {
                Unit::Head { owner, units } => visit(first, owner, units),
                Unit::Slab { class } if class < BLOCK_CLASSES => {
                    for handle in (first..first + UNIT_HANDLES)
                        .step_by((CLASS_BYTES[class] / GRANULE) as usize)
                    {
                        let owner = self.u32(handle as usize * GRANULE as usize).load(SeqCst);
                        if owner != 0 {
                            visit(handle, owner, 0);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Number of blocks that belong to `owner` (0: to any participant), and their bytes. Shared objects and what belongs to them do not count.
    pub fn owned(&self, owner: u32) -> (u64, u64) {
        self.refresh();
        let (mut blocks, mut bytes) = (0, 0);
        self.for_each_block(|handle, by, _| {
            if by == owner || (owner == 0 && by != OWNER_SHARED) {
                blocks += 1;
                bytes += self.block(handle).map_or(0, |block| block.size as u64);
            }
        });
        (blocks, bytes)
    }
}
