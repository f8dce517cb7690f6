//! Ringing: take one sleeper's bit away, then change its bell word and wake it.

use super::Config;
use super::memory::{Memory, NOTHING};
use super::process::{Process, Side, Step};
use super::{put, take};
use crate::violation::Violation;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Ring {
    LoadBits,
    ClearBit,
    /// Change the bell word; in an event loop, take the armed flag away.
    Bell,
    /// Wake the futex, or write to the pipe.
    Wake,
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Ring,
) -> Result<(), Violation> {
    let bits = match process.side {
        Side::Consumers => &mut memory.consumers,
        Side::Producers => &mut memory.producers,
    };
    match step {
        Ring::LoadBits if *bits == 0 => done(config, process, me),
        Ring::LoadBits => {
            process.target = bits.trailing_zeros() as u8;
            process.step = Step::Ring(Ring::ClearBit);
        }
        Ring::ClearBit => {
            let bit = 1 << process.target;
            let found = *bits & bit != 0;
            *bits &= !bit;
            process.step = Step::Ring(if found { Ring::Bell } else { Ring::LoadBits });
            if !found {
                process.target = NOTHING;
            }
        }
        Ring::Bell => {
            let bell = &mut memory.bells[usize::from(process.target)];
            bell.add();
            if on_pipe(config, process.target) && !std::mem::take(&mut bell.armed) {
                done(config, process, me);
            } else {
                process.step = Step::Ring(Ring::Wake);
            }
        }
        Ring::Wake => {
            let pipe = on_pipe(config, process.target);
            memory.bells[usize::from(process.target)].wake(pipe);
            done(config, process, me);
        }
    }
    Ok(())
}

/// Does this participant sleep in an event loop?
pub(super) fn on_pipe(config: &Config, process: u8) -> bool {
    config.event_loop && !config.is_producer(process.into())
}

fn done(config: &Config, process: &mut Process, me: usize) {
    process.target = NOTHING;
    if config.is_producer(me) {
        put::after_ring(process);
    } else {
        take::after_ring(process);
    }
}
