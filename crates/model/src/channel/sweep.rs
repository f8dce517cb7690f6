//! Sweeping a dead participant's entry: one sweeper at a time, and any sweeper may die as well.

use super::Config;
use super::blocks;
use super::memory::{Block, EntryState, Memory, NOTHING, Slot, SlotState};
use super::process::{Process, Step};
use super::ring::on_pipe;
use crate::bug::Bug;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sweep {
    /// Watch for the dead.
    Hunt,
    /// CAS of the entry word that was read before the kernel was asked.
    Claim,
    RaiseEpoch,
    Slot,
    /// Give the message back that the dead was taking.
    Return,
    /// Read the second block of the message in this slot.
    Follow,
    FreeBlock,
    ClearConsumer,
    ClearProducer,
    RaiseEpochAgain,
    /// Entries the dead was sweeping itself have no sweeper any more.
    HandOver,
    Ring,
    RingWake,
    Release,
}

/// The entries that `me` may find dead.
pub(super) fn victims(config: &Config, memory: &Memory, me: usize) -> impl Iterator<Item = usize> {
    (0..config.processes()).filter(move |&x| match memory.entries[x].state {
        EntryState::Free => false,
        EntryState::Alive | EntryState::Dead => !memory.living(x),
        EntryState::Sweeping(by) if config.has(Bug::ParallelSweepers) => usize::from(by) != me,
        EntryState::Sweeping(by) => !memory.living(by.into()),
    })
}

/// Reads the word of a victim's entry and asks the kernel whether it (or its sweeper) is dead.
pub(super) fn choose(process: &mut Process, memory: &Memory, victim: usize) {
    process.target = victim as u8;
    process.entry = memory.entries[victim];
    process.step = Step::Sweep(Sweep::Claim);
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Sweep,
) -> Result<(), Violation> {
    let goto = |sweep| Step::Sweep(sweep);
    let victim = usize::from(process.target);
    process.step = match step {
        Sweep::Hunt => goto(Sweep::Hunt),
        Sweep::Claim if memory.entries[victim] == process.entry => {
            memory.entries[victim].state = EntryState::Sweeping(me as u8);
            process.entry = Process::absent().entry;
            goto(Sweep::RaiseEpoch)
        }
        Sweep::Claim => {
            process.restart(goto(Sweep::Hunt));
            goto(Sweep::Hunt)
        }
        Sweep::RaiseEpoch => {
            memory.epoch += 1;
            goto(Sweep::Slot)
        }
        Sweep::Slot if process.count == config.capacity => {
            process.count = 0;
            goto(if process.found {
                Sweep::ClearConsumer
            } else {
                Sweep::FreeBlock
            })
        }
        Sweep::Slot => {
            let slot = memory.slots[usize::from(process.count)];
            let late = config.has(Bug::FreeBeforeReturn) && !process.found;
            if slot.is_taken_by(victim) && !late {
                process.word = slot;
                goto(Sweep::Return)
            } else if slot.state != SlotState::Empty && !slot.is_taken_by(victim) {
                reach(config, process, slot.block)
            } else {
                process.count += 1;
                goto(Sweep::Slot)
            }
        }
        Sweep::Return => {
            let slot = &mut memory.slots[usize::from(process.count)];
            let taken = process.word;
            process.forget_slot();
            if *slot == taken {
                *slot = Slot::ready(taken.turn, taken.block);
                reach(config, process, taken.block)
            } else {
                goto(Sweep::Slot)
            }
        }
        // The block may have been freed and reused since the slot was read. Then its owner took
        // the whole message over before that, and nothing here is the victim's any more: what
        // is read can only be too much, and the walk is bounded by the length of a message.
        Sweep::Follow => {
            let next = memory.blocks[usize::from(process.cursor)].next;
            process.reached |= if next == NOTHING { 0 } else { 1 << next };
            process.cursor = NOTHING;
            process.count += 1;
            goto(Sweep::Slot)
        }
        Sweep::FreeBlock => free_block(config, memory, process, victim)?,
        Sweep::ClearConsumer => {
            memory.consumers &= !(1 << victim);
            goto(Sweep::ClearProducer)
        }
        Sweep::ClearProducer => {
            memory.producers &= !(1 << victim);
            goto(Sweep::RaiseEpochAgain)
        }
        Sweep::RaiseEpochAgain => {
            memory.epoch += 1;
            goto(if config.has(Bug::NoHandOver) {
                Sweep::Ring
            } else {
                Sweep::HandOver
            })
        }
        Sweep::HandOver => {
            let orphan = EntryState::Sweeping(victim as u8);
            match memory
                .entries
                .iter_mut()
                .find(|entry| entry.state == orphan)
            {
                Some(entry) => {
                    entry.state = EntryState::Dead;
                    goto(Sweep::HandOver)
                }
                None if config.has(Bug::NoRingAll) => goto(Sweep::Release),
                None => goto(Sweep::Ring),
            }
        }
        Sweep::Ring => ring(config, memory, process),
        Sweep::RingWake => {
            memory.bells[usize::from(process.count)].wake(on_pipe(config, process.count));
            process.count += 1;
            goto(Sweep::Ring)
        }
        Sweep::Release => {
            let entry = &mut memory.entries[victim];
            if entry.state == EntryState::Sweeping(me as u8) {
                entry.state = EntryState::Free;
                entry.generation += u8::from(!config.has(Bug::NoGeneration));
            }
            process.restart(goto(Sweep::Hunt));
            goto(Sweep::Hunt)
        }
    };
    Ok(())
}

