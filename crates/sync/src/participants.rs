//! The participant table: who takes part, in which state, and the kernel facts that decide who is dead.
//!
//! State word (u64): `state:3 | by:10 << 3 | spawner:10 << 13 | generation:32 << 32`
//!
//! | from | to | by whom |
//! |------|----|---------|
//! | FREE | RESERVED(spawner) | a parent, for a child it is going to spawn |
//! | FREE, RESERVED | ALIVE | the participant itself; its pid and start time are written before |
//! | RESERVED | DEAD | its spawner, who knows that the child is gone; or the sweep of the spawner |
//! | ALIVE | DEAD | anybody, when its lifeline is free and its process is gone |
//! | ALIVE | SWEEPING(itself) | the participant, leaving |
//! | DEAD | SWEEPING(by), generation + 1 | anybody: the CAS makes it the only sweeper |
//! | SWEEPING(by) | DEAD | anybody, when `by` is dead; or the sweep of `by` |
//! | SWEEPING(by) | FREE, generation + 1 | `by`, when nothing of the entry is left |

use crate::arena::Arena;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::member::Member;
use crate::prim::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
};
#[cfg(not(loom))]
use manyhands_os::Held;
use manyhands_os::Process;
use std::sync::Arc;
use std::time::Duration;

/// Tries, one a millisecond, to get the lifeline of an entry that was reserved for us.
const HOLD_ATTEMPTS: u32 = 1000;
/// Changes of an entry by others that `mark_dead` follows.
const MARK_ATTEMPTS: u32 = 64;

const STATE_AT: usize = 0;
const PID_AT: usize = 8;
/// Read end of the doorbell pipe as numbered in its process, plus 1; 0 = none.
pub(crate) const WAKE_FD_AT: usize = 12;
const STARTED_AT: usize = 16;
/// Futex word; counts rings.
pub(crate) const BELL_AT: usize = 64;
/// The event loop wants a byte in its pipe at the next ring.
pub(crate) const ARMED_AT: usize = 68;
/// The participant sleeps (or is about to) on its bell.
pub(crate) const SLEEPING_AT: usize = 72;

/// The participant has begun to end in good order: nobody has killed it.
pub(crate) const ENDING_AT: usize = 76;

/// The CPU it ran on when it last looked, plus 1; a hint.
pub(crate) const CPU_AT: usize = 80;

/// State of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Free,
    Reserved,
    Alive,
    Dead,
    Sweeping,
}

/// The state word, unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) state: State,
    /// The sweeper, while SWEEPING.
    pub(crate) by: u32,
    /// Who reserved the entry; 0 = it joined by itself.
    pub(crate) spawner: u32,
    pub(crate) generation: u32,
}

impl Entry {
    fn parse(word: u64) -> Self {
        let state = match word & 7 {
            0 => State::Free,
            1 => State::Reserved,
            2 => State::Alive,
            3 => State::Dead,
            _ => State::Sweeping,
        };
        Self {
            state,
            by: (word >> 3) as u32 & 1023,
            spawner: (word >> 13) as u32 & 1023,
            generation: (word >> 32) as u32,
        }
    }

    fn word(self) -> u64 {
        u64::from(self.generation) << 32
            | u64::from(self.spawner) << 13
            | u64::from(self.by) << 3
            | self.state as u64
    }

    pub(crate) fn with(self, state: State, by: u32) -> Self {
        Self { state, by, ..self }
    }
}

/// All entry numbers.
pub(crate) fn entries() -> std::ops::RangeInclusive<u32> {
    1..=MAX_PARTICIPANTS
}

impl Arena {
    fn state_word(&self, entry: u32) -> &AtomicU64 {
        self.u64(PARTICIPANTS_AT + entry as usize * PARTICIPANT_BYTES + STATE_AT)
    }

    pub(crate) fn entry(&self, entry: u32) -> Entry {
        Entry::parse(self.state_word(entry).load(SeqCst))
    }

    /// One legal step of the table above; false when somebody else was faster.
    pub(crate) fn change_entry(&self, entry: u32, from: Entry, to: Entry) -> bool {
        self.state_word(entry)
            .compare_exchange(from.word(), to.word(), SeqCst, Relaxed)
            .is_ok()
    }

