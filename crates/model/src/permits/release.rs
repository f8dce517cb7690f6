//! Giving back: `Lock::release`, `Semaphore::release`.

use super::Config;
use super::acquire::Attempt;
use super::memory::{Held, Memory, Process, Step, Word};
use super::wake::{self, Resume};
use crate::bug::Bug;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Release {
    /// The own word becomes free: only a sweep of us would change it too.
    Free,
    /// `add`: reserves a word, or one more is counted.
    Add,
    /// The reserved word is a permit.
    AddStore,
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Release,
) {
    match (step, process.held) {
        (Release::Free, Held::Word(index)) => {
            memory.words[usize::from(index)] = Word::FREE;
            memory.lost_owner[usize::from(index)] = false;
        }
        (Release::Free, _) | (Release::Add, _) if usize::from(memory.used) < config.room => {
            process.at = memory.used;
            memory.used += 1;
            process.step = Step::Release(Release::AddStore);
            return;
        }
        (Release::Free | Release::Add, _) => {
            memory.counted += 1;
            memory.total += u8::from(process.held == Held::Nothing);
        }
        (Release::AddStore, _) => {
            memory.words[usize::from(process.at)] = Word::FREE;
            memory.total += u8::from(process.held == Held::Nothing);
            process.at = 0;
        }
    }
    process.held = Held::Nothing;
    if config.has(Bug::ReleaseWakesNobody) {
        next(process);
        return;
    }
    debug_assert!(memory.deaths.is_alive(me), "the dead release nothing");
    wake::begin(process, Resume::Next);
}

/// The next round.
pub(super) fn next(process: &mut Process) {
    let left = process.left.saturating_sub(1);
    *process = Process::absent();
    if left > 0 {
        process.left = left;
        process.step = Step::Attempt(Attempt::Load);
    }
}
