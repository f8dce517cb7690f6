//! The sweep of a dead participant: the lock is free again, and `Condition::recover`.

use super::Config;
use super::memory::{Memory, NOBODY, Process, Step};
use crate::bug::Bug;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sweep {
    /// Waits for somebody to sweep.
    Hunt,
    Unlock,
    /// It waits no more, so that nobody notifies it from now on.
    Waiting,
    /// Is it notified?
    Notified,
    /// `notify_one`: somebody else is, and rung,
    PassOn,
    Ring,
    /// then its notification goes.
    Take,
    RingAll,
    Release,
}

impl Sweep {
    pub(super) fn first(config: &Config) -> Self {
        if config.lock_last {
            Self::Waiting
        } else {
            Self::Unlock
        }
    }
}

pub(super) fn step(config: &Config, memory: &mut Memory, process: &mut Process, step: Sweep) {
    let victim = usize::from(process.victim);
    let early = config.has(Bug::SweepTakesFirst);
    let next = match step {
        Sweep::Hunt => Sweep::Hunt,
        Sweep::Unlock => {
            if usize::from(memory.lock) == victim {
                memory.lock = NOBODY;
            }
            if config.lock_last {
                Sweep::RingAll
            } else {
                Sweep::Waiting
            }
        }
        Sweep::Waiting => {
            if !config.has(Bug::DeadStillWaits) {
                memory.words[victim].waiting = 0;
            }
            Sweep::Notified
        }
        Sweep::Notified if memory.words[victim].notified == 0 => {
            if config.lock_last {
                Sweep::Unlock
            } else {
                Sweep::RingAll
            }
        }
        Sweep::Notified if early || config.has(Bug::SweepDropsNotifications) => Sweep::Take,
        Sweep::Notified => Sweep::PassOn,
        Sweep::PassOn => match memory.notify_one(config, process, victim, victim) {
            None => Sweep::PassOn,
            Some(true) => {
                process.passed = !early;
                Sweep::Ring
            }
            Some(false) if early => {
                memory.vanished += 1;
                Sweep::Notified
            }
            Some(false) => Sweep::Take,
        },
        Sweep::Ring => {
            memory.bells.ring(usize::from(process.target), false);
            process.target = NOBODY;
            if early { Sweep::Notified } else { Sweep::Take }
        }
        Sweep::Take => {
            memory.words[victim].notified -= 1;
            let kept = early || config.has(Bug::SweepDropsNotifications);
            memory.vanished += u8::from(!process.passed && !kept);
            process.passed = false;
            if early {
                Sweep::PassOn
            } else {
                Sweep::Notified
            }
        }
        Sweep::RingAll => {
            memory.bells.ring_all(memory.deaths.live, false);
            Sweep::Release
        }
        Sweep::Release => {
            memory.deaths.end_sweep(victim);
            *process = Process::at(Step::Sweep(Sweep::Hunt));
            return;
        }
    };
    process.step = Step::Sweep(next);
}
