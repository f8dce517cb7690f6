//! The participant table: who takes part, and in which state. `joining.rs` has how one gets in, `deaths.rs` who is dead.
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
use crate::layout::*;
use crate::member::Member;
use crate::prim::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, SeqCst},
};
use manyhands_os::Process;

const STATE_AT: usize = 0;
pub(crate) const PID_AT: usize = 8;
/// Read end of the doorbell pipe as numbered in its process, plus 1; 0 = none.
pub(crate) const WAKE_FD_AT: usize = 12;
pub(crate) const STARTED_AT: usize = 16;
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

/// What a parent hands to its child: an entry, and which life in it is meant.
///
/// `number:10 | generation:22 << 10`, never 0. The number alone would name whoever has the entry by the time it is used: a
/// child that comes late would take the place of another, and a parent that hears late of its end would bury another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation(u32);

const NUMBER_BITS: u32 = 10;

impl Reservation {
    pub(crate) fn new(number: u32, entry: Entry) -> Self {
        Self(entry.generation << NUMBER_BITS | number)
    }

    /// What `bits` gave, wherever it came from: a wrong one names nobody, or a child that is not the caller's.
    pub fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// To be passed on to the child.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// The number of the entry.
    pub fn number(self) -> u32 {
        self.0 & ((1 << NUMBER_BITS) - 1)
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

    /// The process id of a participant.
    #[cfg(not(loom))]
    pub(crate) fn pid(&self, entry: u32) -> u32 {
        self.participant(entry, PID_AT).load(Acquire)
    }

    pub(crate) fn process_of(&self, entry: u32) -> Process {
        let started = self.u64(PARTICIPANTS_AT + entry as usize * PARTICIPANT_BYTES + STARTED_AT);
        Process {
            pid: self.participant(entry, PID_AT).load(Acquire),
            started: started.load(Acquire),
        }
    }

    /// The entry of a child, as long as it is that child's and its sweep has not begun.
    pub(crate) fn entry_of(&self, child: Reservation) -> Option<Entry> {
        let number = child.number();
        let entry = Self::is_entry(number).then(|| self.entry(number))?;
        (entry.state != State::Free && Reservation::new(number, entry) == child).then_some(entry)
    }

    /// Whether nothing is left of the child: its entry is free, or somebody else's.
    pub(crate) fn is_over(&self, child: Reservation) -> bool {
        let number = child.number();
        Self::is_entry(number)
            && match self.entry(number).state {
                State::Free => true,
                State::Reserved | State::Alive => self.entry_of(child).is_none(),
                State::Dead | State::Sweeping => false,
            }
    }

    /// Whether the child has not joined yet.
    pub fn is_reserved(&self, child: Reservation) -> bool {
        self.entry_of(child)
            .is_some_and(|entry| entry.state == State::Reserved)
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
}
