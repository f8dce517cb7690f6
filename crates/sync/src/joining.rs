//! How somebody becomes a participant: by itself in any free entry, or in one that its parent has reserved for it.

use crate::arena::Arena;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::member::Member;
use crate::participants::{
    ARMED_AT, BELL_AT, CPU_AT, ENDING_AT, Entry, PID_AT, SLEEPING_AT, STARTED_AT, State, WAKE_FD_AT,
};
use crate::prim::Ordering::{Relaxed, Release};
use std::sync::Arc;
use std::time::Duration;

/// Tries, one a millisecond, to get the lifeline of an entry that was reserved for us.
const HOLD_ATTEMPTS: u32 = 1000;

impl Arena {
    /// Becomes a participant: as `entry`, reserved by a parent, or (0) as any free one.
    pub fn join(self: &Arc<Self>, entry: u32) -> Result<Member, Error> {
        let me = if entry == 0 {
            self.join_any()?
        } else {
            self.join_reserved(entry)?
        };
        cp!(Joined);
        Ok(Member::new(Arc::clone(self), me))
    }

    fn join_any(&self) -> Result<u32, Error> {
        let _alone = self.joining();
        self.find_free(|number, entry| {
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
        })
    }

    fn join_reserved(&self, number: u32) -> Result<u32, Error> {
        if !Self::is_entry(number) {
            return Err(Error::BadEntry);
        }
        let entry = self.entry(number);
        if entry.state != State::Reserved {
            return Err(Error::NotReserved);
        }
        let _alone = self.joining();
        if !self.hold_reserved(number) {
            return Err(Error::LifelineTaken);
        }
        cp!(JoinHeld);
        self.write_process(number);
        cp!(JoinWritten);
        if self.change_entry(number, entry, entry.with(State::Alive, 0)) {
            Ok(number)
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
    fn find_free(&self, mut take: impl FnMut(u32, Entry) -> bool) -> Result<u32, Error> {
        let start = self.u32(CURSOR_AT).fetch_add(1, Relaxed);
        for step in 0..MAX_PARTICIPANTS {
            let number = start.wrapping_add(step) % MAX_PARTICIPANTS + 1;
            let entry = self.entry(number);
            if entry.state == State::Free && take(number, entry) {
                return Ok(number);
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
    pub fn reserve(&self) -> Result<u32, Error> {
        let spawner = self.me;
        let lifeline = self.arena.lifeline();
        let _alone = self.arena.joining();
        let number = self.arena.find_free(|number, entry| {
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
        Ok(number)
    }
}
