//! Waiting until a permit is free: `wait_slice` of a thread, `arm` and `disarm` of an event loop.
//!
//! Slices have no end here: nobody may rely on one.

use super::Config;
use super::acquire::Attempt;
use super::memory::{Held, Is, Memory, Process, Step};
use super::release::Release;
use super::wake::{self, Resume};
use crate::bug::Bug;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wait {
    /// Event loop: ARMED, then the own bit: `channel` has them apart.
    Arm,
    /// Thread: read the own bell, then set the own bit. Taken as one step: a ring in between
    /// would only keep the process awake.
    SetBit,
    /// Is one free? One word after the other.
    Look,
    Sleep,
    /// `Awaited::withdraw` by somebody who tries again.
    ClearBit,
    /// `disarm`: the own bit is taken back. Who was picked already owes that to somebody else,
    DisarmClear,
    /// if one is free.
    DisarmLook,
    /// `wait_slice` in an event loop that waits for the same: it sets the bit that is set, or not
    /// any more,
    BlockSetBit,
    /// and leaves it to the loop.
    BlockClearBit,
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Wait,
) {
    let bit = 1 << me;
    let attempt = Step::Attempt(Attempt::Load);
    let look = if config.has(Bug::NoLockRecheck) {
        Wait::Sleep
    } else {
        Wait::Look
    };
    process.step = match step {
        Wait::Arm => {
            memory.bells.arm(me);
            memory.waiters |= bit;
            process.had_bit = true;
            Step::Wait(look)
        }
        Wait::SetBit => {
            memory.bells.watch(me);
            memory.waiters |= bit;
            Step::Wait(look)
        }
        Wait::Look => match is_free(config, memory, process) {
            None => return,
            Some(true) => Step::Wait(Wait::ClearBit),
            Some(false) => Step::Wait(Wait::Sleep),
        },
        // The bit of an event loop stays set while it waits.
        Wait::Sleep if config.event_loop => {
            memory.bells.forget(me);
            attempt
        }
        Wait::Sleep => Step::Wait(Wait::ClearBit),
        Wait::ClearBit => {
            memory.waiters &= !bit;
            memory.bells.forget(me);
            if process.leaving && config.has(Bug::LeaveWithoutTry) {
                *process = Process::absent();
                return;
            }
            attempt
        }
        Wait::DisarmClear => {
            // Whether its bit was taken is decided here.
            let spent = memory.waiters & bit == 0;
            memory.waiters &= !bit;
            if config.has(Bug::DisarmLooksFirst) {
                if spent && process.leaving {
                    wake::begin(process, left(process));
                    return;
                }
                return over(memory, process, me);
            }
            if !spent {
                return over(memory, process, me);
            }
            Step::Wait(Wait::DisarmLook)
        }
        Wait::DisarmLook => {
            let Some(free) = is_free(config, memory, process) else {
                return;
            };
            if config.has(Bug::DisarmLooksFirst) {
                process.leaving = free;
                process.step = Step::Wait(Wait::DisarmClear);
                return;
            }
            if !free {
                return over(memory, process, me);
            }
            wake::begin(process, left(process));
            return;
        }
        Wait::BlockSetBit => {
            // `at` serves as the register here: was the bit set before?
            process.at = u8::from(memory.waiters & bit != 0);
            memory.waiters |= bit;
            Step::Wait(Wait::BlockClearBit)
        }
        Wait::BlockClearBit => {
            let was_set = process.at != 0;
            process.at = 0;
            if !was_set || config.has(Bug::BlockingTakesBit) {
                memory.waiters &= !bit;
            }
            Step::Wait(Wait::Sleep)
        }
    };
}

/// An event loop leaves the line.
pub(super) fn leave(config: &Config) -> Step {
    Step::Wait(if config.has(Bug::DisarmLooksFirst) {
        Wait::DisarmLook
    } else {
        Wait::DisarmClear
    })
}

/// A wait ends though nothing was acquired: a thread tries once more, an event loop does not.
pub(super) fn time_out(config: &Config, process: &mut Process) {
    if config.event_loop {
        process.step = leave(config);
    } else {
        process.leaving = true;
        process.step = Step::Wait(Wait::ClearBit);
    }
}

/// `is_free`: counted permits, then one word in each step. `None`: not all of them.
pub(super) fn is_free(config: &Config, memory: &Memory, process: &mut Process) -> Option<bool> {
    let at = usize::from(process.at);
    let found = match at.checked_sub(1) {
        None => memory.counted > 0,
        Some(index) => memory.words[index].is == Is::Free,
    };
    let words = usize::from(memory.used).min(config.room);
    if found || at == words {
        process.at = 0;
        return Some(found);
    }
    process.at += 1;
    None
}

fn left(process: &Process) -> Resume {
    if process.held == Held::Nothing {
        Resume::Over
    } else {
        Resume::Use
    }
}

fn over(memory: &mut Memory, process: &mut Process, me: usize) {
    memory.bells.forget(me);
    let resume = left(process);
    resumed(process, resume);
}

pub(super) fn resumed(process: &mut Process, resume: Resume) {
    process.leaving = false;
    process.had_bit = false;
    if resume == Resume::Over {
        *process = Process::absent();
    } else {
        process.step = Step::Release(Release::Free);
    }
}
