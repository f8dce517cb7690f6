//! Closing a queue: every slot is closed and its message freed, by whoever comes along.
//!
//! Any number may close at a time, and each may stop anywhere for any time. What keeps a late
//! one from closing the next queue in the same memory: it looks at the registration after it has
//! read the slot word. If the queue is still closing then, that word belongs to it, and as turns
//! never come back the CAS can only succeed on this queue.

use super::creator::{self, Create};
use super::sweep::Sweep;
use super::table::{Place, Registration, Slot, SlotState, Table};
use super::user::Take;
use super::{Config, NOTHING, Process, Step};
use crate::bug::Bug;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Close {
    Load,
    /// Is it still the queue that was closing?
    Verify,
    /// Close the empty slot, or take the message out of the full one.
    Replace,
    Adopt,
    Shut,
    Discard,
    /// Are all slots closed?
    Look,
    Free,
}

pub(super) fn step(
    config: &Config,
    table: &mut Table,
    process: &mut Process,
    me: usize,
    step: Close,
) -> Result<(), Violation> {
    let goto = |close| Step::Close(close);
    let index = process.index;
    process.step = match step {
        Close::Load if index == config.slots => goto(Close::Look),
        Close::Load => {
            process.word = table.load(index)?;
            match process.word.state {
                // A taken one is left to its consumer, or to the sweep of it.
                SlotState::Closed | SlotState::Taken(..) => {
                    process.word = Slot::NEW;
                    process.index += 1;
                    goto(Close::Load)
                }
                _ if config.has(Bug::StaleClose) || config.has(Bug::FreeBeforeClose) => {
                    goto(Close::Replace)
                }
                _ => goto(Close::Verify),
            }
        }
        Close::Verify if table.registration == process.queue => goto(Close::Replace),
        Close::Verify => done(config, process, me),
        Close::Replace => {
            let seen = process.word;
            process.word = Slot::NEW;
            let (to, next) = match seen.state {
                SlotState::Ready(block) => (SlotState::Taken(me as u8, block), Close::Adopt),
                _ => (SlotState::Closed, Close::Load),
            };
            let to = Slot { state: to, ..seen };
            if table.replace(index, seen, to) {
                if matches!(
                    table.registration.place,
                    Place::Live(_) | Place::Building(_)
                ) {
                    let detail = "a slot of the next queue is closed";
                    return Err(Violation::new(Kind::Lost, detail));
                }
                if next == Close::Adopt {
                    process.word = to;
                }
                goto(next)
            } else {
                goto(Close::Load)
            }
        }
        Close::Adopt => {
            process.block = process.word.block().unwrap_or(NOTHING);
            table.blocks[usize::from(process.block)].owner = me as u8;
            goto(Close::Shut)
        }
        Close::Shut => {
            let Slot { turn, .. } = process.word;
            table.replace(
                index,
                process.word,
                Slot {
                    turn: turn + 1,
                    state: SlotState::Closed,
                },
            );
            process.word = Slot::NEW;
            goto(Close::Discard)
        }
        Close::Discard => {
            table.blocks[usize::from(process.block)].owner = NOTHING;
            process.block = NOTHING;
            process.index += 1;
            goto(Close::Load)
        }
        Close::Look if table.registration == process.queue && table.all_closed(config) => {
            goto(Close::Free)
        }
        Close::Look => done(config, process, me),
        Close::Free => {
            if table.registration == process.queue {
                table.registration = creator::free(config, table, process.queue);
            }
            done(config, process, me)
        }
    };
    Ok(())
}

// Where each kind of process goes on.
fn done(config: &Config, process: &mut Process, me: usize) -> Step {
    process.index = 0;
    process.word = Slot::NEW;
    if me == 0 {
        Step::Create(Create::Ring)
    } else if config.is_sweeper(me) {
        Step::Sweep(Sweep::Reach)
    } else {
        // Its handle names a queue that is no more.
        process.queue = Registration::UNUSED;
        Step::Take(Take::Open)
    }
}
