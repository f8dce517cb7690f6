//! Joining: wait until no task is unfinished.

use super::Config;
use super::count::Tally;
use super::memory::Memory;
use super::process::{Process, Step};
use crate::bug::Bug;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Join {
    /// One more join; how often was zero seen until now?
    Begin,
    /// The accounts are read; was zero seen meanwhile?
    Look,
    /// Read the own bell, then set the own bit. Taken as one step: a ring in between would only
    /// keep the process awake.
    SetBit,
    /// The accounts are read once more; was zero seen meanwhile?
    LookAgain,
    Sleep,
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Join,
) -> Result<(), Violation> {
    let seen = memory.zeros.zeros != process.seen;
    let next = match step {
        Join::Begin => {
            memory.zeros.joins += 1;
            process.seen = memory.zeros.zeros;
            process.joins = true;
            process.tally = Some(Tally::START);
            Join::Look
        }
        Join::Look | Join::LookAgain if seen => return end(memory, process, me),
        Join::Look => Join::SetBit,
        Join::SetBit => {
            memory.joiners |= 1 << me;
            memory.rung &= !(1 << me);
            if config.has(Bug::NoJoinRecheck) {
                Join::Sleep
            } else {
                process.tally = Some(Tally::START);
                Join::LookAgain
            }
        }
        Join::LookAgain => Join::Sleep,
        Join::Sleep => {
            memory.rung &= !(1 << me);
            process.tally = Some(Tally::START);
            Join::Look
        }
    };
    process.step = Step::Join(next);
    Ok(())
}

/// The accounts are read.
pub(super) fn counted(
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Join,
    unfinished: i8,
) -> Result<(), Violation> {
    if unfinished <= 0 {
        return end(memory, process, me);
    }
    process.step = Step::Join(step);
    Ok(())
}

// Its bit may be left set: it is rung in vain then.
fn end(memory: &mut Memory, process: &mut Process, me: usize) -> Result<(), Violation> {
    if !process.saw_zero {
        let detail = format!("{me} was never there when no task was unfinished");
        return Err(Violation::new(Kind::JoinedEarly, detail));
    }
    memory.rung &= !(1 << me);
    *process = Process::absent();
    Ok(())
}
