//! Taking an item, and saying that its task is done.

use super::count::Tally;
use super::memory::{Hand, Memory, NOTHING, Slot};
use super::process::{Process, Resume, Step};
use super::tell;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Take {
    Claim,
    /// The block belongs to the consumer.
    Adopt,
    /// The word says what it is taking, and what `got` will be then.
    Hand,
    /// It counts as got.
    Count,
    /// The slot is empty: from now on nobody else gets the item.
    Deliver,
    Settle,
    FreeBlock,
    /// The accounts are read: is any task unfinished?
    Allow,
    Done,
}

pub(super) fn step(
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Take,
) -> Result<(), Violation> {
    let item = usize::from(process.item);
    let next = match step {
        Take::Claim => {
            for (index, slot) in memory.slots.iter_mut().enumerate() {
                if let Slot::Ready(item) = *slot {
                    *slot = Slot::Taken { by: me as u8, item };
                    process.item = item;
                    process.slot = index as u8;
                    break;
                }
            }
            Take::Adopt
        }
        Take::Adopt => {
            memory.owners[item] = me as u8;
            Take::Hand
        }
        Take::Hand => {
            memory.hand[me] = Hand {
                target: memory.work[me].got + 1,
                item: process.item,
            };
            Take::Count
        }
        Take::Count => {
            memory.work[me].got += 1;
            Take::Deliver
        }
        Take::Deliver => {
            memory.slots[usize::from(process.slot)] = Slot::Absent;
            process.slot = 0;
            if memory.delivered[item] != NOTHING {
                let detail = format!("item {item} is delivered again");
                return Err(Violation::new(Kind::Duplicate, detail));
            }
            memory.delivered[item] = me as u8;
            Take::Settle
        }
        Take::Settle => {
            memory.hand[me] = Hand::EMPTY;
            Take::FreeBlock
        }
        Take::FreeBlock => {
            memory.owners[item] = NOTHING;
            process.tally = Some(Tally::START);
            Take::Allow
        }
        Take::Allow => Take::Done,
        Take::Done => {
            memory.work[me].done += 1;
            memory.finished |= 1 << item;
            process.item = NOTHING;
            tell::begin(process, Resume::Take);
            return memory.check_accounts();
        }
    };
    process.step = Step::Take(next);
    Ok(())
}

/// The accounts are read.
pub(super) fn counted(process: &mut Process, me: usize, unfinished: i8) -> Result<(), Violation> {
    if unfinished <= 0 {
        let detail = format!("{me} may not say that item {} is done", process.item);
        return Err(Violation::new(Kind::Miscount, detail));
    }
    process.step = Step::Take(Take::Done);
    Ok(())
}
