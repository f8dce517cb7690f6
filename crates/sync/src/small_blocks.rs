//! Blocks and objects of a class, as a participant finds them: by its hints, by a scan of the slabs, or in a new slab.

use crate::blocks::Block;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::life::{Life, LifeState};
use crate::member::Member;
use crate::prim::Ordering::{AcqRel, Relaxed};
use crate::units::Unit;

/// Hints kept per class; what does not fit is found again by scanning.
const SMALL_HINTS: usize = 1024;
/// Owner words a participant may look at per allocation, saved up while its hints suffice. Each new slab brings at least
/// four blocks, so a heap of n blocks is looked through once while it grows by at most a fraction of n.
const SCAN_CREDIT: u32 = 4;
const MAX_CREDIT: u32 = 1024;

#[derive(Debug, Default)]
pub(crate) struct SmallHints {
    free: Vec<u32>,
    /// Handle where the scan goes on.
    cursor: u32,
    credit: u32,
}

impl Member {
    #[inline]
    pub(crate) fn alloc_small(&mut self, class: usize) -> Result<Block, Error> {
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
}
