//! One segment more: `append_segment`.

use super::Config;
use super::memory::{Handle, Life, Link, Memory};
use super::process::{Process, Step};
use super::put;
use crate::bug::Bug;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Append {
    /// Free memory is being built in.
    Claim,
    /// Its words are written. Nobody else's CAS on them can succeed: they are of another turn.
    Reset,
    /// The CAS of the NEXT word of the full segment.
    Link,
    /// Somebody else was faster.
    Free,
    Live,
    /// The word of the queue goes on.
    Into,
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Append,
) {
    let next = match step {
        Append::Claim => {
            let free = |segment: &&mut super::memory::Segment| segment.life == Life::Free;
            let segments = &mut memory.segments[..config.segments];
            let block = segments.iter().position(|s| s.life == Life::Free);
            if let Some(segment) = segments.iter_mut().find(free) {
                segment.life = Life::Building(me as u8);
                process.other = Handle {
                    turn: segment.turn,
                    block: block.unwrap_or_default() as u8,
                };
            }
            Append::Reset
        }
        Append::Reset => {
            memory.at_mut(process.other).reset();
            Append::Link
        }
        Append::Link => {
            let block = process.other.block;
            let turn = process.segment.turn;
            let full = memory.at_mut(process.segment);
            if full.next_turn == turn && full.next == Link::Open {
                full.next = Link::Block(block);
                Append::Live
            } else {
                Append::Free
            }
        }
        Append::Free => {
            free(config, memory, process.other);
            put::again(process);
            return;
        }
        Append::Live => {
            let built = memory.at_mut(process.other);
            // A sweep, or who ends it, may have been faster.
            if built.life == Life::Building(me as u8) && built.turn == process.other.turn {
                built.life = Life::Live;
            }
            Append::Into
        }
        Append::Into => {
            if memory.put_into == process.segment {
                memory.put_into = process.other;
            }
            put::again(process);
            return;
        }
    };
    process.step = Step::Append(next);
}

/// Free, in the next generation.
pub(super) fn free(config: &Config, memory: &mut Memory, handle: Handle) {
    let segment = memory.at_mut(handle);
    segment.life = Life::Free;
    if !config.has(Bug::TurnKept) {
        segment.turn += 1;
    }
}
