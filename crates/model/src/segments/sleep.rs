//! Sleeping until there is something to take, or the end: `wait_slice`.

use super::Config;
use super::memory::{Content, Handle, Link, Memory};
use super::process::{Process, Step};
use super::take::Take;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sleep {
    /// Read the own bell, then set the own bit, in one step.
    SetBit,
    /// Is there anything to take, or the end? One step: what changes after the bit is set rings.
    Look,
    Doze,
    ClearBit,
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Sleep,
) {
    let next = match step {
        Sleep::SetBit => {
            memory.waiters |= 1 << me;
            memory.bells.watch(me);
            Sleep::Look
        }
        Sleep::Look if is_ready(config, memory) => Sleep::ClearBit,
        Sleep::Look => Sleep::Doze,
        Sleep::Doze => Sleep::ClearBit,
        Sleep::ClearBit => {
            memory.waiters &= !(1 << me);
            memory.bells.forget(me);
            *process = Process::at(Step::Take(Take::Flag));
            return;
        }
    };
    process.step = Step::Sleep(next);
}

/// `Queue::ready`; of a pipe also whether all producers have gone and nobody has said so.
pub(super) fn is_ready(config: &Config, memory: &Memory) -> bool {
    let lost = config.pipe && memory.writers == 0 && !memory.shut;
    lost || memory.epoch != memory.epoch_done
        || message_ready(memory)
        || (memory.shut && !memory.any_full())
}

fn message_ready(memory: &Memory) -> bool {
    let mut handle = memory.take_from;
    loop {
        let segment = memory.at(handle);
        if segment.turn != handle.turn {
            return true;
        }
        if segment.head.turn == handle.turn {
            let slot = segment.slots[usize::from(segment.head.index)];
            let empty = slot.turn == handle.turn && slot.is == Content::Empty;
            return !empty && slot.is != Content::Closed;
        }
        let Link::Block(block) = segment.next else {
            return false;
        };
        let turn = memory.segments[usize::from(block)].turn;
        handle = Handle { turn, block };
    }
}
