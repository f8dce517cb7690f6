//! A participant as its own thread sees it: who it is, and hints where free memory is likely to be.
//!
//! The hints are plain private memory. They may be wrong (somebody else may have taken the block) and they may be lost
//! (with their process): the owner words stay the only truth.

use crate::arena::Arena;
use crate::blocks::Block;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::life::{Life, LifeState};
use crate::prim::Ordering::{AcqRel, Relaxed, Release};
use crate::units::{FREE, Unit};
use std::sync::Arc;

/// Hints kept per class; what does not fit is found again by scanning.
const SMALL_HINTS: usize = 1024;
/// Bytes of free extents a participant keeps warm while it uses large blocks, at most: touching pages anew takes several
/// times as long as copying into them. Pages beyond go back to the system.
const MOST_WARM_BYTES: u64 = 256 << 20;
/// And at most this share of the machine's memory.
const WARM_SHARE: u64 = 16;
/// Units kept warm after `trim`.
const IDLE_WARM_UNITS: u32 = (4 << 20) / UNIT_BYTES;
/// Owner words a participant may look at per allocation, saved up while its hints suffice. Each new slab brings at least
/// four blocks, so a heap of n blocks is looked through once while it grows by at most a fraction of n.
const SCAN_CREDIT: u32 = 4;
const MAX_CREDIT: u32 = 1024;

/// One participant: process or thread. Not shared between threads.
#[derive(Debug)]
pub struct Member {
    pub(crate) arena: Arc<Arena>,
    pub(crate) me: u32,
    small: [SmallHints; CLASS_BYTES.len()],
    extents: Vec<(u32, u32)>,
    /// Units of free extents that may stay warm now.
    warm_units: u32,
    first_free_unit: u32,
    pub(crate) spin: crate::waiting::SpinBudget,
    /// Blocks of objects that may have to end.
    pub(crate) unsettled: Vec<u32>,
}

#[derive(Debug, Default)]
struct SmallHints {
    free: Vec<u32>,
    /// Handle where the scan goes on.
    cursor: u32,
    credit: u32,
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
            spin: crate::waiting::SpinBudget::new(),
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

    #[inline]
    fn alloc_small(&mut self, class: usize) -> Result<Block, Error> {
        loop {
            let handle = self.find_free(class)?;
            if let Some(block) = self.claim_small(handle, class) {
                return Ok(block);
            }
        }
    }

    /// Memory of a class that is probably free.
    #[inline]
    pub(crate) fn find_free(&mut self, class: usize) -> Result<u32, Error> {
        match self.small[class].free.pop() {
            Some(handle) => Ok(handle),
            None => self.find_small(class),
        }
    }

    /// Remembers memory of a class that was freed.
    #[inline]
    pub(crate) fn note_free(&mut self, class: usize, handle: u32) {
        let hints = &mut self.small[class].free;
        if hints.len() < SMALL_HINTS {
            hints.push(handle);
        }
    }

    #[inline]
    fn claim_small(&self, handle: u32, class: usize) -> Option<Block> {
        let at = handle as usize * GRANULE as usize;
        let block = Block {
            handle,
            at,
            size: CLASS_BYTES[class] as usize,
            class: Some(class),
        };
        cp!(SmallClaim);
        // Pairs with the Release store in `release`: the former owner is done with the bytes.
        let word = self.arena.header(block, OWN_WORD);
        word.compare_exchange(0, self.me, AcqRel, Relaxed).ok()?;
        cp!(SmallClaimed);
        Some(block)
    }

