//! The sweep of a dead participant: `Barrier::recover`.

use super::Config;
use super::memory::{Memory, NOTHING, Process, Step};
use super::tell::{self, Resume};
use crate::bug::Bug;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sweep {
    /// Waits for somebody to sweep.
    Hunt,
    ClearBit,
    /// Was it a party? Nobody else touches what says so: one step.
    Judge,
    /// The CAS of `break_up`; it is told in any case: the dead may have changed the word and told nobody.
    Break,
    /// A sweep has seen to the death of who made it.
    Creator,
    Inside,
    Known,
    /// From here on nobody recovers the barrier from this death.
    Unhold,
    RingAll,
    Release,
}

impl Sweep {
    pub(super) fn first(memory: &Memory, victim: usize) -> Self {
        if memory.holders & 1 << victim != 0 {
            Self::ClearBit
        } else {
            Self::RingAll
        }
    }
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    step: Sweep,
) -> Result<(), Violation> {
    let victim = usize::from(process.victim);
    let bit = 1 << victim;
    let next = match step {
        Sweep::Hunt => Sweep::Hunt,
        Sweep::ClearBit => {
            memory.waiters &= !bit;
            Sweep::Judge
        }
        Sweep::Judge => {
            let inside = memory.inside & bit != 0;
            let left = memory.ending & bit != 0;
            let known = memory.known & bit != 0;
            let made_it = usize::from(memory.creator) == victim;
            if inside || !left && (known || !made_it) {
                Sweep::Break
            } else if config.has(Bug::SweepTellsOnlyItsBreak) {
                Sweep::Creator
            } else {
                tell::begin(process, Resume::Sweep);
                return Ok(());
            }
        }
        Sweep::Break => {
            if memory.harmless & bit != 0 {
                let detail = format!("{victim} was no party");
                return Err(Violation::new(Kind::BrokenInVain, detail));
            }
            let silent = config.has(Bug::SweepTellsOnlyItsBreak) && memory.word.broken;
            if !config.has(Bug::SweepBreaksNothing) {
                memory.word.broken = true;
                memory.owed &= !bit;
            }
            if !silent {
                tell::begin(process, Resume::Sweep);
                return Ok(());
            }
            Sweep::Creator
        }
        Sweep::Creator => {
            if usize::from(memory.creator) == victim {
                if config.has(Bug::CreatorForgotten) {
                    memory.creator = NOTHING;
                } else {
                    memory.creator_gone = true;
                }
            }
            Sweep::Inside
        }
        Sweep::Inside => {
            memory.inside &= !bit;
            Sweep::Known
        }
        Sweep::Known => {
            memory.known &= !bit;
            Sweep::Unhold
        }
        Sweep::Unhold => {
            memory.holders &= !bit;
            Sweep::RingAll
        }
        Sweep::RingAll => {
            memory.bells.ring_all(memory.deaths.live, false);
            Sweep::Release
        }
        Sweep::Release => {
            memory.deaths.end_sweep(victim);
            *process = Process::at(Step::Sweep(Sweep::Hunt));
            return Ok(());
        }
    };
    process.step = Step::Sweep(next);
    Ok(())
}
