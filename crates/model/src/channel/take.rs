//! Taking: mark the slot, become the owner of the message's blocks, then empty the slot.

use super::Config;
use super::blocks;
use super::memory::{Memory, NOTHING, Slot, SlotState};
use super::process::{Process, Side, Step};
use super::ring::Ring;
use super::sleep;
use crate::bug::Bug;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Take {
    /// Has an owner died since somebody last looked behind head?
    LoadEpoch,
    ScanHead,
    /// Look at the slot `count` places behind head.
    Scan,
    ClaimBehind,
    MarkScanned,
    LoadHead,
    LoadSlot,
    ConfirmEmpty,
    ClaimReady,
    /// The message under head is being taken by another (or has been): move head on for it.
    HelpHead,
    /// Was the message that head has just been moved past given back meanwhile?
    LookHelped,
    HelpOwnHead,
    /// Become the owner of the block at the cursor.
    Adopt,
    Finish,
    /// Give back the block at the cursor.
    Free,
    /// Anything left for another consumer?
    AfterEpoch,
    AfterHead,
    AfterSlot,
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
        // Two loads taken as one: `epoch_done` only takes values that `epoch` had, so reading
        // them apart can add no more than a spurious look.
        Take::LoadEpoch => {
            if memory.epoch == memory.epoch_done {
                goto(Take::LoadHead)
            } else {
                process.epoch = memory.epoch;
                goto(Take::ScanHead)
            }
        }
        Take::ScanHead => {
            process.ticket = memory.head;
            process.count = config.capacity.min(memory.head);
            goto(Take::Scan)
        }
        Take::Scan if process.count == 0 => {
            process.ticket = 0;
            goto(if process.found {
                Take::LoadHead
            } else {
                Take::MarkScanned
            })
        }
        Take::Scan => {
            let (index, turn) = Memory::place(config, process.ticket - process.count);
            let slot = memory.slots[index];
            if slot.turn == turn && slot.state == SlotState::Ready {
                process.word = slot;
                goto(Take::ClaimBehind)
            } else {
                process.count -= 1;
                goto(Take::Scan)
            }
        }
        Take::ClaimBehind => {
            let ticket = process.ticket - process.count;
            if take(config, memory, process, me, ticket)? {
                process.count = 0;
                process.epoch = 0;
                process.found = false;
                goto(Take::Adopt)
            } else {
                // Somebody else took it, and may yet die: this look cannot vouch for the epoch.
                process.found = true;
                process.count -= 1;
                goto(Take::Scan)
            }
        }
        Take::MarkScanned => {
            memory.epoch_done = memory.epoch_done.max(process.epoch);
            goto(Take::LoadHead)
        }
        Take::LoadHead => {
            process.epoch = 0;
            process.found = false;
            process.ticket = memory.head;
            goto(Take::LoadSlot)
        }
        Take::LoadSlot => {
            let (index, turn) = Memory::place(config, process.ticket);
            let slot = memory.slots[index];
            if slot.turn < turn || (slot.turn == turn && slot.state == SlotState::Empty) {
                goto(Take::ConfirmEmpty)
            } else if slot.turn == turn && slot.state == SlotState::Ready {
                process.word = slot;
                goto(Take::ClaimReady)
            } else {
                goto(Take::HelpHead)
            }
        }
        Take::ConfirmEmpty => {
            if memory.head == process.ticket {
                process.ticket = 0;
                sleep::begin(config, me)
            } else {
                goto(Take::LoadHead)
            }
        }
        Take::ClaimReady => {
            let ticket = process.ticket;
            if take(config, memory, process, me, ticket)? {
                goto(Take::HelpOwnHead)
            } else {
                goto(Take::LoadHead)
            }
        }
        Take::HelpHead => {
            help(memory, process.ticket);
            goto(if config.has(Bug::LateHelp) {
                Take::LoadHead
            } else {
                Take::LookHelped
            })
        }
        // This help may come so late that the taker was swept meanwhile and others have already
        // looked behind the old head in vain: nobody but this process would find the message.
        Take::LookHelped => {
            let (index, turn) = Memory::place(config, process.ticket);
            let slot = memory.slots[index];
            if slot.turn == turn && slot.state == SlotState::Ready {
                process.word = slot;
                goto(Take::ClaimReady)
            } else {
                goto(Take::LoadHead)
            }
        }
        Take::HelpOwnHead => {
            help(memory, process.ticket);
            goto(Take::Adopt)
        }
        Take::Adopt if config.has(Bug::NoAdoption) => {
            process.cursor = NOTHING;
            goto(Take::Finish)
        }
        Take::Adopt => {
            let block = &mut memory.blocks[usize::from(process.cursor)];
            block.owner = me as u8;
            process.cursor = block.next;
            goto(if process.cursor == NOTHING {
                Take::Finish
            } else {
                Take::Adopt
            })
        }
        Take::Finish => {
            finish(config, memory, process)?;
            goto(Take::Free)
        }
        Take::Free => {
            // The next word is read before the block is given back.
            let next = memory.blocks[usize::from(process.block)].next;
            blocks::free(memory, process.block, process.message)?;
            process.block = next;
            if next == NOTHING {
                process.message = NOTHING;
            }
            if next != NOTHING {
                goto(Take::Free)
            } else if config.has(Bug::NoWakeAfterTake) {
                goto(Take::AfterEpoch)
            } else {
                process.side = Side::Producers;
                Step::Ring(Ring::LoadBits)
            }
        }
        Take::AfterEpoch if memory.epoch != memory.epoch_done => pass_on(process),
        Take::AfterEpoch => goto(Take::AfterHead),
        Take::AfterHead => {
            process.ticket = memory.head;
            goto(Take::AfterSlot)
        }
        Take::AfterSlot => {
            let more = holds_message(config, memory, process.ticket);
            process.ticket = 0;
            if more {
                pass_on(process)
            } else {
                over(process);
                process.step
            }
        }
    };
    Ok(())
}

