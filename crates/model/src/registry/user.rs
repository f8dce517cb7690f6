//! Those who use a queue by a handle that may die under their hands.

use super::close::Close;
use super::table::{Block, Place, Registration, Slot, SlotState, Table};
use super::{Config, NOTHING, Process, Step};
use crate::bug::Bug;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Put {
    /// Learn of a living queue, and prepare a message for it.
    Open,
    Load,
    /// Is the queue still the same, now that the slot word is read?
    Verify,
    Publish,
    Ring,
    /// It could not be put.
    Discard,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Take {
    Open,
    Load,
    Verify,
    Claim,
    Adopt,
    Finish,
    Discard,
    /// Was the queue closing while this slot was taken? Then nobody else closes the slot.
    LookClosing,
    SetBit,
    Recheck,
    Doze,
    ClearBit,
    /// Somebody spent a wake on it: was that somebody of the next queue?
    PassOn,
}

pub(super) fn put(
    config: &Config,
    table: &mut Table,
    process: &mut Process,
    me: usize,
    step: Put,
) -> Result<(), Violation> {
    let goto = |put| Step::Put(put);
    let index = process.index;
    process.step = match step {
        Put::Open => {
            process.left -= 1;
            process.queue = table.registration;
            let free = table.blocks.iter().position(|block| block.owner == NOTHING);
            let Some(block) = free else {
                return Err(Violation::new(Kind::Leak, "no free block is left"));
            };
            process.block = block as u8;
            table.blocks[block] = Block {
                owner: me as u8,
                generation: process.queue.generation,
            };
            goto(Put::Load)
        }
        Put::Load if index == config.slots => goto(Put::Discard),
        Put::Load => {
            process.word = look(table, process)?;
            if process.word.state != SlotState::Empty {
                process.word = Slot::NEW;
                process.index += 1;
                goto(Put::Load)
            } else {
                goto(if config.has(Bug::StaleOperation) {
                    Put::Publish
                } else {
                    Put::Verify
                })
            }
        }
        Put::Verify if table.registration == process.queue => goto(Put::Publish),
        Put::Verify => goto(Put::Discard),
        Put::Publish => {
            let ready = Slot {
                state: SlotState::Ready(process.block),
                ..process.word
            };
            if table.replace(index, process.word, ready) {
                process.block = NOTHING;
                process.word = Slot::NEW;
                goto(Put::Ring)
            } else {
                process.word = Slot::NEW;
                goto(Put::Load)
            }
        }
        Put::Ring => {
            table.wake_one();
            reopen(process, goto(Put::Open));
            goto(Put::Open)
        }
        Put::Discard => {
            table.blocks[usize::from(process.block)].owner = NOTHING;
            reopen(process, goto(Put::Open));
            goto(Put::Open)
        }
    };
    Ok(())
}

pub(super) fn take(
    config: &Config,
    table: &mut Table,
    process: &mut Process,
    me: usize,
    step: Take,
) -> Result<(), Violation> {
    let goto = |take| Step::Take(take);
    let index = process.index;
    let bit = 1 << me;
    process.step = match step {
        Take::Open => {
            process.left -= 1;
            process.queue = table.registration;
            goto(Take::Load)
        }
        Take::Load if index == config.slots => {
            process.index = 0;
            goto(Take::SetBit)
        }
        Take::Load => {
            process.word = look(table, process)?;
            match process.word.state {
                SlotState::Ready(_) if config.has(Bug::StaleOperation) => goto(Take::Claim),
                SlotState::Ready(_) => goto(Take::Verify),
                SlotState::Closed => {
                    reopen(process, goto(Take::Open));
                    goto(Take::Open)
                }
                SlotState::Empty | SlotState::Taken(..) => {
                    process.word = Slot::NEW;
                    process.index += 1;
                    goto(Take::Load)
                }
            }
        }
        Take::Verify if table.registration == process.queue => goto(Take::Claim),
        Take::Verify => {
            reopen(process, goto(Take::Open));
            goto(Take::Open)
        }
        Take::Claim => {
            let seen = process.word;
            let block = seen.block().unwrap_or(NOTHING);
            let taken = Slot {
                state: SlotState::Taken(me as u8, block),
                ..seen
            };
            process.word = if table.replace(index, seen, taken) {
                taken
            } else {
                Slot::NEW
            };
            goto(if process.word == taken {
                Take::Adopt
            } else {
                Take::Load
            })
        }
        Take::Adopt => {
            process.block = process.word.block().unwrap_or(NOTHING);
            table.blocks[usize::from(process.block)].owner = me as u8;
            goto(Take::Finish)
        }
        Take::Finish => {
            let turn = process.word.turn + 1;
            if !table.replace(
                index,
                process.word,
                Slot {
                    turn,
                    state: SlotState::Empty,
                },
            ) {
                return Err(Violation::new(
                    Kind::Corrupt,
                    "a slot was taken from its consumer",
                ));
            }
            process.word = Slot::NEW;
            let meant = table.blocks[usize::from(process.block)].generation;
            if meant != process.queue.generation {
                let detail = format!("a message for queue {meant} comes out of another");
                return Err(Violation::new(Kind::Corrupt, detail));
            }
            goto(Take::Discard)
        }
        Take::Discard => {
            table.blocks[usize::from(process.block)].owner = NOTHING;
            process.block = NOTHING;
            goto(Take::LookClosing)
        }
        Take::LookClosing => {
            let Registration {
                place, generation, ..
            } = table.registration;
            if matches!(place, Place::Closing(_)) && generation == process.queue.generation {
                // From this slot on: those before are closed or somebody else's task.
                process.queue = table.registration;
                Step::Close(Close::Load)
            } else {
                process.index = 0;
                goto(Take::Load)
            }
        }
        Take::SetBit => {
            table.rung &= !bit;
            table.watched |= bit;
            table.waiting |= bit;
            goto(Take::Recheck)
        }
        Take::Recheck => {
            let gone = table.registration != process.queue && !config.has(Bug::StaleWait);
            let ready = |slot: Slot| slot.is_full() || slot.state == SlotState::Closed;
            let awake = gone || table.slots(config).any(ready);
            goto(if awake { Take::ClearBit } else { Take::Doze })
        }
        Take::Doze => {
            if table.rung & bit == 0 {
                table.asleep |= bit;
            }
            goto(Take::ClearBit)
        }
        Take::ClearBit => {
            let spent = table.waiting & bit == 0;
            table.rung &= !bit;
            table.watched &= !bit;
            table.waiting &= !bit;
            goto(if spent && !config.has(Bug::GoneKeepsWake) {
                Take::PassOn
            } else {
                Take::Load
            })
        }
        // Only the own queue's wake is answered by looking there.
        Take::PassOn => {
            if table.registration != process.queue {
                table.wake_one();
            }
            goto(Take::Load)
        }
    };
    Ok(())
}

// A closed slot tells its reader that the queue is no more: it had better be true.
fn look(table: &Table, process: &Process) -> Result<Slot, Violation> {
    let slot = table.load(process.index)?;
    if slot.state == SlotState::Closed && table.registration == process.queue {
        let detail = "a living queue says that it is closed";
        return Err(Violation::new(Kind::Corrupt, detail));
    }
    Ok(slot)
}

fn reopen(process: &mut Process, open: Step) {
    *process = Process::new(open, process.left);
}
