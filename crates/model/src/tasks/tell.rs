//! Telling those who join that no task is unfinished.

use super::Config;
use super::count::Tally;
use super::memory::{Memory, Zeros};
use super::process::{Process, Resume, Step};
use super::put::Put;
use super::sweep::Sweep;
use super::take::Take;
use crate::bug::Bug;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Tell {
    /// Read the word that counts joins and zeros; then the accounts.
    Begin,
    /// Zero was seen once more, unless a join began since: it may not have been there at zero.
    Raise,
    /// Take over all who may sleep.
    Gather,
    /// Ring one of them after the other.
    Wake,
}

/// The process goes on with `resume` when it has told.
pub(super) fn begin(process: &mut Process, resume: Resume) {
    process.step = Step::Tell(Tell::Begin);
    process.resume = resume;
}

pub(super) fn step(config: &Config, memory: &mut Memory, process: &mut Process, step: Tell) {
    match step {
        Tell::Begin => {
            process.zeros = memory.zeros;
            process.tally = Some(Tally::START);
        }
        Tell::Raise => {
            let blind = config.has(Bug::TellIgnoresJoins);
            if memory.zeros == process.zeros || blind {
                memory.zeros.zeros += 1;
                process.step = Step::Tell(Tell::Gather);
            } else {
                process.step = Step::Tell(Tell::Begin);
            }
            process.zeros = Zeros { joins: 0, zeros: 0 };
        }
        Tell::Gather => {
            process.wakes = std::mem::take(&mut memory.joiners);
            process.step = Step::Tell(Tell::Wake);
            if process.wakes == 0 {
                resume(process);
            }
        }
        Tell::Wake => {
            let next = process.wakes & process.wakes.wrapping_neg();
            process.wakes &= !next;
            memory.rung |= next & memory.deaths.live;
            if process.wakes == 0 {
                resume(process);
            }
        }
    }
}

/// The accounts are read.
pub(super) fn counted(config: &Config, process: &mut Process, unfinished: i8) {
    if unfinished <= 0 {
        process.step = Step::Tell(Tell::Raise);
        if config.has(Bug::TellIgnoresJoins) {
            process.zeros = Zeros { joins: 0, zeros: 0 };
        }
    } else {
        process.zeros = Zeros { joins: 0, zeros: 0 };
        resume(process);
    }
}

fn resume(process: &mut Process) {
    process.step = match process.resume {
        Resume::Put => Step::Put(Put::Free),
        Resume::Take => Step::Take(Take::Claim),
        Resume::Sweep => Step::Sweep(Sweep::Return),
    };
    process.resume = Resume::Put;
}
