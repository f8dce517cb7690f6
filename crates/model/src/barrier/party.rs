//! A party: `Barrier.wait` with the steps of `arrive`, `passage`, `pass`, `give_up` and `go_on`.

use super::Config;
use super::memory::{Memory, NOTHING, Passage, Process, Step, Word};
use super::tell::{self, Resume};
use crate::bug::Bug;
use crate::violation::Violation;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Party {
    /// The count of changes, before each attempt: what changes during it makes the next one worth it.
    Seen,
    /// It is inside,
    Inside,
    /// and has been a party.
    Known,
    /// The CAS of `arrive`.
    Arrive,
    /// It could not: because the barrier is broken?
    WhyNot,
    /// Only with a bug: is it the last one?
    Last,
    /// The action, of the last one only.
    Act,
    /// The CAS of `pass`.
    Pass,
    /// What became of its generation?
    Passage,
    /// Read the own bell, then set the own bit. Taken as one step: a ring in between would only
    /// keep the process awake.
    SetBit,
    /// Changed since?
    Look,
    Sleep,
    ClearBit,
    /// Its time is over, or its action has failed: the CAS of `give_up`.
    GiveUp,
    /// `go_on`
    GoOn,
}

impl Party {
    pub(super) fn first(config: &Config) -> Self {
        if config.has(Bug::ChangesReadLate) {
            Self::Inside
        } else {
            Self::Seen
        }
    }
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Party,
) -> Result<(), Violation> {
    let bit = 1 << me;
    let generation = process.generation;
    let late = config.has(Bug::InsideAfterArrival);
    let next = match step {
        Party::Seen => {
            process.seen = memory.changes;
            match generation {
                _ if config.has(Bug::ChangesReadLate) => Party::SetBit,
                NOTHING if late => Party::Arrive,
                NOTHING if memory.inside & memory.known & bit != 0 => Party::Arrive,
                NOTHING => Party::Inside,
                _ => Party::Passage,
            }
        }
        Party::Inside => {
            memory.inside |= bit;
            Party::Known
        }
        Party::Known => {
            memory.known |= bit;
            if late {
                arrived(config, process)
            } else {
                Party::Arrive
            }
        }
        Party::Arrive => {
            let Word {
                broken, arrived: n, ..
            } = memory.word;
            if broken || usize::from(n) == config.parties {
                Party::WhyNot
            } else {
                memory.word.arrived += 1;
                process.generation = memory.word.generation;
                process.last = usize::from(memory.word.arrived) == config.parties;
                memory.arrive(me, process.generation);
                if config.has(Bug::LastByAnotherLook) {
                    Party::Last
                } else if late {
                    Party::Inside
                } else {
                    arrived(config, process)
                }
            }
        }
        Party::WhyNot if memory.word.broken => Party::GoOn,
        Party::WhyNot => wait(config),
        Party::Last => {
            process.last = usize::from(memory.word.arrived) == config.parties;
            arrived(config, process)
        }
        Party::Act => {
            memory.act(generation)?;
            Party::Pass
        }
        Party::Pass => {
            let blind = config.has(Bug::PassIgnoresBreak);
            let other = config.has(Bug::PassIgnoresGeneration);
            let word = memory.word;
            if (word.generation == generation || other) && (!word.broken || blind) {
                memory.word = word.next(false);
                memory.end(config, generation, Passage::Passed)?;
                tell::begin(process, Resume::Round);
                return Ok(());
            }
            memory.end(config, generation, Passage::Broken)?;
            Party::GoOn
        }
        Party::Passage => match memory.word.passage(generation) {
            Passage::Waiting => wait(config),
            how => {
                memory.end(config, generation, how)?;
                Party::GoOn
            }
        },
        Party::SetBit => {
            memory.waiters |= bit;
            memory.bells.watch(me);
            if config.has(Bug::NoBarrierRecheck) {
                Party::Sleep
            } else {
                Party::Look
            }
        }
        Party::Look if memory.changes != process.seen => Party::ClearBit,
        Party::Look => Party::Sleep,
        Party::Sleep => Party::ClearBit,
        Party::ClearBit => {
            memory.waiters &= !bit;
            memory.bells.forget(me);
            process.seen = 0;
            match generation {
                NOTHING if config.has(Bug::ChangesReadLate) => Party::Arrive,
                _ if config.has(Bug::ChangesReadLate) => Party::Passage,
                _ => Party::Seen,
            }
        }
        Party::GiveUp => {
            // Who has not arrived breaks whatever generation it would have been in.
            let own = generation == NOTHING || memory.word.generation == generation;
            let any = config.has(Bug::GiveUpBreaksAny);
            let breaks = (own || any) && !memory.word.broken;
            let how = match generation {
                NOTHING => Passage::Broken,
                _ if breaks || any => Passage::Broken,
                _ => memory.word.passage(generation),
            };
            memory.word.broken |= breaks;
            if generation != NOTHING {
                memory.end(config, generation, how)?;
            }
            if breaks {
                tell::begin(process, Resume::Round);
                return Ok(());
            }
            Party::GoOn
        }
        Party::GoOn => {
            memory.inside &= !bit;
            let left = process.left - 1;
            *process = Process::at(Step::Over);
            if left == 0 {
                return Ok(());
            }
            process.left = left;
            Party::first(config)
        }
    };
    process.step = Step::Party(next);
    Ok(())
}

/// It leaves the line, and fails unless its generation has passed.
pub(super) fn fail(memory: &mut Memory, process: &mut Process, me: usize) {
    memory.waiters &= !(1 << me);
    memory.bells.forget(me);
    process.seen = 0;
    process.step = Step::Party(Party::GiveUp);
}

fn wait(config: &Config) -> Party {
    if config.has(Bug::ChangesReadLate) {
        Party::Seen
    } else {
        Party::SetBit
    }
}

/// The last one acts, the others wait.
fn arrived(config: &Config, process: &mut Process) -> Party {
    process.seen = 0;
    if std::mem::take(&mut process.last) {
        Party::Act
    } else if config.has(Bug::ChangesReadLate) {
        Party::Passage
    } else {
        Party::Seen
    }
}
