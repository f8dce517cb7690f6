//! Blocks: the owner word is the only truth about who may use one.

use super::memory::{Block, Memory, NOTHING};
use super::{Config, State};
use crate::violation::{Kind, Violation};

/// Claims a free block for `message`, in front of the chain that starts at `next`.
///
/// The search is not modelled: which free block a process finds makes no difference, and only
/// the CAS of the owner word from free to `me` decides. Writing the still private payload is
/// no step of its own either.
pub(super) fn claim(
    config: &Config,
    memory: &mut Memory,
    me: usize,
    message: u8,
    next: u8,
) -> Result<u8, Violation> {
    let free = (0..config.blocks()).find(|&block| memory.blocks[block].owner == NOTHING);
    let Some(found) = free else {
        return Err(Violation::new(
            Kind::Leak,
            "no free block though none should be in use",
        ));
    };
    if reachable(config, memory) & 1 << found != 0 {
        let detail = format!("block {found} is free but still in the queue");
        return Err(Violation::new(Kind::FreedInUse, detail));
    }
    memory.blocks[found] = Block {
        owner: me as u8,
        next,
        message,
    };
    Ok(found as u8)
}

/// Gives back a block of a taken message.
pub(super) fn free(memory: &mut Memory, block: u8, message: u8) -> Result<(), Violation> {
    if memory.blocks[usize::from(block)].message != message {
        let detail = format!("block {block} changed while the taker of message {message} had it");
        return Err(Violation::new(Kind::FreedInUse, detail));
    }
    // The next word stays: the sweeper may still read it. So does the payload, but a model of
    // the payload that stays would only make equal states look different.
    memory.blocks[usize::from(block)].owner = NOTHING;
    memory.blocks[usize::from(block)].message = NOTHING;
    Ok(())
}

/// Bitmap of the blocks that the slots lead to.
pub(super) fn reachable(config: &Config, memory: &Memory) -> u8 {
    let mut reached = 0;
    for slot in memory.used_slots(config) {
        let mut block = slot.block;
        while block != NOTHING && reached & 1 << block == 0 {
            reached |= 1 << block;
            block = memory.blocks[usize::from(block)].next;
        }
    }
    reached
}

/// Every owned block must be in the queue or with a living process that knows it.
pub(super) fn check(config: &Config, state: &State) -> Result<(), Violation> {
    let memory = &state.memory;
    let reached = reachable(config, memory);
    let mut held = 0;
    for (id, process) in state.processes.iter().enumerate() {
        let mut block = if memory.living(id) {
            process.block
        } else {
            NOTHING
        };
        while block != NOTHING {
            held |= 1 << block;
            block = memory.blocks[usize::from(block)].next;
        }
    }
    for (block, words) in memory.blocks.iter().enumerate() {
        if words.owner != NOTHING && (reached | held) & 1 << block == 0 {
            let detail = format!(
                "block {block} of {} is in no queue and in no hand",
                words.owner
            );
            return Err(Violation::new(Kind::Leak, detail));
        }
    }
    Ok(())
}
