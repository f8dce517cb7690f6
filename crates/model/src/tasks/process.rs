//! A process: where it is in the protocol and what it keeps in registers.

use super::Config;
use super::count::{self, Tally};
use super::join::{self, Join};
use super::memory::{Memory, NOTHING, Slot, Zeros};
use super::put::{self, Put};
use super::sweep::{self, Sweep};
use super::take::{self, Take};
use super::tell::{self, Tell};
use crate::mortal::Mortal;
use crate::violation::Violation;

/// The next step of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Put(Put),
    Take(Take),
    Tell(Tell),
    Join(Join),
    Sweep(Sweep),
    /// It does nothing any more.
    Over,
}

impl Step {
    pub(super) fn first(config: &Config, me: usize) -> Self {
        if config.is_producer(me) {
            Self::Put(Put::Allocate)
        } else if config.is_consumer(me) {
            Self::Take(Take::Claim)
        } else if config.is_sweeper(me) {
            Self::Sweep(Sweep::Hunt)
        } else {
            Self::Join(Join::Begin)
        }
    }
}

/// Registers are set back when their value is not needed any more: equal futures, equal states.
#[derive(Clone, Copy, Hash)]
pub(super) struct Process {
    pub(super) step: Step,
    /// It is reading the accounts, one word after the other.
    pub(super) tally: Option<Tally>,
    /// Producer: items it put or gave up.
    pub(super) tried: u8,
    /// Consumer: the item it took, and the slot it is in.
    pub(super) item: u8,
    pub(super) slot: u8,
    /// Where it goes on when it has told.
    pub(super) resume: Resume,
    /// The word read before the accounts were.
    pub(super) zeros: Zeros,
    /// Joiners that are still to be rung.
    pub(super) wakes: u8,
    /// How often zero had been seen when its join began.
    pub(super) seen: u8,
    /// The entry it sweeps.
    pub(super) victim: u8,
    /// Counts through slots and participants.
    pub(super) cursor: u8,
    /// What the slots hold, one bit each.
    pub(super) reached: u8,
    /// Without the rule: it has given back what the dead was taking.
    pub(super) returned: bool,
    /// History: it is in a join.
    pub(super) joins: bool,
    /// History: no task was unfinished at some moment of its join.
    pub(super) saw_zero: bool,
}

/// What somebody was about who tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Resume {
    /// A put that found no room.
    Put,
    /// A task that is done.
    Take,
    Sweep,
}

impl Process {
    pub(super) const fn absent() -> Self {
        Self {
            step: Step::Over,
            tally: None,
            tried: 0,
            item: NOTHING,
            slot: 0,
            resume: Resume::Put,
            zeros: Zeros { joins: 0, zeros: 0 },
            wakes: 0,
            seen: 0,
            victim: NOTHING,
            cursor: 0,
            reached: 0,
            returned: false,
            joins: false,
            saw_zero: false,
        }
    }

    /// The cursor moves on; whether that was the last of `count`, and it begins anew.
    pub(super) fn turn(&mut self, count: usize) -> bool {
        self.cursor = (self.cursor + 1) % count as u8;
        self.cursor == 0
    }

    /// It neither is through nor waits for something.
    pub(super) fn can_move(&self, memory: &Memory, me: usize) -> bool {
        match self.step {
            Step::Over => false,
            Step::Take(Take::Claim) => memory.slots.iter().any(|it| matches!(it, Slot::Ready(_))),
            Step::Join(Join::Sleep) => memory.rung & 1 << me != 0,
            _ => true,
        }
    }
}

/// One step of a process that can move.
pub(super) fn advance(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
) -> Result<(), Violation> {
    if let Some(tally) = process.tally {
        return count::step(config, memory, process, me, tally);
    }
    match process.step {
        Step::Put(step) => put::step(config, memory, process, me, step),
        Step::Take(step) => take::step(memory, process, me, step),
        Step::Tell(step) => {
            tell::step(config, memory, process, step);
            Ok(())
        }
        Step::Join(step) => join::step(config, memory, process, me, step),
        Step::Sweep(step) => sweep::step(config, memory, process, me, step),
        Step::Over => Ok(()),
    }
}
