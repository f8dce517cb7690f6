//! What must hold when nobody can move any more.

use super::memory::{Is, Step};
use super::wait::Wait;
use super::{Config, State};
use crate::mortal::Mortal;
use crate::violation::{Kind, Violation};

pub(super) fn check(config: &Config, state: &State) -> Result<(), Violation> {
    let memory = &state.memory;
    if memory.deaths.unswept != 0 {
        let detail = format!("{:b}", memory.deaths.unswept);
        return Err(Violation::new(Kind::Unswept, detail));
    }
    let sleeps = |me: usize| state.processes[me].step == Step::Wait(Wait::Sleep);
    let free = memory.free();
    if let Some(me) = (0..config.count())
        .find(|&me| sleeps(me))
        .filter(|_| free > 0)
    {
        let detail = format!("{me} sleeps though {free} are free");
        return Err(Violation::new(Kind::Hang, detail));
    }
    if let Some(index) = (0..config.room).find(|&index| matches!(memory.words[index].is, Is::Of(_)))
    {
        let detail = format!("word {index} belongs to somebody who is gone");
        return Err(Violation::new(Kind::PermitLost, detail));
    }
    if free != memory.total {
        let kind = if free < memory.total {
            Kind::PermitLost
        } else {
            Kind::Exclusion
        };
        let detail = format!("{free} are free of {}", memory.total);
        return Err(Violation::new(kind, detail));
    }
    let left = (0..config.count()).find(|&me| memory.waiters & 1 << me != 0 && !sleeps(me));
    if let Some(me) = left {
        let detail = format!("{me} is in the line and does not wait");
        return Err(Violation::new(Kind::Leak, detail));
    }
    Ok(())
}
