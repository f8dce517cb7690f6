//! What the sweep of a dead participant does with a queue: what was not delivered is put back, and waits for another.

use crate::crash::cp;
use crate::layout::*;
use crate::prim::Ordering::{Relaxed, SeqCst};
use crate::queue::Queue;
use crate::ring::Ring;
use crate::slot::{Slot, SlotState};

impl Queue<'_> {
    /// Whether some slot satisfies `test`.
    fn any_slot(&self, test: impl Fn(Slot) -> bool) -> bool {
        let holds = |ring: Ring<'_>| {
            (0..ring.capacity).any(|index| test(Slot::parse(ring.slot(index).load(SeqCst))))
        };
        if !self.is_unbounded() {
            return self.ring().is_ok_and(holds);
        }
        let mut any = false;
        let walked = self.for_each_segment(|segment| {
            any |= holds(segment.ring());
            !any
        });
        any && walked.is_ok()
    }

    /// Whether a block that `dead` was putting here was published before it died.
    pub(crate) fn is_published(&self, block: u32, dead: u32) -> bool {
        let still_its = || {
            let block = self.arena.block(block);
            block.is_ok_and(|block| self.arena.owner(block) == dead)
        };
        // A consumer becomes the owner before it empties the slot: what is in no slot and had no other owner afterwards
        // never was in one.
        !still_its() || self.any_slot(|slot| slot.is_full() && slot.block == block) || !still_its()
    }

    /// Whether `dead` had taken a block and not finished.
    pub(crate) fn is_taken(&self, block: u32, dead: u32) -> bool {
        self.any_slot(|slot| {
            slot.state == SlotState::Taken && slot.owner == dead && slot.block == block
        })
    }

    /// Puts back what `dead` had taken but not finished, and forgets that it waited.
    pub(crate) fn redeliver(&self, dead: u32) {
        if let Ok(Some(tasks)) = self.tasks() {
            // By what the slots say, so before they change.
            tasks.recover(self, dead);
        }
        self.epoch().fetch_add(1, SeqCst);
        cp!(SweepEpoch);
        if self.is_unbounded() {
            // A corrupt chain is left as it is.
            let _ = self.for_each_segment(|segment| {
                self.redeliver_ring(segment.ring(), dead);
                true
            });
        } else if let Ok(ring) = self.ring() {
            self.redeliver_ring(ring, dead);
        }
        self.consumers().remove(self.arena, dead);
        self.producers().remove(self.arena, dead);
        cp!(SweepBitmap);
        self.epoch().fetch_add(1, SeqCst);
    }

    fn redeliver_ring(&self, ring: Ring<'_>, dead: u32) {
        for index in 0..ring.capacity {
            let slot = ring.slot(index);
            let seen = slot.load(SeqCst);
            let content = Slot::parse(seen);
            if content.state != SlotState::Taken || content.owner != dead {
                continue;
            }
            if let Ok(block) = self.arena.block(content.block) {
                let flags = self.arena.header(block, FLAGS_WORD);
                let old = flags.load(Relaxed);
                if old & ATTEMPTS != ATTEMPTS {
                    flags.store(old + ATTEMPT, Relaxed);
                }
            }
            cp!(SweepSlot);
            let ready = Slot::ready(content.turn, content.block).word();
            let _ = slot.compare_exchange(seen, ready, SeqCst, Relaxed);
            cp!(SweepSlotBack);
        }
    }
}
