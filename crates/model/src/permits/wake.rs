//! Waking one who waits: `Waiters::wake_one`.

use super::Config;
use super::memory::{Memory, NOBODY, Process, Step};
use super::release;
use super::sweep;
use super::wait;
use crate::bells::first_from;
use crate::bug::Bug;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wake {
    /// Reads the bitmap and picks a bit.
    Pick,
    /// Clears it; if somebody else has, picks another one.
    Clear,
    Ring,
}

/// Where the process goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Resume {
    /// With its next round.
    Next,
    /// Nowhere: it has left the line.
    Over,
    /// With what it has acquired.
    Use,
    /// With the next word of its sweep.
    Words,
    /// With the end of its sweep.
    RingAll,
}

pub(super) fn begin(process: &mut Process, resume: Resume) {
    process.step = Step::Wake(Wake::Pick);
    process.resume = resume;
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Wake,
) {
    match step {
        Wake::Pick => match first_from(memory.waiters, me) {
            Some(target) => {
                process.target = target as u8;
                process.step = Step::Wake(Wake::Clear);
            }
            None => woken(config, process),
        },
        Wake::Clear => {
            let bit = 1 << process.target;
            let mine = memory.waiters & bit != 0;
            memory.waiters &= !bit;
            if mine {
                process.step = Step::Wake(Wake::Ring);
            } else {
                process.target = NOBODY;
                if config.has(Bug::WakeGivesUp) {
                    woken(config, process);
                } else {
                    process.step = Step::Wake(Wake::Pick);
                }
            }
        }
        Wake::Ring => {
            memory
                .bells
                .ring(usize::from(process.target), config.event_loop);
            process.target = NOBODY;
            woken(config, process);
        }
    }
}

fn woken(config: &Config, process: &mut Process) {
    let resume = process.resume;
    process.resume = Resume::Next;
    match resume {
        Resume::Next => release::next(process),
        Resume::Over | Resume::Use => wait::resumed(process, resume),
        Resume::Words | Resume::RingAll => sweep::resumed(config, process, resume),
    }
}
