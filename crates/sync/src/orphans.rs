//! The blocks of a dead participant that nobody can reach: step 4 of its sweep.
//!
//! What a slot refers to is a message, which its queue delivers or frees. A living consumer becomes owner before it empties
//! the slot, so every other block of the dead is reachable from nowhere.

use crate::arena::Arena;
use crate::crash::cp;
use crate::layout::*;
use crate::life::{Life, LifeState};
use crate::member::Member;
use crate::objects::{Kind, Object};
use crate::prim::{
    AtomicU64,
    Ordering::{Relaxed, SeqCst},
};
use crate::queue::Queue;
use crate::ring::Ring;
use crate::segments::Segment;
use crate::slot::Slot;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Member {
    /// Frees every block of `dead` that no slot refers to.
    pub(crate) fn free_orphans(&mut self, dead: u32) {
        let arena = Arc::clone(&self.arena);
        let kept = arena.referenced(dead);
        arena.refresh();
        arena.for_each_block(|handle, owner, units| {
            if owner != dead || kept.contains(&handle) {
                return;
            }
            cp!(SweepBlock);
            let Ok(block) = arena.block(handle) else {
                return;
            };
            if arena.is_carrier(block) && arena.owner(block) == dead {
                self.unlist(block);
            }
            // Each change of owner fails if somebody has taken the block over meanwhile.
            if units == 0 {
                arena.change_owner(block, dead, 0);
            } else if arena.change_owner(block, dead, self.me) {
                // Freeing an extent takes many steps: from here on it is the sweeper's, to be freed or swept with it.
                cp!(SweepExtentUnit);
                arena.free_units(handle / UNIT_HANDLES, block.units());
            }
            cp!(SweepBlockFreed);
        });
        self.settle_all();
    }
}

impl Arena {
    /// Blocks owned by `dead` that some slot refers to.
    fn referenced(&self, dead: u32) -> BTreeSet<u32> {
        let mut kept = BTreeSet::new();
        self.for_each_object(|object| {
            // Its memory may be freed and used again at any time: what was read counts only if it was not.
            loop {
                let before = object.state(self);
                let mut found = Vec::new();
                if self.may_have_messages(object, before)
                    && let Some(ring) = self.ring_of(object)
                {
                    for index in 0..ring.capacity {
                        self.add_chain(ring.slot(index), dead, &mut found);
                    }
                }
                let after = object.state(self);
                if after.state == before.state && after.generation == before.generation {
                    kept.extend(found);
                    return;
                }
            }
        });
        kept
    }

    /// A segment is used as soon as it is linked, which is before its maker brings it to life.
    fn may_have_messages(&self, object: Object, life: Life) -> bool {
        match life.state {
            LifeState::Live | LifeState::Dying => true,
            LifeState::Building => object.kind(self) == Some(Kind::Segment),
            LifeState::Free => false,
        }
    }

    /// The slots of an object, if it has any of its own.
    fn ring_of(&self, object: Object) -> Option<Ring<'_>> {
        match object.kind(self)? {
            Kind::Segment => {
                let handle = object.state(self).handle(object.block);
                Some(Segment::at(self, handle).ok()?.ring())
            }
            Kind::Queue => {
                let queue = Queue::over(self, object);
                if queue.is_unbounded() {
                    None
                } else {
                    queue.ring().ok()
                }
            }
            _ => None,
        }
    }

    fn add_chain(&self, slot: &AtomicU64, dead: u32, found: &mut Vec<u32>) {
        loop {
            let seen = slot.load(SeqCst);
            let content = Slot::parse(seen);
            let mut chain = Vec::new();
            let mut next = if content.is_full() { content.block } else { 0 };
            // Bounded by what is read, not by what is found: words that are being changed, or corrupt, may form a cycle.
            for _ in 0..MAX_CHAIN {
                let Ok(block) = self.block(next) else { break };
                if self.owner(block) == dead {
                    chain.push(next);
                }
                next = self.header(block, NEXT_WORD).load(Relaxed);
            }
            // A living consumer may have freed the message under our eyes, and what we read is another one's chain.
            if slot.load(SeqCst) == seen {
                found.extend(chain);
                return;
            }
        }
    }
}