fn reach(config: &Config, process: &mut Process, block: u8) -> Step {
    process.reached |= 1 << block;
    if config.chain == 2 {
        process.cursor = block;
        Step::Sweep(Sweep::Follow)
    } else {
        process.count += 1;
        Step::Sweep(Sweep::Slot)
    }
}

// One CAS per block from the victim to free. Blocks that are not the victim's are passed over in
// the same step: they can never become the victim's again, so the order of looking is immaterial.
fn free_block(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    victim: usize,
) -> Result<Step, Violation> {
    let reachable = blocks::reachable(config, memory);
    let mut candidates = memory.blocks.iter_mut().enumerate();
    let unreached = candidates.find(|(block, words)| {
        usize::from(words.owner) == victim && process.reached & 1 << block == 0
    });
    if let Some((block, words)) = unreached {
        if reachable & 1 << block != 0 && !config.has(Bug::FreeBeforeReturn) {
            let detail = format!("block {block} is swept but still in the queue");
            return Err(Violation::new(Kind::FreedInUse, detail));
        }
        *words = Block {
            next: words.next,
            ..Block::FREE
        };
        return Ok(Step::Sweep(Sweep::FreeBlock));
    }
    process.reached = 0;
    if config.has(Bug::FreeBeforeReturn) {
        process.found = true;
        return Ok(Step::Sweep(Sweep::Slot));
    }
    Ok(Step::Sweep(Sweep::ClearConsumer))
}

// Rings everybody: the dead may have owed anybody a wake. Sweepers and the dead sleep on nothing.
fn ring(config: &Config, memory: &mut Memory, process: &mut Process) -> Step {
    let others = process.count.into()..config.processes();
    let next = others
        .into_iter()
        .find(|&p| memory.living(p) && !config.is_sweeper(p));
    let Some(next) = next else {
        process.count = 0;
        return Step::Sweep(Sweep::Release);
    };
    process.count = next as u8;
    let bell = &mut memory.bells[next];
    bell.add();
    let armed = std::mem::take(&mut bell.armed);
    if on_pipe(config, process.count) && !armed && config.has(Bug::RingAllTrustsArmed) {
        process.count += 1;
        return Step::Sweep(Sweep::Ring);
    }
    Step::Sweep(Sweep::RingWake)
}
