//! A process: where it is in the protocol and what it keeps in registers.

use super::Config;
use super::append::{self, Append};
use super::chain::{self, Context, Next};
use super::close::{self, Close};
use super::memory::{Content, Handle, Life, Memory, NOTHING, Position, Slot};
use super::put::{self, Put};
use super::retire::{self, Retire};
use super::sleep::{self, Sleep};
use super::sweep::{self, Sweep};
use super::take::{self, Take};
use super::walk::{self, Purpose, Walk};
use crate::mortal::Mortal;
use crate::violation::Violation;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Put(Put),
    Append(Append),
    Take(Take),
    Close(Close),
    Retire(Retire),
    /// What comes after a segment.
    Next(Next),
    /// From segment to segment.
    Walk(Walk),
    Sleep(Sleep),
    /// The flag, then everybody is woken.
    Shut,
    WakeAll,
    Sweep(Sweep),
    Over,
}

impl Step {
    pub(super) fn first(config: &Config, me: usize) -> Self {
        if config.is_producer(me) {
            Self::Put(Put::Flag)
        } else if config.is_consumer(me) {
            Self::Take(Take::Flag)
        } else if config.is_sweeper(me) {
            Self::Sweep(Sweep::Hunt)
        } else {
            Self::Shut
        }
    }
}

/// Registers are set back when their value is not needed any more: equal futures, equal states.
#[derive(Clone, Copy, Hash)]
pub(super) struct Process {
    pub(super) step: Step,
    /// The item being put, or taken.
    pub(super) item: u8,
    /// The segment it works with, and the one it has found or made.
    pub(super) segment: Handle,
    pub(super) other: Handle,
    /// The hint and the slot that were read.
    pub(super) hint: Position,
    pub(super) slot: Slot,
    /// Counts through slots or segments.
    pub(super) at: u8,
    pub(super) context: Context,
    pub(super) purpose: Purpose,
    pub(super) epoch: u8,
    /// A message was seen behind head, but another took it; or some message is taken.
    pub(super) found: bool,
    /// The queue was shut when this take began.
    pub(super) shut: bool,
    /// It has left a segment behind.
    pub(super) used_up: bool,
    /// Where the message is that it has taken.
    pub(super) taken: Handle,
    pub(super) taken_at: u8,
    pub(super) victim: u8,
}

impl Process {
    pub(super) const fn at(step: Step) -> Self {
        Self {
            step,
            item: NOTHING,
            segment: Handle::NONE,
            other: Handle::NONE,
            hint: Position::start(0),
            slot: Slot::empty(0),
            at: 0,
            context: Context::Put,
            purpose: Purpose::Behind,
            epoch: 0,
            found: false,
            shut: false,
            used_up: false,
            taken: Handle::NONE,
            taken_at: 0,
            victim: NOTHING,
        }
    }

    pub(super) fn can_move(&self, config: &Config, memory: &Memory, me: usize) -> bool {
        match self.step {
            Step::Over => false,
            Step::Sleep(Sleep::Doze) => memory.bells.wakes(me),
            // There is always more memory in the real thing.
            Step::Append(Append::Claim) => {
                let segments = &memory.segments[..config.segments];
                segments.iter().any(|segment| segment.life == Life::Free)
            }
            _ => true,
        }
    }

    /// Forgets what a ring said.
    pub(super) fn forget(&mut self) {
        self.hint = Position::start(0);
        self.slot = Slot::empty(0);
    }

    pub(super) fn taken_slot<'a>(&self, memory: &'a mut Memory) -> &'a mut Slot {
        &mut memory.at_mut(self.taken).slots[usize::from(self.taken_at)]
    }

    /// The CAS of `claim`: from what was read to TAKEN by me.
    pub(super) fn claim(&mut self, memory: &mut Memory, me: usize, index: u8) -> bool {
        let slot = &mut memory.at_mut(self.segment).slots[usize::from(index)];
        let Content::Ready(item) = self.slot.is else {
            return false;
        };
        if *slot != self.slot {
            return false;
        }
        slot.is = Content::Taken(me as u8, item);
        self.item = item;
        self.taken = self.segment;
        self.taken_at = index;
        true
    }
}

pub(super) fn advance(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
) -> Result<(), Violation> {
    match process.step {
        Step::Put(step) => return put::step(config, memory, process, me, step),
        Step::Append(step) => append::step(config, memory, process, me, step),
        Step::Take(step) => return take::step(config, memory, process, me, step),
        Step::Close(step) => close::step(memory, process, step),
        Step::Retire(step) => return retire::step(config, memory, process, me, step),
        Step::Next(step) => chain::step(config, memory, process, step),
        Step::Walk(step) => walk::step(config, memory, process, me, step),
        Step::Sleep(step) => sleep::step(config, memory, process, me, step),
        Step::Shut => {
            memory.shut = true;
            process.step = Step::WakeAll;
        }
        Step::WakeAll => {
            memory.wake_all();
            // A consumer that has found no producer any more takes on.
            *process = Process::at(if config.is_consumer(me) {
                Step::Take(Take::Flag)
            } else {
                Step::Over
            });
        }
        Step::Sweep(step) => return sweep::step(config, memory, process, step),
        Step::Over => unreachable!("who is over does not move"),
    }
    Ok(())
}
