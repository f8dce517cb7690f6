//! The sweep of a dead participant: `sweep_segment`, `redeliver`, then all bells ring.

use super::Config;
use super::append;
use super::memory::{Handle, Life, Link, Memory};
use super::process::{Process, Step};
use super::retire;
use super::walk::{self, Purpose};
use crate::bug::Bug;
use crate::violation::Violation;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sweep {
    /// Waits for somebody to sweep.
    Hunt,
    /// One segment after the other that it was making or ending.
    Segment,
    /// The one it was making is linked, or is not.
    Built,
    /// The one it was ending: the word of the queue goes on,
    Oldest,
    /// and it is free.
    Free,
    /// "Look behind head"
    Epoch,
    ClearBit,
    EpochAgain,
    /// It has the pipe no longer.
    Writer,
    RingAll,
    Release,
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    step: Sweep,
) -> Result<(), Violation> {
    let victim = process.victim;
    let next = match step {
        Sweep::Hunt => Sweep::Hunt,
        Sweep::Segment => {
            let segments = &memory.segments[..config.segments];
            let of_the_dead = |life: Life| match life {
                Life::Building(by) => by == victim && !config.has(Bug::SweepLeavesSegments),
                Life::Dying(by) => by == victim,
                Life::Free | Life::Live => false,
            };
            let found = segments.iter().position(|s| of_the_dead(s.life));
            let Some(block) = found else {
                process.step = Step::Sweep(Sweep::Epoch);
                return Ok(());
            };
            let segment = segments[block];
            process.taken = Handle {
                turn: segment.turn,
                block: block as u8,
            };
            if matches!(segment.life, Life::Building(_)) {
                walk::begin(process, Purpose::Links);
                return Ok(());
            }
            // `peek`: segments end in order, so that the next one is as it was.
            if let Link::Block(block) = segment.next {
                let turn = memory.segments[usize::from(block)].turn;
                process.other = Handle { turn, block };
            }
            Sweep::Oldest
        }
        Sweep::Built => {
            let built = memory.at_mut(process.taken);
            let mine = built.life == Life::Building(victim) && built.turn == process.taken.turn;
            if mine && process.found && !config.has(Bug::SweepFreesLinked) {
                built.life = Life::Live;
            } else if mine && config.has(Bug::SweepFreesLinked) {
                retire::free(config, memory, process.taken)?;
            } else if mine {
                append::free(config, memory, process.taken);
            }
            process.found = false;
            process.taken = Handle::NONE;
            Sweep::Segment
        }
        Sweep::Oldest => {
            if memory.oldest == process.taken {
                memory.oldest = process.other;
            }
            process.other = Handle::NONE;
            Sweep::Free
        }
        Sweep::Free => {
            let handle = std::mem::replace(&mut process.taken, Handle::NONE);
            retire::free(config, memory, handle)?;
            Sweep::Segment
        }
        Sweep::Epoch => {
            memory.epoch += 1;
            walk::begin(process, Purpose::Redeliver);
            return Ok(());
        }
        Sweep::ClearBit => {
            memory.waiters &= !(1 << victim);
            Sweep::EpochAgain
        }
        Sweep::EpochAgain => {
            memory.epoch += 1;
            Sweep::Writer
        }
        Sweep::Writer => {
            memory.writers &= !(1 << victim);
            Sweep::RingAll
        }
        Sweep::RingAll => {
            if !config.has(Bug::SweepTellsNoReader) {
                memory.bells.ring_all(memory.deaths.live, false);
            }
            Sweep::Release
        }
        Sweep::Release => {
            memory.deaths.end_sweep(usize::from(victim));
            *process = Process::at(Step::Sweep(Sweep::Hunt));
            return Ok(());
        }
    };
    process.step = Step::Sweep(next);
    Ok(())
}

/// The chain was gone through.
pub(super) fn walked(process: &mut Process) {
    process.step = Step::Sweep(match process.purpose {
        Purpose::Links => Sweep::Built,
        _ => Sweep::ClearBit,
    });
}
