//! The shared words, the registers of a process, and the history that invariants are checked against.

use super::acquire::{self, Attempt};
use super::release::{self, Release};
use super::sweep::{self, Sweep};
use super::wait::{self, Wait};
use super::wake::{self, Resume, Wake};
use super::{Config, State};
use crate::bells::Bells;
use crate::deaths::{Deaths, MAX_PROCESSES};
use crate::mortal::Mortal;
use crate::violation::{Kind, Violation};

pub(super) const MAX_WORDS: usize = 3;
pub(super) const NOBODY: u8 = u8::MAX;

/// One 32-bit word in the real thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Word {
    pub(super) is: Is,
    pub(super) died: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Is {
    Absent,
    Free,
    Of(u8),
}

impl Word {
    pub(super) const ABSENT: Self = Self {
        is: Is::Absent,
        died: false,
    };
    pub(super) const FREE: Self = Self {
        is: Is::Free,
        died: false,
    };
}

/// What a process has acquired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Held {
    Nothing,
    Word(u8),
    Counted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Attempt(Attempt),
    Wait(Wait),
    Release(Release),
    Wake(Wake),
    Sweep(Sweep),
    Over,
}

impl Step {
    pub(super) fn first(config: &Config, me: usize) -> Self {
        if config.is_taker(me) {
            Self::Attempt(Attempt::Load)
        } else if config.is_sweeper(me) {
            Self::Sweep(Sweep::Hunt)
        } else {
            Self::Release(Release::Add)
        }
    }
}

/// Registers are set back when their value is not needed any more: equal futures, equal states.
#[derive(Clone, Copy, Hash)]
pub(super) struct Process {
    pub(super) step: Step,
    /// Counts through words.
    pub(super) at: u8,
    /// The word that was read.
    pub(super) seen: Word,
    pub(super) held: Held,
    /// Rounds to come, this one included.
    pub(super) left: u8,
    /// Its time is over: it tries once more at most.
    pub(super) leaving: bool,
    /// Its bit was set, or still is.
    pub(super) had_bit: bool,
    pub(super) target: u8,
    pub(super) resume: Resume,
    pub(super) victim: u8,
}

impl Process {
    pub(super) fn absent() -> Self {
        Self {
            step: Step::Over,
            at: 0,
            seen: Word::ABSENT,
            held: Held::Nothing,
            left: 0,
            leaving: false,
            had_bit: false,
            target: NOBODY,
            resume: Resume::Next,
            victim: NOBODY,
        }
    }

    pub(super) fn can_move(&self, memory: &Memory, me: usize) -> bool {
        match self.step {
            Step::Over => false,
            Step::Wait(Wait::Sleep) => memory.bells.wakes(me),
            _ => true,
        }
    }
}

/// Everything that is shared.
#[derive(Clone, Hash)]
pub(super) struct Memory {
    pub(super) words: [Word; MAX_WORDS],
    /// Words that have ever been a permit.
    pub(super) used: u8,
    pub(super) counted: u8,
    pub(super) waiters: u8,
    pub(super) bells: Bells,
    pub(super) deaths: Deaths,
    /// History: permits there are.
    pub(super) total: u8,
    /// History: whether the last owner of each word died with it.
    pub(super) lost_owner: [bool; MAX_WORDS],
}

impl Memory {
    pub(super) fn new(config: &Config) -> Self {
        let mut words = [Word::ABSENT; MAX_WORDS];
        words[..config.permits].fill(Word::FREE);
        Self {
            words,
            used: config.permits as u8,
            counted: config.counted,
            waiters: 0,
            bells: Bells::default(),
            deaths: Deaths::new(config.count(), config.kills),
            total: config.permits as u8 + config.counted,
            lost_owner: [false; MAX_WORDS],
        }
    }

    pub(super) fn free(&self) -> u8 {
        let words = self.words.iter().filter(|word| word.is == Is::Free);
        self.counted + words.count() as u8
    }

    /// SIGKILL. A counted permit dies with its owner.
    pub(super) fn kill(&mut self, me: usize, process: &Process) {
        self.bells.forget(me);
        match process.held {
            Held::Word(index) => self.lost_owner[usize::from(index)] = true,
            Held::Counted => self.total -= 1,
            Held::Nothing => {}
        }
    }

    pub(super) fn describe(&self, config: &Config) -> String {
        let words: Vec<String> = self.words[..config.room]
            .iter()
            .map(|word| {
                let died = if word.died { " died" } else { "" };
                match word.is {
                    Is::Absent => "-".into(),
                    Is::Free => format!("free{died}"),
                    Is::Of(owner) => format!("{owner}{died}"),
                }
            })
            .collect();
        let Self {
            counted,
            waiters,
            bells,
            ..
        } = self;
        let rung: String = (0..MAX_PROCESSES)
            .map(|me| if bells.wakes(me) { 'r' } else { '.' })
            .collect();
        format!("[{}] + {counted} wait {waiters:b} {rung}", words.join(", "))
    }
}

impl State {
    /// Nobody may have a permit that there is not.
    pub(super) fn check(&self) -> Result<(), Violation> {
        let held = |process: &&Process| process.held != Held::Nothing;
        let holders = self.processes.iter().filter(held).count();
        if holders > usize::from(self.memory.total) {
            let detail = format!("{holders} have one of {} permits", self.memory.total);
            return Err(Violation::new(Kind::Exclusion, detail));
        }
        Ok(())
    }
}

pub(super) fn advance(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
) -> Result<(), Violation> {
    match process.step {
        Step::Attempt(step) => return acquire::step(config, memory, process, me, step),
        Step::Wait(step) => wait::step(config, memory, process, me, step),
        Step::Release(step) => release::step(config, memory, process, me, step),
        Step::Wake(step) => wake::step(config, memory, process, me, step),
        Step::Sweep(step) => sweep::step(config, memory, process, step),
        Step::Over => unreachable!("who is over does not move"),
    }
    Ok(())
}
