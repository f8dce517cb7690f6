//! Trying to acquire: `Lock::acquire`, `Semaphore::acquire`.

use super::Config;
use super::memory::{Held, Is, Memory, Process, Step, Word};
use super::release::Release;
use super::wait::{self, Wait};
use crate::bug::Bug;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Attempt {
    /// One word after the other: is it free?
    Load,
    /// From free to me, and OWNER_DIED stays.
    Cas,
    /// `change_counted`: a loop of one CAS.
    Counted,
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Attempt,
) -> Result<(), Violation> {
    let index = usize::from(process.at);
    match step {
        Attempt::Load if index >= usize::from(memory.used).min(config.room) => {
            process.at = 0;
            process.step = if config.lock {
                failed(config, memory, process, me)
            } else {
                Step::Attempt(Attempt::Counted)
            };
        }
        Attempt::Load if memory.words[index].is == Is::Free => {
            process.seen = memory.words[index];
            process.step = Step::Attempt(Attempt::Cas);
        }
        Attempt::Load => process.at += 1,
        Attempt::Cas => {
            let seen = process.seen;
            process.seen = Word::ABSENT;
            process.step = Step::Attempt(Attempt::Load);
            if memory.words[index] != seen && !config.has(Bug::AcquireByStore) {
                process.at += 1;
                return Ok(());
            }
            memory.words[index] = Word {
                is: Is::Of(me as u8),
                died: seen.died,
            };
            process.at = 0;
            process.held = Held::Word(index as u8);
            process.step = acquired(config, process);
            if seen.died != memory.lost_owner[index] {
                let detail = format!("{me} is told {} of the owner before", seen.died);
                return Err(Violation::new(Kind::Untold, detail));
            }
        }
        Attempt::Counted if memory.counted > 0 => {
            memory.counted -= 1;
            process.held = Held::Counted;
            process.step = acquired(config, process);
        }
        Attempt::Counted => process.step = failed(config, memory, process, me),
    }
    Ok(())
}

/// An event loop leaves the line when it has what it waited for.
fn acquired(config: &Config, process: &mut Process) -> Step {
    process.leaving = false;
    if config.event_loop && process.had_bit {
        wait::leave(config)
    } else {
        Step::Release(Release::Free)
    }
}

fn failed(config: &Config, memory: &mut Memory, process: &mut Process, me: usize) -> Step {
    if process.leaving {
        memory.bells.forget(me);
        *process = Process::absent();
        return Step::Over;
    }
    Step::Wait(if config.event_loop {
        Wait::Arm
    } else {
        Wait::SetBit
    })
}
