//! The sweep of somebody who may have used, created or closed the queue.

use super::close::Close;
use super::table::{Place, Registration, Slot, SlotState, Table};
use super::{Config, Entry, MAX_PROCESSES, NOTHING, Process, Step};
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sweep {
    Hunt,
    /// Give back the message the dead was taking.
    Slot,
    Return,
    ClearBit,
    /// The queues of the dead are destroyed, and what is closing is closed on.
    LookQueue,
    CloseQueue,
    /// Note the blocks in one slot.
    Reach,
    FreeBlocks,
    HandOver,
    Ring,
    Release,
}

pub(super) fn step(
    config: &Config,
    table: &mut Table,
    process: &mut Process,
    me: usize,
    step: Sweep,
    entries: &mut [Entry; MAX_PROCESSES],
) -> Result<(), Violation> {
    let goto = |sweep| Step::Sweep(sweep);
    let dead = process.left;
    let used = table.registration.place != Place::Free && table.registration.linked;
    process.step = match step {
        Sweep::Hunt => goto(Sweep::Hunt),
        Sweep::Slot if process.index == 0 && !used => goto(Sweep::ClearBit),
        Sweep::Slot if process.index == config.slots => {
            process.index = 0;
            goto(Sweep::ClearBit)
        }
        Sweep::Slot => {
            process.word = table.load(process.index)?;
            if matches!(process.word.state, SlotState::Taken(by, _) if by == dead) {
                goto(Sweep::Return)
            } else {
                process.word = Slot::NEW;
                process.index += 1;
                goto(Sweep::Slot)
            }
        }
        Sweep::Return => {
            let ready = SlotState::Ready(process.word.block().unwrap_or(NOTHING));
            table.replace(
                process.index,
                process.word,
                Slot {
                    state: ready,
                    ..process.word
                },
            );
            process.word = Slot::NEW;
            process.index += 1;
            goto(Sweep::Slot)
        }
        Sweep::ClearBit => {
            table.waiting &= !(1 << dead);
            table.rung &= !(1 << dead);
            table.watched &= !(1 << dead);
            goto(Sweep::LookQueue)
        }
        Sweep::LookQueue => {
            process.queue = table.registration;
            match process.queue.place {
                Place::Free => goto(Sweep::Reach),
                Place::Building(owner) | Place::Live(owner) if owner != dead => goto(Sweep::Reach),
                Place::Building(_) | Place::Live(_) | Place::Closing(_) => goto(Sweep::CloseQueue),
            }
        }
        Sweep::CloseQueue => {
            let closing = match process.queue.place {
                Place::Closing(_) => process.queue,
                _ => Registration {
                    place: Place::Closing(dead),
                    ..process.queue
                },
            };
            if table.register(process.queue, closing) {
                process.queue = closing;
                if closing.linked {
                    // Its creator may have died between linking the block and handing it over.
                    table.own_memory();
                    Step::Close(Close::Load)
                } else {
                    Step::Close(Close::Look)
                }
            } else {
                goto(Sweep::LookQueue)
            }
        }
        Sweep::Reach if process.index == config.slots || !used => {
            process.index = 0;
            process.queue = Registration::UNUSED;
            goto(Sweep::FreeBlocks)
        }
        Sweep::Reach => {
            let block = table.load(process.index)?.block();
            process.reached |= block.map_or(0, |block| 1 << block);
            process.index += 1;
            goto(Sweep::Reach)
        }
        Sweep::FreeBlocks => {
            let reachable = |block: usize, table: &Table| {
                table
                    .slots(config)
                    .any(|slot| slot.block() == Some(block as u8))
            };
            for block in 0..table.blocks.len() {
                if table.blocks[block].owner == dead && process.reached & 1 << block == 0 {
                    if reachable(block, table) {
                        let detail = format!("block {block} is swept but still in the queue");
                        return Err(Violation::new(Kind::FreedInUse, detail));
                    }
                    table.blocks[block].owner = NOTHING;
                }
            }
            process.reached = 0;
            if table.memory == dead && !table.registration.linked {
                table.memory = NOTHING;
            }
            goto(Sweep::HandOver)
        }
        Sweep::HandOver => {
            for entry in entries
                .iter_mut()
                .filter(|entry| **entry == Entry::Sweeping(dead))
            {
                *entry = Entry::Alive;
            }
            goto(Sweep::Ring)
        }
        Sweep::Ring => {
            table.ring_all();
            goto(Sweep::Release)
        }
        Sweep::Release => {
            debug_assert_eq!(entries[usize::from(dead)], Entry::Sweeping(me as u8));
            entries[usize::from(dead)] = Entry::Free;
            *process = Process::new(goto(Sweep::Hunt), 0);
            goto(Sweep::Hunt)
        }
    };
    Ok(())
}
