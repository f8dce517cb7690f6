//! The sweep of a dead participant: `Lock::recover`, `Semaphore::recover`, then all bells ring.

use super::Config;
use super::memory::{Is, Memory, NOBODY, Process, Step, Word};
use super::wait;
use super::wake::{self, Resume};
use crate::bug::Bug;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sweep {
    /// Waits for somebody to sweep.
    Hunt,
    /// It does not wait any more.
    ClearBit,
    /// What it had is free, one word after the other; somebody is woken for each permit.
    Word,
    /// Somebody may have been woken for a permit and died before it took that: is one free?
    Look,
    RingAll,
    Release,
}

impl Sweep {
    pub(super) fn first(config: &Config) -> Self {
        // A lock is given back first, a semaphore forgets first that the dead waited.
        if config.lock {
            Self::Word
        } else {
            Self::ClearBit
        }
    }
}

pub(super) fn step(config: &Config, memory: &mut Memory, process: &mut Process, step: Sweep) {
    let victim = process.victim;
    let next = match step {
        Sweep::Hunt => Sweep::Hunt,
        Sweep::ClearBit => {
            if !config.has(Bug::SweepLeavesBit) {
                memory.waiters &= !(1 << victim);
            }
            if config.lock {
                Sweep::Look
            } else {
                Sweep::Word
            }
        }
        Sweep::Word => {
            let words = usize::from(memory.used).min(config.room);
            if usize::from(process.at) >= words {
                process.at = 0;
                resumed(config, process, Resume::Words);
                return;
            }
            let word = &mut memory.words[usize::from(process.at)];
            process.at += 1;
            let any = config.has(Bug::SweepFreesAny) && matches!(word.is, Is::Of(_));
            if word.is != Is::Of(victim) && !any || config.has(Bug::SweepKeepsPermits) {
                return;
            }
            let died = word.is == Is::Of(victim) && !config.has(Bug::SweepHidesDeath);
            *word = Word { is: Is::Free, died };
            if config.lock {
                return;
            }
            wake::begin(process, Resume::Words);
            return;
        }
        Sweep::Look => {
            let Some(free) = wait::is_free(config, memory, process) else {
                return;
            };
            if free && !config.has(Bug::SweepPassesNothingOn) {
                wake::begin(process, Resume::RingAll);
                return;
            }
            Sweep::RingAll
        }
        Sweep::RingAll => {
            let silent = [Bug::SweepPassesNothingOn, Bug::SweepRingsNoWaiter];
            if !silent.iter().any(|&bug| config.has(bug)) {
                memory
                    .bells
                    .ring_all(memory.deaths.live & takers(config), config.event_loop);
            }
            Sweep::Release
        }
        Sweep::Release => {
            memory.deaths.end_sweep(usize::from(victim));
            process.victim = NOBODY;
            Sweep::Hunt
        }
    };
    process.step = Step::Sweep(next);
}

/// All words were looked at, or somebody was woken.
pub(super) fn resumed(config: &Config, process: &mut Process, resume: Resume) {
    process.step = Step::Sweep(match resume {
        Resume::RingAll => Sweep::RingAll,
        _ if process.at != 0 => Sweep::Word,
        _ if config.lock => Sweep::ClearBit,
        _ => Sweep::Look,
    });
}

fn takers(config: &Config) -> u8 {
    (1 << config.takers) - 1
}
