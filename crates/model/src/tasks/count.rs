//! Reading the accounts: how many tasks are unfinished.

use super::Config;
use super::join;
use super::memory::Memory;
use super::process::{Process, Step};
use super::take;
use super::tell;
use crate::bug::Bug;
use crate::violation::Violation;

/// How far somebody is who reads the accounts.
///
/// What is done is read before what was put. Neither shrinks but for puts that never came to be,
/// so that when both are equal there was no unfinished task between the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Tally {
    index: u8,
    sum: i8,
}

impl Tally {
    pub(super) const START: Self = Self { index: 0, sum: 0 };
}

/// Reads one word; the last one decides how the process goes on.
pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    tally: Tally,
) -> Result<(), Violation> {
    let sum = tally.sum + word(config, memory, usize::from(tally.index));
    let index = tally.index + 1;
    if usize::from(index) < config.producers + config.consumers {
        process.tally = Some(Tally { index, sum });
        return Ok(());
    }
    process.tally = None;
    match process.step {
        Step::Take(_) => return take::counted(process, me, sum),
        Step::Join(step) => return join::counted(memory, process, me, step, sum),
        Step::Tell(_) => tell::counted(config, process, sum),
        step => unreachable!("{step:?} reads no accounts"),
    }
    Ok(())
}

fn word(config: &Config, memory: &Memory, index: usize) -> i8 {
    let put = |producer: usize| memory.put[producer].puts as i8;
    let done = |consumer: usize| -(memory.work[config.producers + consumer].done as i8);
    if config.has(Bug::PutsReadFirst) {
        match index.checked_sub(config.producers) {
            Some(consumer) => done(consumer),
            None => put(index),
        }
    } else {
        match index.checked_sub(config.consumers) {
            Some(producer) => put(producer),
            None => done(index),
        }
    }
}
