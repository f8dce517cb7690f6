//! Putting: a private chain of blocks becomes a message by one CAS of a slot word.

use super::Config;
use super::blocks;
use super::memory::{Memory, NOTHING, Slot, SlotState};
use super::process::{Process, Side, Step};
use super::ring::Ring;
use super::sleep;
use crate::bug::Bug;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Put {
    /// Choose the next message and claim its last block.
    Next,
    /// Claim the block in front.
    Claim,
    LoadTail,
    LoadSlot,
    Publish,
    HelpTail,
    ConfirmFull,
    HelpOwnTail,
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Put,
) -> Result<(), Violation> {
    let goto = |put| Step::Put(put);
    process.step = match step {
        Put::Next => {
            process.left -= 1;
            let index = config.messages - 1 - process.left;
            process.message = me as u8 * config.messages + index;
            process.block = blocks::claim(config, memory, me, process.message, NOTHING)?;
            goto(if config.chain == 2 {
                Put::Claim
            } else {
                Put::LoadTail
            })
        }
        Put::Claim => {
            process.block = blocks::claim(config, memory, me, process.message, process.block)?;
            goto(Put::LoadTail)
        }
        Put::LoadTail => {
            process.ticket = memory.tail;
            goto(Put::LoadSlot)
        }
        Put::LoadSlot => {
            let (index, turn) = Memory::place(config, process.ticket);
            let slot = memory.slots[index];
            if slot.turn == turn && slot.state == SlotState::Empty {
                process.word = slot;
                goto(Put::Publish)
            } else if slot.turn >= turn {
                goto(Put::HelpTail)
            } else if slot.turn + 1 == turn {
                goto(Put::ConfirmFull)
            } else {
                return Err(Violation::new(
                    Kind::Corrupt,
                    "a slot is two turns behind tail",
                ));
            }
        }
        Put::Publish => {
            let (index, turn) = Memory::place(config, process.ticket);
            let expected = process.word;
            process.forget_slot();
            if memory.slots[index] == expected {
                memory.slots[index] = Slot::ready(turn, process.block);
                memory.published |= 1 << process.message;
                process.message = NOTHING;
                process.block = NOTHING;
                goto(Put::HelpOwnTail)
            } else {
                goto(Put::LoadTail)
            }
        }
        Put::HelpTail => {
            if memory.tail == process.ticket {
                memory.tail += 1;
            }
            goto(Put::LoadTail)
        }
        Put::ConfirmFull => {
            if memory.tail == process.ticket {
                process.ticket = 0;
                sleep::begin(config, me)
            } else {
                goto(Put::LoadTail)
            }
        }
        Put::HelpOwnTail => {
            if memory.tail == process.ticket {
                memory.tail += 1;
            }
            process.ticket = 0;
            process.side = Side::Consumers;
            if config.has(Bug::NoWakeAfterPut) {
                goto(Put::Next)
            } else {
                Step::Ring(Ring::LoadBits)
            }
        }
    };
    Ok(())
}

/// What a look at the slot under tail says.
pub(super) fn has_room(config: &Config, memory: &Memory, ticket: u8) -> bool {
    let (index, turn) = Memory::place(config, ticket);
    memory.slots[index].turn >= turn
}

/// Where a producer goes on once it has rung.
pub(super) fn after_ring(process: &mut Process) {
    if process.leaving {
        // It keeps the message it could not put.
        process.step = Step::Gone;
    } else {
        process.restart(Step::Put(Put::Next));
    }
}
