//! Large blocks, as a participant finds them: extents that it has freed lately and keeps warm, or units that are free.

use crate::arena::Arena;
use crate::blocks::Block;
use crate::error::Error;
use crate::layout::*;
use crate::member::Member;
use crate::prim::Ordering::Relaxed;
use crate::units::FREE;

/// Bytes of free extents a participant keeps warm while it uses large blocks, at most: touching pages anew takes several
/// times as long as copying into them. Pages beyond go back to the system.
const MOST_WARM_BYTES: u64 = 256 << 20;
/// And at most this share of the machine's memory.
const WARM_SHARE: u64 = 16;
/// Units kept warm after `trim`.
pub(crate) const IDLE_WARM_UNITS: u32 = (4 << 20) / UNIT_BYTES;

impl Member {
    /// Until `trim` free extents stay warm. Also for who only takes large blocks: somebody else will fill them again.
    pub(crate) fn keep_warm(&mut self) {
        if self.warm_units == IDLE_WARM_UNITS {
            let bytes = (Arena::machine_bytes() / WARM_SHARE).min(MOST_WARM_BYTES);
            self.warm_units = IDLE_WARM_UNITS.max((bytes / u64::from(UNIT_BYTES)) as u32);
        }
    }

    pub(crate) fn alloc_extent(&mut self, size: usize) -> Result<Block, Error> {
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

    pub(crate) fn release_extent(&mut self, block: Block) {
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
}