fn pass_on(process: &mut Process) -> Step {
    process.side = Side::Consumers;
    Step::Ring(Ring::LoadBits)
}

fn help(memory: &mut Memory, ticket: u8) {
    if memory.head == ticket {
        memory.head += 1;
    }
}

/// CAS of the slot word from what was read to TAKEN(me).
fn take(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    ticket: u8,
) -> Result<bool, Violation> {
    let (index, _) = Memory::place(config, ticket);
    let expected = process.word;
    process.forget_slot();
    if memory.slots[index] != expected {
        return Ok(false);
    }
    let taken = expected.taken(me);
    memory.slots[index] = taken;
    let message = memory.blocks[usize::from(taken.block)].message;
    if message == NOTHING {
        return Err(Violation::new(
            Kind::FreedInUse,
            "the message taken is in a free block",
        ));
    }
    // First deliveries of one producer keep their order; only a redelivery may come late.
    let producer = message / config.messages * config.messages;
    let earlier = ((1 << message) - (1 << producer)) & memory.published;
    if memory.taken & 1 << message == 0 && earlier & !memory.taken != 0 {
        let detail = format!("message {message} overtakes one of the same producer");
        return Err(Violation::new(Kind::Order, detail));
    }
    memory.taken |= 1 << message;
    process.ticket = ticket;
    process.word = taken;
    process.block = taken.block;
    process.cursor = taken.block;
    Ok(true)
}

/// CAS of the slot word from TAKEN(me) to empty in the next turn: the message is delivered.
fn finish(config: &Config, memory: &mut Memory, process: &mut Process) -> Result<(), Violation> {
    let (index, turn) = Memory::place(config, process.ticket);
    if memory.slots[index] != process.word {
        return Err(Violation::new(
            Kind::Corrupt,
            "a slot was taken from a living consumer",
        ));
    }
    memory.slots[index] = Slot::empty(turn + 1);
    let message = memory.blocks[usize::from(process.block)].message;
    let mut block = process.block;
    let mut length = 0;
    while block != NOTHING {
        if memory.blocks[usize::from(block)].message != message || message == NOTHING {
            let detail = format!("block {block} of message {message} has other contents");
            return Err(Violation::new(Kind::FreedInUse, detail));
        }
        length += 1;
        block = memory.blocks[usize::from(block)].next;
    }
    if length != config.chain || memory.published & 1 << message == 0 {
        return Err(Violation::new(
            Kind::Corrupt,
            format!("message {message} is not whole"),
        ));
    }
    if memory.delivered & 1 << message != 0 {
        return Err(Violation::new(
            Kind::Duplicate,
            format!("message {message} comes twice"),
        ));
    }
    memory.delivered |= 1 << message;
    process.message = message;
    process.forget_slot();
    process.ticket = 0;
    Ok(())
}

/// What a look at the slot under head says.
pub(super) fn holds_message(config: &Config, memory: &Memory, ticket: u8) -> bool {
    let (index, turn) = Memory::place(config, ticket);
    let slot = memory.slots[index];
    slot.turn > turn || (slot.turn == turn && slot.state != SlotState::Empty)
}

/// The next round of a consumer, or its end if it only passed on a wake.
pub(super) fn over(process: &mut Process) {
    let step = if process.leaving {
        Step::Gone
    } else {
        Step::Take(Take::LoadEpoch)
    };
    process.restart(step);
}

/// Where a consumer goes on once it has rung.
pub(super) fn after_ring(process: &mut Process) {
    match process.side {
        Side::Producers => {
            process.side = Side::Consumers;
            process.target = NOTHING;
            process.step = Step::Take(Take::AfterEpoch);
        }
        Side::Consumers => over(process),
    }
}
