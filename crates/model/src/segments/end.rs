//! The end of a queue: nothing is there, nobody has anything that may come back, and nothing can be put any more.

use super::Config;
use super::close::Close;
use super::memory::{Content, Handle, Memory, Slot};
use super::process::{Process, Step};
use super::retire;
use super::sleep::Sleep;
use super::take::Take;
use super::walk::{self, Purpose};
use crate::bug::Bug;
use crate::violation::{Kind, Violation};

/// What was where the next message was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Seen {
    Empty,
    Closed,
}

/// Nothing was there: this is the end, or may be, or is not.
pub(super) fn judge(config: &Config, memory: &mut Memory, process: &mut Process, seen: Seen) {
    let blind = config.has(Bug::EndIgnoresTaken);
    if seen == Seen::Empty && !process.shut {
        give_up(config, memory, process);
    } else if process.found && !blind {
        // Somebody has a message that may come back.
        process.found = false;
        give_up(config, memory, process);
    } else if seen == Seen::Closed || config.has(Bug::EndLeavesOpen) {
        *process = Process::at(Step::Take(Take::End));
    } else {
        process.found = false;
        process.used_up = false;
        process.step = Step::Close(Close::LoadFrom);
    }
}

/// There is nothing now: what is used up is retired, then the process waits, unless nobody puts any more.
fn give_up(config: &Config, memory: &Memory, process: &mut Process) {
    if process.used_up {
        process.found = false;
        retire::begin(process);
    } else {
        wait(config, memory, process);
    }
}

pub(super) fn wait(config: &Config, memory: &Memory, process: &mut Process) {
    let lost = config.pipe && memory.writers == 0;
    *process = Process::at(match (lost, memory.shut) {
        (true, _) if config.has(Bug::EndOfPipeByLooking) => Step::Take(Take::Lost),
        (true, false) => Step::Shut,
        _ => Step::Sleep(Sleep::SetBit),
    });
}

/// Neither is a message there nor will it come where it was looked for.
pub(super) fn nothing(process: &mut Process, seen: Seen) -> Step {
    process.forget();
    process.segment = Handle::NONE;
    if seen == Seen::Empty && !process.shut {
        return Step::Take(Take::Judge(seen));
    }
    process.slot = Slot {
        turn: 0,
        is: match seen {
            Seen::Empty => Content::Empty,
            Seen::Closed => Content::Closed,
        },
    };
    walk::begin(process, Purpose::Taken);
    process.step
}

/// All segments were looked at for messages that somebody has.
pub(super) fn counted(process: &mut Process) {
    let seen = match process.slot.is {
        Content::Closed => Seen::Closed,
        _ => Seen::Empty,
    };
    process.forget();
    process.segment = Handle::NONE;
    process.step = Step::Take(Take::Judge(seen));
}

/// `at_its_end`: whoever learns of the end tells the next one who waits.
pub(super) fn tell(memory: &mut Memory, process: &mut Process, me: usize) -> Result<(), Violation> {
    let left = memory.published & !memory.delivered;
    if left != 0 {
        let detail = format!("{me} is told of the end, {left:b} not delivered");
        return Err(Violation::new(Kind::EndedEarly, detail));
    }
    memory.ended = true;
    memory.wake_one(me);
    *process = Process::at(Step::Over);
    Ok(())
}