    /// A candidate from a slab somebody made earlier, or a new slab.
    #[cold]
    fn find_small(&mut self, class: usize) -> Result<u32, Error> {
        let step = CLASS_BYTES[class] / GRANULE;
        let hints = &mut self.small[class];
        hints.credit = (hints.credit + SCAN_CREDIT).min(MAX_CREDIT);
        let end = self.arena.units() * UNIT_HANDLES;
        let mut fresh_start = false;
        while hints.credit > 0 {
            hints.credit -= 1;
            if hints.cursor >= end {
                if fresh_start {
                    break;
                }
                fresh_start = true;
                hints.cursor = 0;
            }
            let unit = hints.cursor / UNIT_HANDLES;
            if unit < FIRST_UNIT || self.arena.unit_kind(unit) != (Unit::Slab { class }) {
                // Unit words lie side by side: look at a line of them for one owner word's price.
                let from = unit.max(FIRST_UNIT);
                let next = (from..from + 16)
                    .find(|&unit| self.arena.unit_kind(unit) == Unit::Slab { class });
                hints.cursor = next.unwrap_or(from + 16) * UNIT_HANDLES;
                continue;
            }
            let handle = hints.cursor;
            hints.cursor += step;
            let at = handle as usize * GRANULE as usize;
            let free = if class < BLOCK_CLASSES {
                self.arena.u32(at).load(Relaxed) == 0
            } else {
                Life::parse(self.arena.u64(at).load(Relaxed)).state == LifeState::Free
            };
            if free {
                return Ok(handle);
            }
        }
        let first = self.arena.make_slab(self.me, self.first_free_unit, class)?;
        let hints = &mut self.small[class];
        hints.cursor = first;
        hints.credit += UNIT_HANDLES / step * SCAN_CREDIT;
        hints.free.extend(
            (1..UNIT_HANDLES / step)
                .rev()
                .map(|block| first + block * step),
        );
        Ok(first)
    }

    /// Until `trim` free extents stay warm. Also for who only takes large blocks: somebody else will fill them again.
    fn keep_warm(&mut self) {
        if self.warm_units == IDLE_WARM_UNITS {
            let bytes = (Arena::machine_bytes() / WARM_SHARE).min(MOST_WARM_BYTES);
            self.warm_units = IDLE_WARM_UNITS.max((bytes / u64::from(UNIT_BYTES)) as u32);
        }
    }

    fn alloc_extent(&mut self, size: usize) -> Result<Block, Error> {
        self.keep_warm();
        let units =
            u32::try_from(size.div_ceil(UNIT_BYTES as usize)).map_err(|_| Error::TooLarge)?;
        let mut head = None;
        while head.is_none()
            && let Some(index) = self.extents.iter().rposition(|&(_, len)| len == units)
        {
            let (unit, _) = self.extents.remove(index);
            head = self.arena.claim_units(self.me, unit, units).then_some(unit);
        }
        let head = match head {
            Some(head) => head,
            None => {
                let head = self
                    .arena
                    .claim_anywhere(self.me, self.first_free_unit, units)?;
                if units == 1 {
                    self.first_free_unit = head;
                }
                head
            }
        };
        let at = (head as usize) << UNIT_SHIFT;
        let size = (units as usize) << UNIT_SHIFT;
        Ok(Block {
            handle: head * UNIT_HANDLES,
            at,
            size,
            class: None,
        })
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

    fn release_extent(&mut self, block: Block) {
        let (head, units) = (block.handle / UNIT_HANDLES, block.units());
        let keep = self.keeps_warm(units);
        if !keep {
            // Still ours: nobody can be using these pages.
            self.arena.punch(block.at, block.size);
        }
        self.arena.free_units(head, units);
        self.first_free_unit = self.first_free_unit.min(head);
        if keep {
            self.extents.push((head, units));
        }
    }

    /// Whether `units` more free units may keep their pages.
    fn keeps_warm(&mut self, units: u32) -> bool {
        let most = self.warm_units;
        let fits = |hints: &[(u32, u32)]| {
            hints.iter().map(|&(_, units)| units).sum::<u32>() + units <= most
        };
        if fits(&self.extents) {
            return true;
        }
        // Forget what others have taken since.
        let arena = &self.arena;
        self.extents
            .retain(|&(unit, _)| arena.unit(unit).load(Relaxed) == FREE);
        fits(&self.extents)
    }

    /// Gives the pages of free extents back to the system, but for a little; for a participant that is done with large blocks.
    pub fn trim(&mut self) {
        self.warm_units = IDLE_WARM_UNITS;
        for (head, units) in std::mem::take(&mut self.extents) {
            // While it is claimed nobody else can use its pages.
            if self.arena.claim_units(self.me, head, units) {
                let at = (head as usize) << UNIT_SHIFT;
                let size = (units as usize) << UNIT_SHIFT;
                self.release_extent(Block {
                    handle: head * UNIT_HANDLES,
                    at,
                    size,
                    class: None,
                });
            }
        }
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
