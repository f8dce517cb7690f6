//! How somebody becomes a participant: by itself in any free entry, or in one that its parent has reserved for it.

use crate::arena::Arena;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::member::Member;
use crate::participants::{
    ARMED_AT, BELL_AT, CPU_AT, ENDING_AT, Entry, PID_AT, Reservation, SLEEPING_AT, STARTED_AT,
    State, WAKE_FD_AT,
};
use crate::prim::Ordering::{Relaxed, Release};
use std::sync::Arc;
use std::time::Duration;

/// Tries, one a millisecond, to get the lifeline of an entry that was reserved for us.
const HOLD_ATTEMPTS: u32 = 1000;

impl Arena {
    /// Becomes a participant in any free entry.
    pub fn join(self: &Arc<Self>) -> Result<Member, Error> {
        let me = self.take_any()?;
        cp!(Joined);
        Ok(Member::new(Arc::clone(self), me))
    }

    /// Becomes the participant for whom a parent has made this reservation.
    pub fn join_reserved(self: &Arc<Self>, child: Reservation) -> Result<Member, Error> {
        self.take_reserved(child)?;
        cp!(Joined);
        Ok(Member::new(Arc::clone(self), child.number()))
    }

    fn take_any(&self) -> Result<u32, Error> {
        let _alone = self.joining();
        let (number, _) = self.find_free(|number, entry| {
            let alive = entry.with(State::Alive, 0);
            if self.lifeline().available() {
                // The lifeline comes first: with the lock of this process it keeps everybody else off a FREE entry while pid
                // and start time are written, so a death between any two steps leaves the entry FREE.
                if !self.lifeline().hold(number) {
                    return false;
                }
                // Whoever reserves an entry holds its lock meanwhile: what was read before may be out of date.
                if self.entry(number) != entry {
                    self.lifeline().release(number);
                    return false;
                }
                cp!(JoinHeld);
                self.write_process(number);
                cp!(JoinWritten);
                let joined = self.change_entry(number, entry, alive);
                if !joined {
                    self.lifeline().release(number);
                }
                return joined;
            }
            // Without lifelines the entry itself has to keep others off; dying right here would lose it.
            let writing = entry.with(State::Reserved, 0);
            self.change_entry(number, entry, writing) && {
                self.write_process(number);
                self.change_entry(number, writing, alive)
            }
        })?;
        Ok(number)
    }

    fn take_reserved(&self, child: Reservation) -> Result<(), Error> {
        let number = child.number();
        if !Self::is_entry(number) {
            return Err(Error::BadEntry);
        }
        let entry = self
            .entry_of(child)
            .filter(|entry| entry.state == State::Reserved)
            .ok_or(Error::NotReserved)?;
        let _alone = self.joining();
        if !self.hold_reserved(number) {
            return Err(Error::LifelineTaken);
        }
        cp!(JoinHeld);
        self.write_process(number);
        cp!(JoinWritten);
        if self.change_entry(number, entry, entry.with(State::Alive, 0)) {
            Ok(())
        } else {
            // The spawner gave us up at this very moment.
            self.lifeline().release(number);
            Err(Error::NotReserved)
        }
    }

