//! The creator: sets up one queue after the other and destroys each but the last.

use super::close::Close;
use super::table::{Place, Registration, Slot, SlotState, Table};
use super::{Config, NOTHING, Process, Step};
use crate::bug::Bug;
use crate::violation::Violation;

const ME: u8 = 0;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Create {
    Reserve,
    /// First queue only: a block for the queue memory, initialised while it is private.
    ClaimMemory,
    /// Name the block in the registration: a sweep finds it there from here on.
    LinkMemory,
    OwnMemory,
    /// Empty one slot after the other, in a turn nobody has seen yet.
    Reset,
    GoLive,
    Destroy,
    /// Ring everybody: sleepers must learn that their queue is gone.
    Ring,
}

pub(super) fn step(
    config: &Config,
    table: &mut Table,
    process: &mut Process,
    step: Create,
) -> Result<(), Violation> {
    let goto = |create| Step::Create(create);
    let late = config.has(Bug::LiveBeforeReset);
    let set_up = if late { Create::GoLive } else { Create::Reset };
    process.step = match step {
        Create::Reserve => {
            let mine = Registration {
                place: Place::Building(ME),
                ..table.registration
            };
            process.left -= 1;
            table.registration = mine;
            process.queue = mine;
            goto(if mine.linked {
                set_up
            } else {
                Create::ClaimMemory
            })
        }
        Create::ClaimMemory => {
            table.memory = ME;
            goto(Create::LinkMemory)
        }
        Create::LinkMemory => {
            let linked = Registration {
                linked: true,
                ..process.queue
            };
            table.register(process.queue, linked);
            process.queue = linked;
            goto(Create::OwnMemory)
        }
        Create::OwnMemory => {
            table.own_memory();
            goto(set_up)
        }
        Create::Reset => {
            if process.index == 0 {
                table.waiting = 0;
            }
            let turn = table.load(process.index)?.turn + 1;
            table.store(
                process.index,
                Slot {
                    turn,
                    state: SlotState::Empty,
                },
            );
            process.index += 1;
            if process.index < config.slots {
                goto(Create::Reset)
            } else {
                process.index = 0;
                if late {
                    end(process)
                } else {
                    goto(Create::GoLive)
                }
            }
        }
        Create::GoLive => {
            let live = Registration {
                place: Place::Live(ME),
                ..process.queue
            };
            table.register(process.queue, live);
            process.queue = live;
            if late {
                goto(Create::Reset)
            } else {
                end(process)
            }
        }
        Create::Destroy => {
            let closing = Registration {
                place: Place::Closing(ME),
                ..process.queue
            };
            table.register(process.queue, closing);
            process.queue = closing;
            if config.has(Bug::FreeBeforeClose) {
                table.registration = free(config, table, closing);
            }
            Step::Close(Close::Load)
        }
        Create::Ring => {
            table.ring_all();
            process.queue = Registration::UNUSED;
            goto(Create::Reserve)
        }
    };
    Ok(())
}

fn end(process: &Process) -> Step {
    if process.left == 0 {
        Step::Over
    } else {
        Step::Create(Create::Destroy)
    }
}

/// The registration of a closed queue's place. The memory stays linked for the next queue.
pub(super) fn free(config: &Config, table: &mut Table, closing: Registration) -> Registration {
    let reused = config.has(Bug::QueueBlockReused);
    if reused {
        table.memory = NOTHING;
    }
    Registration {
        place: Place::Free,
        generation: closing.generation + 1,
        linked: closing.linked && !reused,
    }
}
