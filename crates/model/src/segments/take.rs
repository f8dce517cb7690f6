//! Taking: `Queue::take`, `take_next`, `Ring::take`, `finish`.

use super::Config;
use super::chain::{self, Context, Found};
use super::end::{self, Seen};
use super::memory::{Content, Handle, Memory, Slot};
use super::process::{Process, Step};
use super::retire;
use super::sleep;
use super::walk::{self, Purpose};
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Take {
    /// Is the queue shut?
    Flag,
    /// Two loads taken as one: `epoch_done` only takes values that `epoch` had.
    Epoch,
    /// Nothing is behind head any more.
    MarkLooked,
    LoadFrom,
    LoadHead,
    LoadSlot,
    ConfirmEmpty,
    Claim,
    Advance,
    Help,
    /// The taker was swept meanwhile?
    LookHelped,
    /// The word of the queue goes on to the next segment.
    From,
    /// Nothing is there: is this the end?
    Judge(Seen),
    /// It is: whoever learns of the end tells the next one who waits.
    End,
    /// Only with a bug: nothing was there when all producers had gone.
    Lost,
    /// Delivered.
    Finish,
    /// If there is more, somebody else is woken.
    PassOn,
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Take,
) -> Result<(), Violation> {
    let goto = |take| Step::Take(take);
    process.step = match step {
        Take::Flag => {
            process.shut = memory.shut;
            goto(Take::Epoch)
        }
        Take::Epoch if memory.epoch == memory.epoch_done => goto(Take::LoadFrom),
        Take::Epoch => {
            process.epoch = memory.epoch;
            walk::begin(process, Purpose::Behind);
            return Ok(());
        }
        Take::MarkLooked => {
            memory.epoch_done = memory.epoch_done.max(process.epoch);
            process.epoch = 0;
            goto(Take::LoadFrom)
        }
        Take::LoadFrom => {
            process.segment = memory.take_from;
            goto(Take::LoadHead)
        }
        Take::LoadHead => {
            process.hint = memory.at(process.segment).head;
            if process.hint.turn != process.segment.turn {
                process.forget();
                chain::begin(process, Context::Take);
                return Ok(());
            }
            goto(Take::LoadSlot)
        }
        Take::LoadSlot => {
            let slot = memory.at(process.segment).slots[usize::from(process.hint.index)];
            let same = slot.turn == process.hint.turn;
            match slot.is {
                Content::Closed => end::nothing(process, Seen::Closed),
                Content::Ready(_) if same => {
                    process.slot = slot;
                    goto(Take::Claim)
                }
                Content::Empty if same => goto(Take::ConfirmEmpty),
                _ => goto(Take::Help),
            }
        }
        Take::ConfirmEmpty if memory.at(process.segment).head == process.hint => {
            end::nothing(process, Seen::Empty)
        }
        Take::ConfirmEmpty => {
            process.forget();
            goto(Take::LoadHead)
        }
        Take::Claim => {
            let index = process.hint.index;
            if process.claim(memory, me, index) {
                check_order(config, memory, process.item)?;
                process.slot = Slot::empty(0);
                goto(Take::Advance)
            } else {
                process.forget();
                goto(Take::LoadHead)
            }
        }
        Take::Advance | Take::Help => {
            let hint = process.hint;
            let head = &mut memory.at_mut(process.segment).head;
            if *head == hint {
                *head = hint.next(config);
            }
            if step == Take::Advance {
                got(process);
                return Ok(());
            }
            goto(Take::LookHelped)
        }
        Take::LookHelped => {
            let Process { hint, segment, .. } = *process;
            let slot = memory.at(segment).slots[usize::from(hint.index)];
            if slot.turn == hint.turn && matches!(slot.is, Content::Ready(_)) {
                // `take_at`: head has passed it, so that nothing is advanced after the claim; one
                // that is advanced once more does not move.
                process.slot = slot;
                goto(Take::Claim)
            } else {
                process.forget();
                goto(Take::LoadHead)
            }
        }
        Take::From => {
            if memory.take_from == process.segment {
                memory.take_from = process.other;
            }
            process.other = Handle::NONE;
            process.used_up = true;
            goto(Take::LoadFrom)
        }
        Take::Judge(seen) => {
            end::judge(config, memory, process, seen);
            return Ok(());
        }
        Take::End | Take::Lost => return end::tell(memory, process, me),
        Take::Finish => {
            let Process { taken, item, .. } = *process;
            let slot = process.taken_slot(memory);
            if slot.is != Content::Taken(me as u8, item) {
                let detail = format!("item {item} was taken from {me}");
                return Err(Violation::new(Kind::Corrupt, detail));
            }
            *slot = Slot::empty(taken.turn + 1);
            if memory.delivered & 1 << item != 0 {
                let detail = format!("item {item} comes twice");
                return Err(Violation::new(Kind::Duplicate, detail));
            }
            memory.delivered |= 1 << item;
            *process = Process::at(goto(Take::PassOn));
            return Ok(());
        }
        Take::PassOn => {
            if sleep::is_ready(config, memory) {
                memory.wake_one(me);
            }
            goto(Take::Flag)
        }
    };
    Ok(())
}

/// What comes after the segment that is used up.
pub(super) fn after(process: &mut Process, found: Found) {
    process.step = match found {
        Found::Nothing => end::nothing(process, Seen::Empty),
        Found::Closed => end::nothing(process, Seen::Closed),
        Found::Segment => Step::Take(Take::From),
        Found::Stale => Step::Take(Take::LoadFrom),
    };
}

/// A message was taken: what is used up is retired before it is delivered.
pub(super) fn got(process: &mut Process) {
    process.forget();
    process.segment = Handle::NONE;
    process.shut = false;
    process.found = false;
    process.epoch = 0;
    process.at = 0;
    if process.used_up {
        retire::begin(process);
    } else {
        process.step = Step::Take(Take::Finish);
    }
}

/// Retired.
pub(super) fn goes_on(config: &Config, memory: &Memory, process: &mut Process) {
    process.segment = Handle::NONE;
    process.other = Handle::NONE;
    process.used_up = false;
    process.at = 0;
    if process.taken == Handle::NONE {
        end::wait(config, memory, process);
    } else {
        process.step = Step::Take(Take::Finish);
    }
}

/// First deliveries of one producer keep their order; only a redelivery may come late.
pub(super) fn check_order(config: &Config, memory: &mut Memory, item: u8) -> Result<(), Violation> {
    let first = item / config.items * config.items;
    let earlier = ((1 << item) - (1 << first)) & memory.published;
    if memory.taken & 1 << item == 0 && earlier & !memory.taken != 0 {
        let detail = format!("item {item} overtakes one of the same producer");
        return Err(Violation::new(Kind::Order, detail));
    }
    memory.taken |= 1 << item;
    Ok(())
}
