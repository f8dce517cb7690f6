//! The sweep of a dead participant: everything it held goes back, everybody is rung, then its entry is free.
//!
//! One sweeper per entry at a time (the CAS to SWEEPING): a second one, still running when the entry is used again, would
//! destroy the new owner's blocks. A sweeper that is killed anywhere is replaced by one that starts from the beginning:
//! each step may be repeated.
//!
//! Order, and why:
//! 1. slots TAKEN by the dead go back to READY (between two bumps of the queue's epoch, so that consumers look there);
//! 2. queues of the dead are destroyed;
//! 3. its blocks that no queue refers to are freed. The dead cannot act, and a living consumer becomes owner before it
//!    empties the slot, so such a block is reachable from nowhere;
//! 4. entries it had reserved, and sweeps it was running, are given up;
//! 5. all bells ring: it may have owed a wake-up;
//! 6. its entry becomes FREE.

use crate::arena::Arena;
use crate::crash::cp;
use crate::layout::*;
use crate::member::Member;
use crate::participants::{Entry, State, entries};
use crate::prim::Ordering::{Relaxed, SeqCst};
use crate::queue::Queue;
use crate::registry::QueueState;
use crate::slot::{Slot, SlotState};
use crate::units::Unit;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Member {
    /// Buries a participant if it is dead by kernel facts, or (`child_gone`) if it is an entry we reserved for a child that
    /// never joined; its whole process with it. True when the entry is free again.
    pub fn bury(&mut self, number: u32, child_gone: bool) -> bool {
        let arena = Arc::clone(&self.arena);
        if !Arena::is_entry(number) || number == self.me {
            return false;
        }
        let siblings: Vec<u32> = match arena.mark_dead(self.me, number, child_gone) {
            State::Free => return true,
            State::Dead => arena.siblings(number).collect(),
            _ => return false,
        };
        self.sweep(number);
        for sibling in siblings {
            if arena.mark_dead(self.me, sibling, false) == State::Dead {
                self.sweep(sibling);
            }
        }
        // Entries given up by the sweeps above, or left DEAD by a sweeper that died.
        for other in entries() {
            if arena.entry(other).state == State::Dead {
                self.sweep(other);
            }
        }
        arena.entry(number).state == State::Free
    }

    /// Leaves: whatever is still ours is freed, the entry with it. Only for the participant's own thread.
    pub fn leave(mut self) {
        let arena = Arc::clone(&self.arena);
        let entry = arena.entry(self.me);
        let leaving = entry.with(State::Sweeping, self.me);
        if entry.state != State::Alive || !arena.change_entry(self.me, entry, leaving) {
            return;
        }
        cp!(LeaveBegun);
        self.put_back(self.me);
        cp!(LeaveSwept);
        arena.forget_bell(self.me);
        // Before the entry is free: a thread of this process may get it next and hold the same lock.
        arena.lifeline().release(self.me);
        cp!(LeaveReleased);
        self.finish_sweep(self.me, leaving);
    }

    fn sweep(&mut self, dead: u32) {
        let arena = Arc::clone(&self.arena);
        let entry = arena.entry(dead);
        // A new generation: no delayed observer can mistake this sweep for an earlier one.
        let generation = entry.generation.wrapping_add(1);
        let mine = Entry {
            generation,
            ..entry.with(State::Sweeping, self.me)
        };
        if entry.state != State::Dead || !arena.change_entry(dead, entry, mine) {
            return;
        }
        cp!(SweepExclusive);
        self.put_back(dead);
        arena.forget_bell(dead);
        self.finish_sweep(dead, mine);
    }

    fn finish_sweep(&self, dead: u32, mine: Entry) {
        let arena = &*self.arena;
        arena.ring_all_after_death();
        cp!(SweepRung);
        let free = Entry {
            state: State::Free,
            by: 0,
            spawner: 0,
            generation: mine.generation.wrapping_add(1),
        };
        arena.change_entry(dead, mine, free);
        cp!(SweepFreed);
    }

    /// Steps 1 to 4.
    fn put_back(&mut self, dead: u32) {
        let arena = Arc::clone(&self.arena);
        for index in 1..QUEUE_ENTRIES {
            let entry = arena.registration(index);
            if entry.state == QueueState::Free {
                continue;
            }
            if let Ok(queue) = Queue::at(&arena, index, entry) {
                queue.redeliver(dead);
            }
            if entry.owner == dead && entry.state != QueueState::Closing {
                arena.change_registration(index, entry, entry.with(QueueState::Closing, dead));
                cp!(SweepQueues);
            }
            // Also what others left half closed, now that slots may have come back.
            self.close_queue(index);
        }
        let kept = arena.referenced(dead);
        arena.free_blocks_of(self.me, dead, &kept);
        for other in entries() {
            let entry = arena.entry(other);
            let given_up = match entry.state {
                State::Reserved => entry.spawner == dead,
                State::Sweeping => entry.by == dead && other != dead,
                _ => false,
            };
            if given_up {
                arena.change_entry(other, entry, entry.with(State::Dead, 0));
                cp!(SweepEntries);
            }
        }
    }
}

