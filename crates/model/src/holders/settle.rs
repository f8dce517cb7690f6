//! Looking whether an object can end, and ending it.

use super::{Config, Life, NOBODY, State};
use crate::bug::Bug;
use crate::violation::Violation;

/// Where somebody is who looks; what it read of the life word goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Settle {
    ReadLife,
    /// Nobody holds it?
    Holders(u8, u8),
    /// No message is listed?
    Carriers(u8, u8),
    /// It may be in messages that are not listed: one after the other.
    Scan(u8, u8, u8),
    /// LIVE to DYING, unless somebody began to hold it since.
    Kill(u8, u8),
    /// Everything in it is freed.
    Free,
}

/// One step; the settling is over when it says `None`.
pub(super) fn step(
    config: &Config,
    state: &mut State,
    me: usize,
    step: Settle,
) -> Result<Option<Settle>, Violation> {
    let object = state.object;
    let early = config.has(Bug::CarriersBeforeHolders);
    Ok(match step {
        Settle::ReadLife if object.life != Life::Live => None,
        Settle::ReadLife if early => Some(Settle::Carriers(object.generation, object.activity)),
        Settle::ReadLife => Some(Settle::Holders(object.generation, object.activity)),
        Settle::Holders(..) if object.holders != 0 => None,
        Settle::Holders(generation, activity) if early => Some(Settle::Kill(generation, activity)),
        Settle::Holders(generation, activity) => Some(Settle::Carriers(generation, activity)),
        Settle::Carriers(..) if object.listed != 0 => None,
        Settle::Carriers(generation, activity) if early => {
            Some(Settle::Holders(generation, activity))
        }
        Settle::Carriers(generation, activity) if object.crowded => {
            Some(Settle::Scan(generation, activity, 0))
        }
        Settle::Carriers(generation, activity) => Some(Settle::Kill(generation, activity)),
        Settle::Scan(generation, activity, index) => match state.messages.get(usize::from(index)) {
            Some(message) if message.owner != NOBODY && message.carries => None,
            Some(_) => Some(Settle::Scan(generation, activity, index + 1)),
            None => Some(Settle::Kill(generation, activity)),
        },
        Settle::Kill(generation, activity) => {
            let blind = config.has(Bug::EndIgnoresActivity);
            let same = object.life == Life::Live && object.generation == generation;
            if same && (blind || object.activity == activity) {
                state.check_unused(config)?;
                state.object.life = Life::Dying(me as u8);
                Some(Settle::Free)
            } else {
                Some(Settle::ReadLife)
            }
        }
        Settle::Free => {
            free(state);
            None
        }
    })
}

/// The memory is free for another object.
pub(super) fn free(state: &mut State) {
    state.object.life = Life::Free;
    state.object.generation += 1;
    state.object.activity = 0;
    state.object.crowded = false;
}