    /// Whether `entry` is a number the table has.
    pub fn is_entry(entry: u32) -> bool {
        entries().contains(&entry)
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

    /// The process id of a participant.
    #[cfg(not(loom))]
    pub(crate) fn pid(&self, entry: u32) -> u32 {
        self.participant(entry, PID_AT).load(Acquire)
    }

    fn process_of(&self, entry: u32) -> Process {
        let started = self.u64(PARTICIPANTS_AT + entry as usize * PARTICIPANT_BYTES + STARTED_AT);
        Process {
            pid: self.participant(entry, PID_AT).load(Acquire),
            started: started.load(Acquire),
        }
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

    /// Whether the kernel says that the participant is dead: lifeline free and process gone. Entries that are nobody's
    /// (or dead already) count as dead; entries reserved for a child that has not joined do not.
    pub fn is_dead(&self, number: u32) -> bool {
        if !Self::is_entry(number) {
            return true;
        }
        let entry = self.entry(number);
        match entry.state {
            State::Free | State::Dead => true,
            State::Alive | State::Sweeping => self.process_is_dead(number, entry, false),
            State::Reserved => false,
        }
    }

    /// Whether the entry still waits for the child that it was reserved for.
    pub fn is_reserved(&self, number: u32) -> bool {
        Self::is_entry(number) && self.entry(number).state == State::Reserved
    }

    #[cfg(loom)]
    fn process_is_dead(&self, number: u32, entry: Entry, _reaped: bool) -> bool {
        self.memory.is_dead(number) && self.entry(number) == entry
    }

    #[cfg(not(loom))]
    fn process_is_dead(&self, number: u32, entry: Entry, reaped: bool) -> bool {
        let process = self.process_of(number);
        // Of our own process, only the participant itself ends an entry (it leaves when its thread does).
        if process == self.process() {
            return false;
        }
        // A program that the process was just starting holds its lifeline until exec; whoever has waited for the process
        // need not wait for that.
        if !reaped && self.lifeline().probe(number) == Held::Yes {
            return false;
        }
        // Still the same participant? Otherwise pid and state belong to different ones.
        process.is_gone() && self.entry(number) == entry
    }

    /// Marks a participant DEAD if it is; a RESERVED one if `child_gone` (its spawner knows). `reaped`: it belongs to a
    /// process whose parent has seen its end. Returns its state then.
    pub(crate) fn mark_dead(&self, me: u32, number: u32, child_gone: bool, reaped: bool) -> State {
        // Each failed round is a step of somebody else; words that no correct peer writes would fail for ever.
        for _ in 0..MARK_ATTEMPTS {
            let entry = self.entry(number);
            let dead = match entry.state {
                State::Free | State::Dead => return entry.state,
                State::Reserved => child_gone && entry.spawner == me,
                State::Alive => self.process_is_dead(number, entry, reaped),
                // Its sweeper died: `by` is a participant or, when it died while leaving, `number` itself.
                State::Sweeping => entry.by != me && self.sweeper_is_dead(entry.by),
            };
            if !dead {
                return entry.state;
            }
            if self.change_entry(number, entry, entry.with(State::Dead, 0)) {
                cp!(SweepMarked);
                return State::Dead;
            }
        }
        self.entry(number).state
    }

    fn sweeper_is_dead(&self, by: u32) -> bool {
        let entry = self.entry(by);
        match entry.state {
            State::Alive | State::Sweeping => self.process_is_dead(by, entry, false),
            // Its own sweep gives its sweeps back first, so nobody sweeps under an entry that is not alive.
            _ => true,
        }
    }

    /// Number of entries in use.
    pub fn participants(&self) -> u32 {
        entries()
            .filter(|&number| self.entry(number).state != State::Free)
            .count() as u32
    }

    /// Entries of the same process as `number`.
    pub(crate) fn siblings(&self, number: u32) -> impl Iterator<Item = u32> {
        let process = self.process_of(number);
        entries().filter(move |&other| {
            other != number
                && self.entry(other).state == State::Alive
                && self.process_of(other) == process
        })
    }
}

impl Member {
    /// We end in good order from here on: what is found of us later was not left by a killed one.
    pub fn end_in_good_order(&self) {
        self.arena.participant(self.me, ENDING_AT).store(1, SeqCst);
    }

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
