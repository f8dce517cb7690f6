//! Putting: `put_unbounded`, `Ring::put`, and what a producer does at its end.

use super::Config;
use super::chain::{self, Context, Found};
use super::memory::{Content, Handle, Memory, Slot};
use super::process::{Process, Step};
use crate::bug::Bug;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Put {
    /// Is the queue shut?
    Flag,
    LoadInto,
    LoadTail,
    LoadSlot,
    /// The CAS that publishes.
    Publish,
    /// The hint goes on: after an own item,
    Advance,
    /// or for somebody else.
    Help,
    /// The word of the queue goes on to the next segment.
    Into,
    Wake,
    /// It has the pipe no longer.
    LetGo,
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Put,
) -> Result<(), Violation> {
    let next = match step {
        Put::Flag if memory.shut => {
            leave(config, process);
            return Ok(());
        }
        Put::Flag => Put::LoadInto,
        Put::LoadInto => {
            process.segment = memory.put_into;
            Put::LoadTail
        }
        Put::LoadTail => {
            process.hint = memory.at(process.segment).tail;
            if process.hint.turn != process.segment.turn {
                process.forget();
                chain::begin(process, Context::Put);
                return Ok(());
            }
            Put::LoadSlot
        }
        Put::LoadSlot => {
            let slot = memory.at(process.segment).slots[usize::from(process.hint.index)];
            match slot.is {
                Content::Closed => {
                    leave(config, process);
                    return Ok(());
                }
                Content::Empty if slot.turn == process.hint.turn => {
                    process.slot = slot;
                    Put::Publish
                }
                _ => Put::Help,
            }
        }
        Put::Publish => {
            let Process { hint, item, .. } = *process;
            let expected = process.slot;
            let slot = &mut memory.at_mut(process.segment).slots[usize::from(hint.index)];
            process.slot = Slot::empty(0);
            if *slot == expected {
                slot.is = Content::Ready(item);
                memory.published |= 1 << item;
                if memory.ended {
                    let detail = format!("item {item} was put behind the end");
                    return Err(Violation::new(Kind::EndedEarly, detail));
                }
                Put::Advance
            } else {
                process.forget();
                Put::LoadTail
            }
        }
        Put::Advance | Put::Help => {
            let hint = process.hint;
            let tail = &mut memory.at_mut(process.segment).tail;
            if *tail == hint {
                *tail = hint.next(config);
            }
            process.forget();
            if step == Put::Advance {
                process.segment = Handle::NONE;
                Put::Wake
            } else {
                Put::LoadTail
            }
        }
        Put::Into => {
            if memory.put_into == process.segment {
                memory.put_into = process.other;
            }
            process.other = Handle::NONE;
            Put::LoadInto
        }
        Put::Wake => {
            memory.wake_one(me);
            process.item += 1;
            if process.item == (me as u8 + 1) * config.items {
                leave(config, process);
                return Ok(());
            }
            Put::Flag
        }
        Put::LetGo => {
            memory.writers &= !(1 << me);
            let last = memory.writers == 0 && !config.has(Bug::WriterLeavesSilently);
            *process = Process::at(if last { Step::Shut } else { Step::Over });
            return Ok(());
        }
    };
    process.step = Step::Put(next);
    Ok(())
}

/// What comes after the segment that is used up.
pub(super) fn after(process: &mut Process, found: Found) {
    match found {
        // `append_segment` looks once more.
        Found::Nothing => chain::begin(process, Context::Append),
        Found::Segment => process.step = Step::Put(Put::Into),
        Found::Closed => *process = Process::at(Step::Put(Put::LetGo)),
        Found::Stale => process.step = Step::Put(Put::LoadInto),
    }
}

/// `publish` begins anew.
pub(super) fn again(process: &mut Process) {
    let item = process.item;
    *process = Process::at(Step::Put(Put::Flag));
    process.item = item;
}

fn leave(config: &Config, process: &mut Process) {
    *process = Process::at(if config.pipe {
        Step::Put(Put::LetGo)
    } else {
        Step::Over
    });
}
