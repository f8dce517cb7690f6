//! What must hold when nobody can move any more.

use super::memory::{NOTHING, Passage, Step};
use super::party::Party;
use super::{Config, State};
use crate::violation::{Kind, Violation};

pub(super) fn check(config: &Config, state: &State) -> Result<(), Violation> {
    let memory = &state.memory;
    if memory.deaths.unswept != 0 {
        let detail = format!("{:b}", memory.deaths.unswept);
        return Err(Violation::new(Kind::Unswept, detail));
    }
    if memory.owed != 0 {
        let detail = format!("{:b} died, and nothing broke", memory.owed);
        return Err(Violation::new(Kind::Unbroken, detail));
    }
    for me in 0..config.parties {
        let process = &state.processes[me];
        let sleeps = process.step == Step::Party(Party::Sleep);
        let waits = process.generation != NOTHING
            && memory.word.passage(process.generation) == Passage::Waiting
            && usize::from(memory.word.arrived) < config.parties;
        if sleeps && !waits {
            let detail = format!("{me} sleeps, and what it waits for is over");
            return Err(Violation::new(Kind::Hang, detail));
        }
        let bits = [memory.waiters, memory.inside].map(|bits| bits & 1 << me != 0);
        if bits != [sleeps; 2] {
            let detail = format!("{me} is in the line, or inside, or is not");
            return Err(Violation::new(Kind::Leak, detail));
        }
    }
    Ok(())
}
