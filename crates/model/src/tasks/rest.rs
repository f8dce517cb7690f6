//! What must hold when nobody can move any more.

use super::join::Join;
use super::memory::{NOTHING, Slot};
use super::process::Step;
use super::{Config, State};
use crate::mortal::Mortal;
use crate::violation::{Kind, Violation};

pub(super) fn check(config: &Config, state: &State) -> Result<(), Violation> {
    let memory = &state.memory;
    if memory.deaths.unswept != 0 {
        let detail = format!("{:b}", memory.deaths.unswept);
        return Err(Violation::new(Kind::Unswept, detail));
    }
    let unfinished = memory.unfinished();
    let sleeps = |me: &usize| state.processes[*me].step == Step::Join(Join::Sleep);
    if let Some(me) = (0..config.count()).find(sleeps).filter(|_| unfinished == 0) {
        let detail = format!("{me} sleeps though no task is unfinished");
        return Err(Violation::new(Kind::Hang, detail));
    }
    if i64::from(memory.accounted()) != i64::from(unfinished) {
        let detail = format!("{} instead of {unfinished}", memory.accounted());
        return Err(Violation::new(Kind::Miscount, detail));
    }
    items(config, state)
}

fn items(config: &Config, state: &State) -> Result<(), Violation> {
    let memory = &state.memory;
    if let Some(slot) = (memory.slots.iter()).find(|slot| matches!(slot, Slot::Taken { .. })) {
        return Err(Violation::new(Kind::Hang, format!("{slot:?} is left")));
    }
    for item in 0..config.items() {
        let queued = memory.is_queued(item as u8);
        let places = u8::from(queued) + u8::from(memory.delivered[item] != NOTHING);
        let expected = memory.published >> item & 1;
        if places != expected {
            let kind = if places < expected {
                Kind::Lost
            } else {
                Kind::Duplicate
            };
            let detail = format!("item {item} is in {places} places");
            return Err(Violation::new(kind, detail));
        }
        if memory.owners[item] != NOTHING && !queued {
            let detail = format!("the block of item {item}");
            return Err(Violation::new(Kind::Leak, detail));
        }
    }
    Ok(())
}
