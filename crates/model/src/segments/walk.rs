//! From segment to segment: `oldest_segment`, `for_each_segment`, and what is done with each.

use super::Config;
use super::chain::{self, Context, Found};
use super::end;
use super::memory::{Content, Handle, Life, Link, Memory};
use super::process::{Process, Step};
use super::retire::Retire;
use super::sweep;
use super::take::{self, Take};
use crate::bug::Bug;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Walk {
    LoadOldest,
    /// Has it not begun to end?
    LoadLife,
    /// It has: who ends it may have died before the word of the queue could move on.
    Peek,
    Oldest,
    /// One slot after the other, where head is or was.
    Slot,
    Claim,
}

/// What a walk is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Purpose {
    /// Messages that were put back behind head.
    Behind,
    /// Messages that somebody has, or that were put back.
    Taken,
    /// The oldest segment only, to retire it.
    Oldest,
    /// Messages that the dead has: they are put back.
    Redeliver,
    /// Whether the chain has the segment that the dead was building.
    Links,
}

pub(super) fn begin(process: &mut Process, purpose: Purpose) {
    process.purpose = purpose;
    process.at = 0;
    process.step = Step::Walk(Walk::LoadOldest);
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Walk,
) {
    let next = match step {
        Walk::LoadOldest => {
            process.segment = memory.oldest;
            Walk::LoadLife
        }
        Walk::LoadLife => {
            let segment = memory.at(process.segment);
            if segment.is_current(process.segment) {
                return visit(config, memory, process);
            }
            match segment.life {
                Life::Dying(_) if segment.turn == process.segment.turn => Walk::Peek,
                _ => Walk::LoadOldest,
            }
        }
        Walk::Peek => {
            let segment = memory.at(process.segment);
            match segment.next {
                Link::Block(block) if segment.next_turn == process.segment.turn => {
                    let turn = memory.segments[usize::from(block)].turn;
                    process.other = Handle { turn, block };
                    Walk::Oldest
                }
                _ => Walk::LoadOldest,
            }
        }
        Walk::Oldest => {
            if memory.oldest == process.segment {
                memory.oldest = process.other;
            }
            process.other = Handle::NONE;
            Walk::LoadOldest
        }
        Walk::Slot => return slot(config, memory, process),
        Walk::Claim => {
            let index = process.hint.before(process.at, config).index;
            if process.claim(memory, me, index) {
                memory.taken |= 1 << process.item;
                return take::got(process);
            }
            // Another one has it, and may yet die: this look cannot vouch for the epoch.
            process.found = true;
            process.slot = super::memory::Slot::empty(0);
            process.at -= 1;
            Walk::Slot
        }
    };
    process.step = Step::Walk(next);
}

/// A segment of the chain.
fn visit(config: &Config, memory: &mut Memory, process: &mut Process) {
    match process.purpose {
        Purpose::Oldest => process.step = Step::Retire(Retire::TakeFrom),
        Purpose::Links => {
            process.found |= process.segment == process.taken;
            on(process);
        }
        Purpose::Behind => {
            process.hint = memory.at(process.segment).head;
            process.at = config.slots as u8;
            process.step = Step::Walk(Walk::Slot);
        }
        Purpose::Taken | Purpose::Redeliver => {
            process.at = 0;
            process.step = Step::Walk(Walk::Slot);
        }
    }
}

fn slot(config: &Config, memory: &mut Memory, process: &mut Process) {
    let over = match process.purpose {
        Purpose::Behind => process.at == 0,
        _ => usize::from(process.at) == config.slots,
    };
    if over {
        process.hint = super::memory::Position::start(0);
        process.at = 0;
        on(process);
        return;
    }
    match process.purpose {
        Purpose::Behind => {
            let position = process.hint.before(process.at, config);
            let slot = memory.at(process.segment).slots[usize::from(position.index)];
            if slot.turn == position.turn && matches!(slot.is, Content::Ready(_)) {
                process.slot = slot;
                process.step = Step::Walk(Walk::Claim);
                return;
            }
            process.at -= 1;
        }
        Purpose::Taken => {
            let slot = memory.at(process.segment).slots[usize::from(process.at)];
            process.at += 1;
            // A message that was put back meanwhile is where it was.
            let back = matches!(slot.is, Content::Ready(_));
            let back = back && !config.has(Bug::EndLooksForTakenOnly);
            if back || matches!(slot.is, Content::Taken(..)) {
                process.found = true;
                process.at = 0;
                end::counted(process);
            }
        }
        _ => {
            // Load and CAS in one: nobody else changes what the dead has.
            let slot = &mut memory.at_mut(process.segment).slots[usize::from(process.at)];
            process.at += 1;
            if let Content::Taken(by, item) = slot.is
                && by == process.victim
            {
                slot.is = Content::Ready(item);
            }
        }
    }
}

/// To the next segment.
fn on(process: &mut Process) {
    chain::begin(process, Context::Walk);
}

/// What comes after the segment.
pub(super) fn after(config: &Config, memory: &mut Memory, process: &mut Process, found: Found) {
    match found {
        Found::Segment if !(process.purpose == Purpose::Links && process.found) => {
            process.segment = std::mem::replace(&mut process.other, Handle::NONE);
            visit(config, memory, process);
        }
        Found::Stale => process.step = Step::Walk(Walk::LoadOldest),
        _ => {
            process.segment = Handle::NONE;
            process.other = Handle::NONE;
            match process.purpose {
                Purpose::Behind => {
                    let step = if process.found {
                        process.epoch = 0;
                        Take::LoadFrom
                    } else {
                        Take::MarkLooked
                    };
                    process.found = false;
                    process.step = Step::Take(step);
                }
                Purpose::Taken => end::counted(process),
                Purpose::Oldest => unreachable!("it goes no further"),
                Purpose::Redeliver | Purpose::Links => sweep::walked(process),
            }
        }
    }
}
