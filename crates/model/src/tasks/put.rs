//! Putting: an item counts before it can be seen.

use super::Config;
use super::join::Join;
use super::memory::{self, Memory, NOTHING, Slot};
use super::process::{Process, Resume, Step};
use super::tell;
use crate::bug::Bug;
use crate::violation::Violation;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Put {
    Allocate,
    /// It counts, and the word says which item it is.
    Count,
    Publish,
    /// It is published.
    Settle,
    /// There is no room: it does not count.
    Cancel,
    /// The block of an item that found no room.
    Free,
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Put,
) -> Result<(), Violation> {
    let item = me as u8 * config.puts + process.tried;
    let late = config.has(Bug::PutCountedAfterPublishing);
    let put = &mut memory.put[me];
    let next = match step {
        Put::Allocate => {
            memory.owners[usize::from(item)] = me as u8;
            if late { Put::Publish } else { Put::Count }
        }
        Put::Count => {
            *put = memory::Put {
                puts: put.puts + 1,
                pending: item,
            };
            Put::Publish
        }
        Put::Publish => {
            let slots = &mut memory.slots[..config.slots];
            match slots.iter_mut().find(|slot| **slot == Slot::Absent) {
                Some(slot) => {
                    *slot = Slot::Ready(item);
                    memory.published |= 1 << item;
                    Put::Settle
                }
                None if late => Put::Free,
                None => Put::Cancel,
            }
        }
        Put::Settle => {
            put.puts += u8::from(late);
            put.pending = NOTHING;
            end(config, process);
            return Ok(());
        }
        Put::Cancel => {
            *put = memory::Put {
                puts: put.puts - 1,
                pending: NOTHING,
            };
            if !config.has(Bug::NoTellAfterCancel) {
                tell::begin(process, Resume::Put);
                return memory.check_accounts();
            }
            Put::Free
        }
        Put::Free => {
            memory.owners[usize::from(item)] = NOTHING;
            end(config, process);
            return Ok(());
        }
    };
    process.step = Step::Put(next);
    Ok(())
}

fn end(config: &Config, process: &mut Process) {
    process.tried += 1;
    process.step = if process.tried < config.puts {
        Step::Put(Put::Allocate)
    } else if config.joining_producers {
        Step::Join(Join::Begin)
    } else {
        Step::Over
    };
}
