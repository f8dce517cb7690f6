//! The shared words, the registers of a process, and the history that invariants are checked against.

use super::Config;
use super::notify::{self, Notify};
use super::sweep::{self, Sweep};
use super::wait::{self, Wait};
use crate::bells::Bells;
use crate::deaths::{Deaths, MAX_PROCESSES};
use crate::mortal::Mortal;
use crate::violation::Violation;

pub(super) const NOBODY: u8 = u8::MAX;

/// The word of a participant: how many of it wait, and how many of those are notified.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Tally {
    pub(super) waiting: u8,
    pub(super) notified: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Wait(Wait),
    Notify(Notify),
    Sweep(Sweep),
    Over,
}

impl Step {
    pub(super) fn first(config: &Config, me: usize) -> Self {
        if me < config.waiters {
            Self::Wait(Wait::Lock)
        } else if config.is_sweeper(me) {
            Self::Sweep(Sweep::Hunt)
        } else {
            Self::Notify(Notify::Lock)
        }
    }
}

/// Registers are set back when their value is not needed any more: equal futures, equal states.
#[derive(Clone, Copy, Hash)]
pub(super) struct Process {
    pub(super) step: Step,
    /// Words looked at.
    pub(super) at: u8,
    /// Notifications that were sent in this call.
    pub(super) sent: u8,
    /// Whom to ring.
    pub(super) target: u8,
    /// What it was notified of is passed on, and not yet taken.
    pub(super) passed: bool,
    /// It goes on because it was notified.
    pub(super) notified: bool,
    /// Its wait is over, one way or the other.
    pub(super) leaving: bool,
    pub(super) aborts: bool,
    pub(super) victim: u8,
}

impl Process {
    pub(super) const fn at(step: Step) -> Self {
        Self {
            step,
            at: 0,
            sent: 0,
            target: NOBODY,
            passed: false,
            notified: false,
            leaving: false,
            aborts: false,
            victim: NOBODY,
        }
    }

    pub(super) fn can_move(&self, memory: &Memory, me: usize) -> bool {
        match self.step {
            Step::Over => false,
            Step::Wait(Wait::Sleep) => memory.bells.wakes(me),
            Step::Wait(Wait::Lock | Wait::LockAgain) | Step::Notify(Notify::Lock) => {
                memory.lock == NOBODY
            }
            _ => true,
        }
    }
}

/// Everything that is shared.
#[derive(Clone, Hash)]
pub(super) struct Memory {
    pub(super) lock: u8,
    pub(super) words: [Tally; MAX_PROCESSES],
    /// What the lock guards.
    pub(super) tokens: u8,
    pub(super) bells: Bells,
    pub(super) deaths: Deaths,
    /// History: notifications sent, those that somebody went on with, those there was nobody
    /// for when they were passed on, and those that a death passed on twice.
    pub(super) sent: u8,
    pub(super) consumed: u8,
    pub(super) vanished: u8,
    pub(super) doubled: u8,
}

impl Memory {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            lock: NOBODY,
            words: [Tally::default(); MAX_PROCESSES],
            tokens: 0,
            bells: Bells::default(),
            deaths: Deaths::new(config.count(), config.kills),
            sent: 0,
            consumed: 0,
            vanished: 0,
            doubled: 0,
        }
    }

    pub(super) fn kill(&mut self, me: usize, process: &Process) {
        self.bells.forget(me);
        self.doubled += u8::from(process.passed);
    }

    /// `notify_one`: one word in each step, from the one behind `me` on. `Some`: the last step;
    /// whether somebody was notified, who is to be rung now.
    pub(super) fn notify_one(
        &mut self,
        config: &Config,
        process: &mut Process,
        me: usize,
        not: usize,
    ) -> Option<bool> {
        let count = config.count();
        let entry = (me + 1 + usize::from(process.at)) % count;
        let word = &mut self.words[entry];
        process.at += 1;
        if entry != not && word.waiting > 0 {
            word.waiting -= 1;
            word.notified += 1;
            process.at = 0;
            process.target = entry as u8;
            return Some(true);
        }
        if usize::from(process.at) == count {
            process.at = 0;
            return Some(false);
        }
        None
    }

    pub(super) fn describe(&self, config: &Config) -> String {
        let words: Vec<String> = self.words[..config.count()]
            .iter()
            .map(|word| format!("{}/{}", word.waiting, word.notified))
            .collect();
        let lock = match self.lock {
            NOBODY => "free".into(),
            owner => owner.to_string(),
        };
        let (tokens, words) = (self.tokens, words.join(" "));
        format!("lock {lock} tokens {tokens} waiting/notified {words}")
    }
}

pub(super) fn advance(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
) -> Result<(), Violation> {
    match process.step {
        Step::Wait(step) => wait::step(config, memory, process, me, step),
        Step::Notify(step) => return notify::step(config, memory, process, me, step),
        Step::Sweep(step) => sweep::step(config, memory, process, step),
        Step::Over => unreachable!("who is over does not move"),
    }
    Ok(())
}
