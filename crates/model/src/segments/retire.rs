//! Freeing the oldest segments as far as everything in them is finished: `retire_segments`, `end_segment`.

use super::Config;
use super::append;
use super::chain::{self, Context};
use super::memory::{Content, Handle, Life, Memory, Slot};
use super::process::{Process, Step};
use super::take;
use super::walk::{self, Purpose};
use crate::bug::Bug;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Retire {
    /// Are consumers beyond it?
    TakeFrom,
    /// Is every slot finished? One after the other.
    Finished,
    /// Producers are beyond it from here on.
    Into,
    /// It lives, at the latest now,
    Live,
    /// and dies, by one of those who retire it.
    Dying,
    /// The word of the queue goes on.
    Oldest,
    Free,
}

pub(super) fn begin(process: &mut Process) {
    process.shut = false;
    walk::begin(process, Purpose::Oldest);
}

pub(super) fn end(config: &Config, memory: &Memory, process: &mut Process) {
    take::goes_on(config, memory, process);
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Retire,
) -> Result<(), Violation> {
    let handle = process.segment;
    let next = match step {
        Retire::TakeFrom if memory.take_from == handle => {
            end(config, memory, process);
            return Ok(());
        }
        Retire::TakeFrom => Retire::Finished,
        Retire::Finished => {
            let slot = memory.at(handle).slots[usize::from(process.at)];
            if slot != Slot::empty(handle.turn + 1) && !config.has(Bug::RetiresUnfinished) {
                end(config, memory, process);
                return Ok(());
            }
            process.at += 1;
            if usize::from(process.at) == config.slots {
                process.at = 0;
                chain::begin(process, Context::Retire);
                return Ok(());
            }
            Retire::Finished
        }
        Retire::Into => {
            if memory.put_into == handle {
                memory.put_into = process.other;
            }
            Retire::Live
        }
        Retire::Live => {
            let segment = memory.at_mut(handle);
            if segment.turn != handle.turn {
                return again(process);
            }
            if matches!(segment.life, Life::Building(_)) {
                segment.life = Life::Live;
            }
            Retire::Dying
        }
        Retire::Dying => {
            let segment = memory.at_mut(handle);
            if segment.turn != handle.turn || segment.life != Life::Live {
                return again(process);
            }
            segment.life = Life::Dying(me as u8);
            Retire::Oldest
        }
        Retire::Oldest => {
            if memory.oldest == handle {
                memory.oldest = process.other;
            }
            Retire::Free
        }
        Retire::Free => {
            free(config, memory, handle)?;
            return again(process);
        }
    };
    process.step = Step::Retire(next);
    Ok(())
}

/// And what comes after it?
fn again(process: &mut Process) -> Result<(), Violation> {
    process.other = Handle::NONE;
    walk::begin(process, Purpose::Oldest);
    Ok(())
}

/// The end of a segment: nothing may be in it, and no word of the queue may name it.
pub(super) fn free(config: &Config, memory: &mut Memory, handle: Handle) -> Result<(), Violation> {
    let used = |slot: &Slot| matches!(slot.is, Content::Ready(_) | Content::Taken(..));
    let words = [memory.oldest, memory.take_from, memory.put_into];
    if memory.at(handle).slots.iter().any(used) || words.contains(&handle) {
        let detail = format!("segment {}.{} is freed", handle.block, handle.turn);
        return Err(Violation::new(Kind::FreedInUse, detail));
    }
    append::free(config, memory, handle);
    Ok(())
}
