//! What must hold when nobody can move any more.

use super::memory::{EntryState, NOTHING, SlotState};
use super::{Config, State, blocks};
use crate::violation::{Kind, Violation};

pub(super) fn check(config: &Config, state: &State) -> Result<(), Violation> {
    let memory = &state.memory;
    for x in 0..config.processes() {
        let expected = if memory.living(x) {
            EntryState::Alive
        } else {
            EntryState::Free
        };
        if memory.entries[x].state != expected {
            let detail = format!("entry {x} is left {:?}", memory.entries[x].state);
            return Err(Violation::new(Kind::Unswept, detail));
        }
    }
    messages(config, state)?;
    sleepers(config, state)?;
    blocks::check(config, state)
}

fn messages(config: &Config, state: &State) -> Result<(), Violation> {
    let memory = &state.memory;
    if memory
        .used_slots(config)
        .any(|slot| slot.state == SlotState::Taken)
    {
        return Err(Violation::new(Kind::Hang, "a slot is left taken"));
    }
    for message in 0..config.producers as u8 * config.messages {
        let bit = 1 << message;
        let carried = |block: u8| memory.blocks[usize::from(block)].message == message;
        let queued = memory
            .used_slots(config)
            .filter(|slot| carried(slot.block))
            .count();
        let places = queued + usize::from(memory.delivered & bit != 0);
        let expected = usize::from(memory.published & bit != 0);
        if places != expected {
            let kind = if places < expected {
                Kind::Lost
            } else {
                Kind::Duplicate
            };
            return Err(Violation::new(
                kind,
                format!("message {message} is in {places} places"),
            ));
        }
    }
    Ok(())
}

fn sleepers(config: &Config, state: &State) -> Result<(), Violation> {
    let memory = &state.memory;
    let used = memory.used_slots(config).count();
    for me in (0..config.processes()).filter(|&me| memory.bells[me].asleep) {
        if config.is_producer(me) && used < usize::from(config.capacity) {
            return Err(Violation::new(
                Kind::Hang,
                format!("producer {me} sleeps beside room"),
            ));
        }
        if !config.is_producer(me) && used > 0 {
            let detail = format!("consumer {me} sleeps beside a message");
            return Err(Violation::new(Kind::Hang, detail));
        }
    }
    debug_assert!(memory.used_slots(config).all(|slot| slot.block != NOTHING));
    Ok(())
}
