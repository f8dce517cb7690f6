//! The sweep of a dead participant: its accounts are put right, then what it held is given back.
//!
//! One living sweeper at a time; when it dies, another begins anew.

use super::Config;
use super::memory::{Hand, MAX_ITEMS, Memory, NOTHING, Slot};
use super::process::{Process, Resume, Step};
use super::tell;
use crate::bug::Bug;
use crate::mortal::Mortal;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sweep {
    /// Waits for somebody to sweep.
    Hunt,
    /// Was the pending put published? Then somebody else owns the block,
    Owner,
    /// or a slot holds it,
    Slot,
    /// or it was delivered while the slots were looked at.
    OwnerAgain,
    Published,
    Unpublished,
    /// What it was taking and is not delivered was not got. Nobody else touches what is looked at
    /// here, but `done` by CAS: one step.
    Undo,
    HandEmpty,
    /// What it got is gone with it.
    WriteOff,
    /// What it was taking is delivered again: one slot after the other.
    Return,
    /// What do the slots hold?
    Reach,
    /// One block that no slot holds after the other.
    Free,
    /// One after the other of those who may sleep.
    Ring,
    Release,
}

impl Sweep {
    pub(super) fn first(config: &Config) -> Self {
        if config.has(Bug::PendingPutForgotten) {
            Self::Undo
        } else {
            Self::Owner
        }
    }
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Sweep,
) -> Result<(), Violation> {
    let victim = usize::from(process.victim);
    let pending = memory.put[victim].pending;
    let late = config.has(Bug::AccountsAfterRedelivery);
    let accounts = if late { Sweep::Return } else { Sweep::Undo };
    let next = match step {
        Sweep::Hunt => Sweep::Hunt,
        Sweep::Owner if pending == NOTHING => accounts,
        Sweep::Owner if !owns(memory, victim, pending) => Sweep::Published,
        Sweep::Owner if config.has(Bug::PublishedByOwnerOnly) => Sweep::Unpublished,
        Sweep::Owner => Sweep::Slot,
        Sweep::Slot => {
            let found = memory.slots[usize::from(process.cursor)].holds(pending);
            let last = process.turn(config.slots);
            match (found, last) {
                (true, _) => {
                    process.cursor = 0;
                    Sweep::Published
                }
                (false, true) => Sweep::OwnerAgain,
                (false, false) => Sweep::Slot,
            }
        }
        Sweep::OwnerAgain if owns(memory, victim, pending) => Sweep::Unpublished,
        Sweep::OwnerAgain => Sweep::Published,
        Sweep::Published | Sweep::Unpublished => {
            let put = &mut memory.put[victim];
            put.puts -= u8::from(step == Sweep::Unpublished);
            put.pending = NOTHING;
            memory.check_accounts()?;
            accounts
        }
        Sweep::Undo => {
            let Hand { target, item } = memory.hand[victim];
            let by = victim as u8;
            let undelivered = memory.slots.contains(&Slot::Taken { by, item });
            let work = &mut memory.work[victim];
            if item != NOTHING && undelivered && work.got == target {
                work.got = target - 1;
            }
            Sweep::HandEmpty
        }
        Sweep::HandEmpty => {
            memory.hand[victim] = Hand::EMPTY;
            Sweep::WriteOff
        }
        Sweep::WriteOff => {
            let work = &mut memory.work[victim];
            if !config.has(Bug::HandNotWrittenOff) {
                work.done = work.got;
            }
            for item in 0..config.items() {
                if usize::from(memory.delivered[item]) == victim {
                    memory.finished |= 1 << item;
                }
            }
            memory.check_accounts()?;
            tell::begin(process, Resume::Sweep);
            return Ok(());
        }
        Sweep::Return => {
            let slot = &mut memory.slots[usize::from(process.cursor)];
            if let Slot::Taken { by, item } = *slot
                && usize::from(by) == victim
            {
                *slot = Slot::Ready(item);
            }
            match process.turn(config.slots) {
                true if late && !process.returned => {
                    process.returned = true;
                    Sweep::Undo
                }
                true => Sweep::Reach,
                false => Sweep::Return,
            }
        }
        Sweep::Reach => {
            let slot = memory.slots[usize::from(process.cursor)];
            if let Slot::Ready(item) | Slot::Taken { item, .. } = slot {
                process.reached |= 1 << item;
            }
            if process.turn(config.slots) {
                Sweep::Free
            } else {
                Sweep::Reach
            }
        }
        Sweep::Free => free(memory, process, victim)?,
        Sweep::Ring => {
            let bit = 1 << process.cursor;
            memory.rung |= bit & memory.deaths.live;
            if process.turn(config.count() - config.sweepers) {
                Sweep::Release
            } else {
                Sweep::Ring
            }
        }
        Sweep::Release => {
            memory.deaths.end_sweep(victim);
            debug_assert!(memory.deaths.is_alive(me), "the dead sweep nobody");
            *process = Process::absent();
            Sweep::Hunt
        }
    };
    process.step = Step::Sweep(next);
    Ok(())
}

fn owns(memory: &Memory, victim: usize, item: u8) -> bool {
    usize::from(memory.owners[usize::from(item)]) == victim
}

// One CAS per block from the victim to nobody. Blocks that are not the victim's are passed over in
// the same step: they can never become the victim's again.
fn free(memory: &mut Memory, process: &mut Process, victim: usize) -> Result<Sweep, Violation> {
    let unreached = |item: &usize| {
        usize::from(memory.owners[*item]) == victim && process.reached & 1 << item == 0
    };
    let Some(item) = (0..MAX_ITEMS).find(unreached) else {
        process.reached = 0;
        return Ok(Sweep::Ring);
    };
    if memory.is_queued(item as u8) {
        let detail = format!("item {item} is freed but still in the queue");
        return Err(Violation::new(Kind::FreedInUse, detail));
    }
    memory.owners[item] = NOTHING;
    Ok(Sweep::Free)
}
