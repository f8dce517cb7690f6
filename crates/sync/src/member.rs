//! A participant as its own thread sees it: who it is, and hints where free memory is likely to be.
//!
//! The hints are plain private memory. They may be wrong (somebody else may have taken the block) and they may be lost
//! (with their process): the owner words stay the only truth.

use crate::arena::Arena;
use crate::blocks::Block;
use crate::crash::cp;
use crate::error::Error;
use crate::extents::IDLE_WARM_UNITS;
use crate::layout::*;
use crate::prim::Ordering::{Relaxed, Release};
use crate::small_blocks::SmallHints;
use crate::spin_budget::SpinBudget;
use std::sync::Arc;

/// One participant: process or thread. Not shared between threads.
#[derive(Debug)]
pub struct Member {
    pub(crate) arena: Arc<Arena>,
    pub(crate) me: u32,
    pub(crate) small: [SmallHints; CLASS_BYTES.len()],
    /// Free extents: their first units and how many units they have.
    pub(crate) extents: Vec<(u32, u32)>,
    /// Units of free extents that may stay warm now.
    pub(crate) warm_units: u32,
    pub(crate) first_free_unit: u32,
    pub(crate) spin: SpinBudget,
    /// Blocks of objects that may have to end.
    pub(crate) unsettled: Vec<u32>,
}

impl Member {
    pub(crate) fn new(arena: Arc<Arena>, me: u32) -> Self {
        Self {
            arena,
            me,
            small: Default::default(),
            extents: Vec::new(),
            warm_units: IDLE_WARM_UNITS,
            first_free_unit: FIRST_UNIT,
            spin: SpinBudget::new(),
            unsettled: Vec::new(),
        }
    }

    /// The entry number of this participant.
    pub fn entry(&self) -> u32 {
        self.me
    }

    /// The arena it takes part in.
    pub fn arena(&self) -> &Arc<Arena> {
        &self.arena
    }

    /// A block for `payload` bytes, owned by this participant. Its header is reset, its payload is not.
    #[inline]
    pub fn alloc(&mut self, payload: usize) -> Result<u32, Error> {
        Ok(self.alloc_block(payload)?.handle)
    }

    #[inline]
    pub(crate) fn alloc_block(&mut self, payload: usize) -> Result<Block, Error> {
        let size = payload
            .checked_add(HEADER_BYTES as usize)
            .ok_or(Error::TooLarge)?;
        let block = match CLASS_BYTES[..BLOCK_CLASSES]
            .iter()
            .position(|&bytes| size <= bytes as usize)
        {
            Some(class) => self.alloc_small(class)?,
            None => self.alloc_extent(size)?,
        };
        self.arena.reset_header(block);
        Ok(block)
    }

    /// Payload bytes the block can hold.
    pub fn capacity(&self, handle: u32) -> Result<usize, Error> {
        Ok(self.arena.block(handle)?.size - HEADER_BYTES as usize)
    }

    /// Frees a message: the block and everything on its `next` chain. All of it must be ours.
    #[inline]
    pub fn free(&mut self, handle: u32) -> Result<(), Error> {
        let freed = self.free_chain(handle);
        self.settle_all();
        freed
    }

    /// `free`, but objects that end with the message are left to the caller's `settle_all`.
    #[inline]
    pub(crate) fn free_chain(&mut self, handle: u32) -> Result<(), Error> {
        let mut next = handle;
        for _ in 0..MAX_CHAIN {
            let block = self.arena.block(next)?;
            next = self.arena.header(block, NEXT_WORD).load(Relaxed);
            self.release_block(block)?;
            if next == 0 {
                return Ok(());
            }
            cp!(ChainFree);
        }
        Err(Error::Corrupt)
    }

    /// Frees this block alone.
    pub fn release(&mut self, handle: u32) -> Result<(), Error> {
        let block = self.arena.block(handle)?;
        let released = self.release_block(block);
        self.settle_all();
        released
    }

    #[inline]
    pub(crate) fn release_block(&mut self, block: Block) -> Result<(), Error> {
        if self.arena.owner(block) != self.me {
            return Err(Error::NotOwner);
        }
        if self.arena.is_carrier(block) {
            self.unlist(block);
        }
        let Some(class) = block.class else {
            self.keep_warm();
            self.release_extent(block);
            return Ok(());
        };
        cp!(SmallFree);
        // Pairs with the CAS of the next `claim_small`.
        self.arena.header(block, OWN_WORD).store(0, Release);
        cp!(SmallFreed);
        self.note_free(class, block.handle);
        Ok(())
    }

    /// Takes over a block from `expected`, for instance one whose owner is known to be dead.
    pub fn adopt(&self, handle: u32, expected: u32) -> Result<bool, Error> {
        Ok(self
            .arena
            .change_owner(self.arena.block(handle)?, expected, self.me))
    }

    /// Who owns the block.
    pub fn owner(&self, handle: u32) -> Result<u32, Error> {
        Ok(self.arena.owner(self.arena.block(handle)?))
    }

    /// Address of `length` payload bytes from `offset` on, for copying. The block must be big enough.
    pub fn payload(&self, handle: u32, offset: usize, length: usize) -> Result<*mut u8, Error> {
        let block = self.arena.block(handle)?;
        let end = offset.checked_add(length).ok_or(Error::BadBlock)?;
        if end > block.size - HEADER_BYTES as usize {
            return Err(Error::BadBlock);
        }
        let start = block.at + HEADER_BYTES as usize + offset;
        self.arena.address(start, length).ok_or(Error::BadBlock)
    }
}
