//! A process: where it is in the protocol and what it keeps in registers.

use super::Config;
use super::memory::{Entry, EntryState, NOTHING, Slot};
use super::put::Put;
use super::ring::Ring;
use super::sleep::Sleep;
use super::sweep::Sweep;
use super::take::Take;

/// The next step of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Put(Put),
    Take(Take),
    Sleep(Sleep),
    Ring(Ring),
    Sweep(Sweep),
    /// It has left for good and does nothing any more.
    Gone,
}

/// Which sleepers are rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Side {
    Consumers,
    Producers,
}

/// Registers are set back when their value is not needed any more: equal futures, equal states.
#[derive(Clone, Copy, Hash)]
pub(super) struct Process {
    pub(super) step: Step,
    /// First block of the message being put or taken.
    pub(super) block: u8,
    /// The chain is walked up to here.
    pub(super) cursor: u8,
    /// A position read from head or tail.
    pub(super) ticket: u8,
    /// The slot word that was read.
    pub(super) word: Slot,
    /// Counts through slots, blocks or participants.
    pub(super) count: u8,
    /// Whom to ring, or whom to sweep.
    pub(super) target: u8,
    pub(super) side: Side,
    pub(super) epoch: u8,
    /// A message was seen behind head, but another took it.
    pub(super) found: bool,
    /// Messages still to put.
    pub(super) left: u8,
    pub(super) message: u8,
    /// Blocks a sweeper found reachable.
    pub(super) reached: u8,
    /// The entry word a sweeper read.
    pub(super) entry: Entry,
    /// It gave up waiting and leaves.
    pub(super) leaving: bool,
}

impl Process {
    pub(super) fn absent() -> Self {
        Self {
            step: Step::Gone,
            block: NOTHING,
            cursor: NOTHING,
            ticket: 0,
            word: Slot::empty(0),
            count: 0,
            target: NOTHING,
            side: Side::Consumers,
            epoch: 0,
            found: false,
            left: 0,
            message: NOTHING,
            reached: 0,
            entry: Entry {
                state: EntryState::Free,
                generation: 0,
            },
            leaving: false,
        }
    }

    pub(super) fn new(config: &Config, me: usize, left: u8) -> Self {
        let step = if config.is_producer(me) {
            Step::Put(Put::Next)
        } else if config.is_sweeper(me) {
            Step::Sweep(Sweep::Hunt)
        } else {
            Step::Take(Take::LoadEpoch)
        };
        Self {
            step,
            left,
            ..Self::absent()
        }
    }

    /// Forgets everything of the last operation.
    pub(super) fn restart(&mut self, step: Step) {
        *self = Self {
            step,
            left: self.left,
            ..Self::absent()
        };
    }

    pub(super) fn forget_slot(&mut self) {
        self.word = Slot::empty(0);
    }
}
