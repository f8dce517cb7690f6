//! Sleeping: set the own bit, look once more, and only then sleep on the own doorbell.

use super::Config;
use super::memory::Memory;
use super::process::{Process, Side, Step};
use super::put::{self, Put};
use super::ring::Ring;
use super::take::{self, Take};
use crate::bug::Bug;
use crate::violation::Violation;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sleep {
    /// Event loop: ask ringers to write to the pipe. This comes before the bit: a ringer that
    /// found the bit set but the bell not armed would write nothing, and nobody else would.
    Arm,
    /// Read the own bell word, then set the own bit. Taken as one step: a ring in between would
    /// only keep the process awake.
    SetBit,
    /// Look again: did an owner die?
    LookEpoch,
    LookHint,
    LookSlot,
    /// Sleep, unless the bell was rung since it was read.
    Doze,
    /// Event loop: read the pipe.
    Drain,
    Disarm,
    ClearBit,
    /// It gives up, but was rung already: is there anything for somebody else?
    LeaveHint,
    LeaveSlot,
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Sleep,
) -> Result<(), Violation> {
    let goto = |sleep| Step::Sleep(sleep);
    let producer = config.is_producer(me);
    let event_loop = config.event_loop && !producer;
    let bits = if producer {
        &mut memory.producers
    } else {
        &mut memory.consumers
    };
    let awake = if event_loop {
        Sleep::Disarm
    } else {
        Sleep::ClearBit
    };
    process.step = match step {
        Sleep::SetBit => {
            *bits |= 1 << me;
            memory.bells[me].watched = true;
            memory.bells[me].rung = false;
            if event_loop && config.has(Bug::ArmAfterBit) {
                goto(Sleep::Arm)
            } else {
                look(config, producer)
            }
        }
        Sleep::Arm => {
            memory.bells[me].armed = true;
            if config.has(Bug::ArmAfterBit) {
                look(config, producer)
            } else {
                goto(Sleep::SetBit)
            }
        }
        Sleep::LookEpoch if memory.epoch != memory.epoch_done => goto(awake),
        Sleep::LookEpoch => goto(Sleep::LookHint),
        Sleep::LookHint => {
            process.ticket = if producer { memory.tail } else { memory.head };
            goto(Sleep::LookSlot)
        }
        Sleep::LookSlot => {
            let go = worth_trying(config, memory, process, producer);
            goto(if go { awake } else { Sleep::Doze })
        }
        Sleep::Doze => {
            let bell = &mut memory.bells[me];
            bell.asleep = if event_loop { !bell.pipe } else { !bell.rung };
            goto(if event_loop {
                Sleep::Drain
            } else {
                Sleep::ClearBit
            })
        }
        Sleep::Drain => {
            memory.bells[me].pipe = false;
            goto(Sleep::Disarm)
        }
        Sleep::Disarm => {
            memory.bells[me].armed = false;
            goto(Sleep::ClearBit)
        }
        Sleep::ClearBit => {
            let rung = *bits & 1 << me == 0;
            *bits &= !(1 << me);
            memory.bells[me].watched = false;
            memory.bells[me].rung = false;
            match (process.leaving, rung, producer) {
                (true, true, _) if !config.has(Bug::GiveUpKeepsWake) => goto(Sleep::LeaveHint),
                (true, ..) => Step::Gone,
                (false, _, true) => Step::Put(Put::LoadTail),
                (false, _, false) => Step::Take(Take::LoadEpoch),
            }
        }
        // Whoever cleared the bit believes that somebody comes. An owner's death needs no look
        // here: its sweep rings everybody.
        Sleep::LeaveHint => {
            process.ticket = if producer { memory.tail } else { memory.head };
            goto(Sleep::LeaveSlot)
        }
        Sleep::LeaveSlot if worth_trying(config, memory, process, producer) => {
            process.side = if producer {
                Side::Producers
            } else {
                Side::Consumers
            };
            Step::Ring(Ring::LoadBits)
        }
        Sleep::LeaveSlot => Step::Gone,
    };
    Ok(())
}

/// The first step of a process that is about to wait.
pub(super) fn begin(config: &Config, me: usize) -> Step {
    let arm = config.event_loop && !config.is_producer(me) && !config.has(Bug::ArmAfterBit);
    Step::Sleep(if arm { Sleep::Arm } else { Sleep::SetBit })
}

fn look(config: &Config, producer: bool) -> Step {
    let forgotten = if producer {
        Bug::NoProducerRecheck
    } else {
        Bug::NoConsumerRecheck
    };
    Step::Sleep(match producer {
        _ if config.has(forgotten) => Sleep::Doze,
        true => Sleep::LookHint,
        false => Sleep::LookEpoch,
    })
}

fn worth_trying(config: &Config, memory: &Memory, process: &mut Process, producer: bool) -> bool {
    let ticket = std::mem::take(&mut process.ticket);
    if producer {
        put::has_room(config, memory, ticket)
    } else {
        take::holds_message(config, memory, ticket)
    }
}
