//! Closing a queue that is shut and empty: `Queue::close`, `Segment::close`, `Ring::close`.

use super::memory::{Content, Handle, Link, Memory, Position, Slot};
use super::process::{Process, Step};
use super::take::Take;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Close {
    LoadFrom,
    /// Is the segment used up? Then nothing comes after it.
    LoadHead,
    Next,
    /// Else the slot is closed where the next item would go, if it is empty.
    LoadSlot,
    Slot,
}

pub(super) fn step(memory: &mut Memory, process: &mut Process, step: Close) {
    let handle = process.segment;
    let next = match step {
        Close::LoadFrom => {
            process.segment = memory.take_from;
            Close::LoadHead
        }
        Close::LoadHead => {
            let head = memory.at(handle).head;
            if head.turn == handle.turn {
                process.hint = head;
                Close::LoadSlot
            } else {
                Close::Next
            }
        }
        Close::Next => {
            let segment = memory.at_mut(handle);
            if segment.next_turn == handle.turn && segment.next == Link::Open {
                segment.next = Link::Closed;
            }
            return again(process);
        }
        Close::LoadSlot => {
            let Position { turn, index } = process.hint;
            let slot = memory.at(handle).slots[usize::from(index)];
            if slot != Slot::empty(turn) {
                return again(process);
            }
            process.slot = slot;
            Close::Slot
        }
        Close::Slot => {
            let slot = &mut memory.at_mut(handle).slots[usize::from(process.hint.index)];
            if *slot == process.slot {
                slot.is = Content::Closed;
            }
            return again(process);
        }
    };
    process.step = Step::Close(next);
}

/// The loop of `take` goes on.
fn again(process: &mut Process) {
    process.forget();
    process.segment = Handle::NONE;
    process.step = Step::Take(Take::Epoch);
}
