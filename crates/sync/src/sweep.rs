//! The sweep of a dead participant: everything it held goes back, everybody is rung, then its entry is free.
//!
//! One sweeper per entry at a time (the CAS to SWEEPING): a second one, still running when the entry is used again, would
//! destroy the new owner's blocks. A sweeper that is killed anywhere is replaced by one that starts from the beginning:
//! each step may be repeated.
//!
//! Order, and why:
//! 1. segments it was making or ending are finished or freed: their queue cannot end, because the dead still holds it;
//! 2. objects it was making are freed, those it was ending are ended. Of those it held: slots TAKEN by it go back to READY
//!    (between two bumps of the queue's epoch, so that consumers look there), and its bits are cleared;
//! 3. objects that nobody holds or carries end;
//! 4. its blocks that no slot refers to are freed. The dead cannot act, and a living consumer becomes owner before it
//!    empties the slot, so such a block is reachable from nowhere. Messages that carry handles are taken off the lists;
//! 5. entries it had reserved, and sweeps it was running, are given up;
//! 6. all bells ring: it may have owed a wake-up;
//! 7. its entry becomes FREE.

use crate::arena::Arena;
use crate::barrier::Barrier;
use crate::condition::Condition;
use crate::crash::cp;
use crate::event::Event;
use crate::layout::*;
use crate::life::LifeState;
use crate::lock::Lock;
use crate::member::Member;
use crate::objects::{Kind, Object};
use crate::participants::{ENDING_AT, Entry, Reservation, State, entries};
use crate::prim::Ordering::SeqCst;
use crate::queue::Queue;
use crate::semaphore::Semaphore;
use std::sync::Arc;
use std::time::Duration;

/// How often `bury` looks, every 100 us, whether somebody else's sweep is over: together no longer than a slice (50 ms).
const SWEEP_ATTEMPTS: u32 = 400;

impl Member {
    /// Buries a participant if it is dead by kernel facts, its whole process with it. True when everything it held is back;
    /// false when it lives, or while somebody else still sweeps it.
    pub fn bury(&mut self, number: u32) -> bool {
        self.bury_as(number, false)
    }

    /// Buries a child of ours whose end we have seen, whether it had joined or not. True when everything it held is back;
    /// false while somebody else still sweeps it, or when its process lives.
    pub fn bury_child(&mut self, child: Reservation) -> bool {
        if self.arena.is_over(child) {
            return true;
        }
        // Only we could reserve the entry for another child of ours, and we are here.
        let is_its_own = self.arena.entry_of(child).is_some();
        self.bury_as(child.number(), is_its_own)
    }

    fn bury_as(&mut self, number: u32, child_gone: bool) -> bool {
        let arena = Arc::clone(&self.arena);
        if !Arena::is_entry(number) || number == self.me {
            return false;
        }
        let generation = arena.entry(number).generation;
        let reaped = child_gone && arena.entry(number).spawner == self.me;
        let siblings: Vec<u32> = match arena.mark_dead(self.me, number, child_gone, reaped) {
            State::Free => return true,
            State::Dead => arena.siblings(number).collect(),
            _ => return false,
        };
        self.sweep(number);
        for sibling in siblings {
            if arena.mark_dead(self.me, sibling, false, reaped) == State::Dead {
                self.sweep(sibling);
            }
        }
        // Entries given up by the sweeps above, or left DEAD by a sweeper that died.
        for other in entries() {
            if arena.entry(other).state == State::Dead {
                self.sweep(other);
            }
        }
        self.is_buried(number, generation)
    }

    /// Whether the sweep of that generation is over. Somebody else may have been faster and still be at it: then what the
    /// dead held is not yet back, so we give it a moment.
    fn is_buried(&mut self, number: u32, generation: u32) -> bool {
        let arena = Arc::clone(&self.arena);
        let mut attempts = 0;
        loop {
            let entry = arena.entry(number);
            let again = matches!(entry.state, State::Alive | State::Reserved);
            if entry.state == State::Free || (again && entry.generation != generation) {
                return true;
            }
            if cfg!(loom) || attempts == SWEEP_ATTEMPTS {
                return false;
            }
            attempts += 1;
            std::thread::sleep(Duration::from_micros(100));
            if arena.mark_dead(self.me, number, false, false) == State::Dead {
                self.sweep(number);
            }
        }
    }

    /// Buries everybody who is dead by kernel facts; how many. About a microsecond for each living process.
    pub fn reap(&mut self) -> u32 {
        let arena = Arc::clone(&self.arena);
        let buried = entries()
            .filter(|&number| {
                let state = arena.entry(number).state;
                matches!(state, State::Alive | State::Dead | State::Sweeping)
                    && arena.is_dead(number)
                    && self.bury(number)
            })
            .count() as u32;
        // Of those who have left, or whom somebody else has buried, we may have a pipe still.
        arena.forget_bells_of_the_gone();
        buried
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

    /// Steps 1 to 5.
    fn put_back(&mut self, dead: u32) {
        let arena = Arc::clone(&self.arena);
        arena.refresh();
        let mut segments = Vec::new();
        let mut objects = Vec::new();
        arena.for_each_object(|object| {
            let life = object.state(&arena);
            if object.class == SEGMENT_CLASS {
                if life.owner == dead {
                    segments.push(object);
                }
            } else if life.state != LifeState::Free || object.holders().has(&arena, dead) {
                objects.push(object);
            }
        });
        for object in segments {
            self.sweep_segment(object, dead);
        }
        for object in objects {
            self.sweep_object(object, dead);
        }
        self.settle_all();
        self.free_orphans(dead);
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

    fn sweep_object(&mut self, object: Object, dead: u32) {
        let arena = Arc::clone(&self.arena);
        let life = object.state(&arena);
        match life.state {
            LifeState::Building if life.owner == dead => self.abandon(object, life),
            LifeState::Dying if life.owner == dead => {
                let mine = life.dying(self.me);
                object.change(&arena, life, mine);
                cp!(SweepDying);
                self.end(object, mine);
            }
            LifeState::Live if object.holders().has(&arena, dead) => {
                // With the bit of the dead set, the object does not end under our hands.
                self.recover(object, dead);
            }
            _ => {}
        }
        object.holders().remove(&arena, dead);
        cp!(SweepHolder);
        // Also what somebody has let go and died before it could look.
        self.unsettled.push(object.block);
    }

    /// Puts right what the dead may have left in an object that it held.
    fn recover(&self, object: Object, dead: u32) {
        let (arena, me) = (&*self.arena, self.me);
        match object.kind(arena) {
            Some(Kind::Queue) => Queue::over(arena, object).redeliver(dead),
            Some(Kind::Lock) => Lock::over(arena, object).recover(me, dead),
            Some(Kind::Semaphore) => Semaphore::over(arena, object).recover(me, dead),
            Some(Kind::Event) => Event::over(arena, object).recover(dead),
            Some(Kind::Condition) => Condition::over(arena, object).recover(dead),
            Some(Kind::Barrier) => {
                let left = arena.participant(dead, ENDING_AT).load(SeqCst) != 0;
                Barrier::over(arena, object).recover(dead, left);
            }
            Some(Kind::Segment | Kind::Memory) | None => {}
        }
    }
}