impl Queue<'_> {
    /// Puts back what `dead` had taken but not finished, and forgets that it waited.
    fn redeliver(&self, dead: u32) {
        let arena = self.arena();
        self.bump_epoch();
        cp!(SweepEpoch);
        for index in 0..self.room() {
            let slot = self.slot(index);
            let seen = slot.load(SeqCst);
            let content = Slot::parse(seen);
            if content.state == SlotState::Taken && content.owner == dead {
                if let Ok(block) = arena.block(content.block) {
                    let flags = arena.header(block, FLAGS_WORD);
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
        self.consumers().remove(arena, dead);
        self.producers().remove(arena, dead);
        cp!(SweepBitmap);
        self.bump_epoch();
    }
}

impl Arena {
    /// Blocks owned by `dead` that some queue refers to.
    fn referenced(&self, dead: u32) -> BTreeSet<u32> {
        let mut kept = BTreeSet::new();
        for index in 1..QUEUE_ENTRIES {
            let entry = self.registration(index);
            if entry.state == QueueState::Free {
                continue;
            }
            let Ok(queue) = Queue::at(self, index, entry) else {
                continue;
            };
            for slot in 0..queue.room() {
                self.add_chain(queue, slot, dead, &mut kept);
            }
        }
        kept
    }

    fn add_chain(&self, queue: Queue<'_>, index: u32, dead: u32, kept: &mut BTreeSet<u32>) {
        let slot = queue.slot(index);
        loop {
            let seen = slot.load(SeqCst);
            let content = Slot::parse(seen);
            let mut chain = Vec::new();
            let mut next = if content.is_full() { content.block } else { 0 };
            while next != 0
                && chain.len() < MAX_CHAIN as usize
                && let Ok(block) = self.block(next)
            {
                if self.owner(block) == dead {
                    chain.push(next);
                }
                next = self.header(block, NEXT_WORD).load(Relaxed);
            }
            // A living consumer may have freed the message under our eyes, and what we read is another one's chain.
            if slot.load(SeqCst) == seen {
                kept.extend(chain);
                return;
            }
        }
    }

    /// Frees every block of `dead` that is not in `kept`.
    fn free_blocks_of(&self, me: u32, dead: u32, kept: &BTreeSet<u32>) {
        self.refresh();
        self.for_each_block(|handle, owner, units| {
            if owner != dead || kept.contains(&handle) {
                return;
            }
            cp!(SweepBlock);
            let Ok(block) = self.block(handle) else {
                return;
            };
            // Each change of owner fails if somebody has taken the block over meanwhile.
            if units == 0 {
                self.change_owner(block, dead, 0);
            } else if self.change_owner(block, dead, me) {
                // Freeing an extent takes many steps: from here on it is the sweeper's, to be freed or swept with it.
                cp!(SweepExtentUnit);
                self.free_units(handle / UNIT_HANDLES, block.units());
            }
            cp!(SweepBlockFreed);
        });
    }

    /// Calls `visit(handle, owner, units)` for every owned block; `units` is 0 for small ones.
    fn for_each_block(&self, mut visit: impl FnMut(u32, u32, u32)) {
        for unit in FIRST_UNIT..self.units() {
            let first = unit * UNIT_HANDLES;
            match self.unit_kind(unit) {
                Unit::Head { owner, units } => visit(first, owner, units),
                Unit::Slab { class } => {
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

    /// Number of blocks that belong to `owner` (0: to any participant), and their bytes. Queues do not count.
    pub fn owned(&self, owner: u32) -> (u64, u64) {
        self.refresh();
        let (mut blocks, mut bytes) = (0, 0);
        self.for_each_block(|handle, by, _| {
            if by == owner || (owner == 0 && by != OWNER_QUEUE) {
                blocks += 1;
                bytes += self.block(handle).map_or(0, |block| block.size as u64);
            }
        });
        (blocks, bytes)
    }
}
