//! Telling those who wait: `Barrier::tell`.

use super::memory::{Memory, Process, Step};
use super::party::Party;
use super::sweep::Sweep;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Tell {
    /// There is one more change,
    Count,
    /// `wake_all`: the bitmap is emptied,
    Swap,
    /// and all who were in it are rung, one after the other.
    Ring,
}

/// Where the process goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Resume {
    /// With the end of its round.
    Round,
    Make,
    Sweep,
}

pub(super) fn begin(process: &mut Process, resume: Resume) {
    process.step = Step::Tell(Tell::Count);
    process.resume = resume;
}

pub(super) fn step(memory: &mut Memory, process: &mut Process, step: Tell) {
    match step {
        Tell::Count => {
            memory.changes += 1;
            process.step = Step::Tell(Tell::Swap);
        }
        Tell::Swap => {
            process.wakes = std::mem::take(&mut memory.waiters);
            process.step = Step::Tell(Tell::Ring);
        }
        Tell::Ring => {
            let next = process.wakes & process.wakes.wrapping_neg();
            if next != 0 {
                process.wakes &= !next;
                memory.bells.ring(next.trailing_zeros() as usize, false);
            }
        }
    }
    if process.step == Step::Tell(Tell::Ring) && process.wakes == 0 {
        resume(process, process.resume);
    }
}

pub(super) fn resume(process: &mut Process, resume: Resume) {
    process.resume = Resume::Round;
    process.step = match resume {
        Resume::Round => Step::Party(Party::GoOn),
        Resume::Make => {
            process.left -= 1;
            if process.left > 0 {
                Step::Make
            } else {
                Step::Over
            }
        }
        Resume::Sweep => Step::Sweep(Sweep::Creator),
    };
}