    /// Takes the lifeline of an entry reserved for us. Somebody who saw the entry FREE a moment ago may hold it for the few
    /// instructions it takes to see that it is not any more.
    fn hold_reserved(&self, number: u32) -> bool {
        if !self.lifeline().available() {
            return true;
        }
        for _ in 0..HOLD_ATTEMPTS {
            if self.lifeline().hold(number) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        false
    }

    /// Looks for a FREE entry, each as late as possible after its last use, and applies `take` until it succeeds.
    fn find_free(&self, mut take: impl FnMut(u32, Entry) -> bool) -> Result<(u32, Entry), Error> {
        let cursor = self.u32(CURSOR_AT);
        let start = cursor.fetch_add(1, Relaxed);
        for step in 0..MAX_PARTICIPANTS {
            let number = start.wrapping_add(step) % MAX_PARTICIPANTS + 1;
            let entry = self.entry(number);
            if entry.state == State::Free && take(number, entry) {
                // Else the next one to look would come to this entry again, however short its use.
                if step > 0 {
                    cursor.fetch_add(step, Relaxed);
                }
                return Ok((number, entry));
            }
        }
        Err(Error::TableFull)
    }

    fn write_process(&self, entry: u32) {
        let started = self.u64(PARTICIPANTS_AT + entry as usize * PARTICIPANT_BYTES + STARTED_AT);
        started.store(self.process().started, Release);
        self.participant(entry, PID_AT)
            .store(self.process().pid, Release);
        for word in [
            BELL_AT,
            ARMED_AT,
            SLEEPING_AT,
            ENDING_AT,
            CPU_AT,
            WAKE_FD_AT,
        ] {
            self.participant(entry, word).store(0, Release);
        }
    }
}

impl Member {
    /// Reserves an entry for a child (process or thread) that this participant is going to spawn.
    pub fn reserve(&self) -> Result<Reservation, Error> {
        let spawner = self.me;
        let lifeline = self.arena.lifeline();
        let _alone = self.arena.joining();
        let (number, entry) = self.arena.find_free(|number, entry| {
            // Somebody else may be about to join as it: it writes pid and start time while the entry is still FREE, and
            // must not do so any more once the entry is our child's.
            if lifeline.available() && !lifeline.hold(number) {
                return false;
            }
            let reserved = Entry {
                state: State::Reserved,
                by: 0,
                spawner,
                ..entry
            };
            let taken = self.arena.change_entry(number, entry, reserved);
            lifeline.release(number);
            taken
        })?;
        cp!(Reserved);
        Ok(Reservation::new(number, entry))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    /// A child that has come and gone, and the child that is to come in its entry, the next time round the table.
    fn two_children_of_one_entry(
        arena: &Arc<Arena>,
        me: &mut Member,
    ) -> (Reservation, Reservation) {
        let first = me.reserve().unwrap();
        arena.join_reserved(first).unwrap().leave();
        loop {
            let next = me.reserve().unwrap();
            if next.number() == first.number() {
                return (first, next);
            }
            assert!(me.bury_child(next), "it never came");
        }
    }

    /// The end of a thread is heard long after it has left: by then its entry may be for another.
    #[test]
    fn whoever_hears_late_of_an_end_does_not_bury_another() {
        let arena = Arc::new(Arena::create().unwrap());
        let mut me = arena.join().unwrap();
        let (first, next) = two_children_of_one_entry(&arena, &mut me);
        assert!(me.bury_child(first), "nothing of it is left");
        assert!(arena.has_ended(first) && !arena.is_reserved(first));
        assert!(!arena.has_ended(next) && arena.is_reserved(next));
        let child = arena.join_reserved(next).unwrap();
        assert!(me.bury_child(first));
        assert!(arena.has_ended(first) && !arena.has_ended(next));
        assert!(!me.bury_child(next), "it lives");
        child.leave();
        assert!(me.bury_child(next) && arena.has_ended(next));
    }

    #[test]
    fn whoever_comes_late_does_not_take_the_place_of_another() {
        let arena = Arc::new(Arena::create().unwrap());
        let mut me = arena.join().unwrap();
        let (first, next) = two_children_of_one_entry(&arena, &mut me);
        assert_eq!(
            arena.join_reserved(first).map(drop),
            Err(Error::NotReserved)
        );
        arena.join_reserved(next).unwrap().leave();
    }

    /// Also behind entries that are in use for long.
    #[test]
    fn an_entry_is_used_again_as_late_as_possible() {
        let arena = Arc::new(Arena::create().unwrap());
        let mut me = arena.join().unwrap();
        let long_lived = arena.join().unwrap();
        let mut last_use = vec![None; MAX_PARTICIPANTS as usize + 1];
        for turn in 0..3 * MAX_PARTICIPANTS {
            let child = me.reserve().unwrap();
            let before = last_use[child.number() as usize].replace(turn);
            assert!(before.is_none_or(|before| turn - before >= MAX_PARTICIPANTS - 2));
            assert!(me.bury_child(child));
        }
        long_lived.leave();
    }
}
