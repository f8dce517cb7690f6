//! Sweeping the extents of the dead, whole, half claimed or half freed.

use super::units::Unit;
use super::{Config, Entry, NOBODY, Role, Slot, State};
use crate::bug::Bug;
use crate::explore::Moves;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sweep {
    Hunt,
    /// Give back the message the dead was taking, and note the one that is in the slot.
    Slot,
    /// Look for a head of the dead that is in no slot.
    Search,
    /// CAS of its head from the dead to the sweeper.
    Adopt,
    /// Free one unit, from the last to the head.
    Free,
    HandOver,
    Release,
}

pub(super) fn moves(
    config: &Config,
    state: &State,
    me: usize,
    step: Sweep,
    moves: &mut Moves<State>,
) {
    if step != Sweep::Hunt {
        let mut next = state.clone();
        advance(config, &mut next, me, step);
        moves.step(|| format!("sweeper {me}: {step:?}"), Ok(next));
        return;
    }
    let alive = |process: usize| state.processes[process].alive;
    for victim in 0..config.processes() {
        let dead = match state.entries[victim] {
            Entry::Free => false,
            Entry::Alive => !alive(victim),
            Entry::Sweeping(by) => !alive(by.into()),
        };
        if dead {
            let mut next = state.clone();
            next.entries[victim] = Entry::Sweeping(me as u8);
            next.processes[me].left = victim as u8;
            next.processes[me].role = Role::Sweeper(Sweep::Slot);
            moves.step(|| format!("sweeper {me}: claims entry {victim}"), Ok(next));
        }
    }
}

// Registers: `left` is the victim, `count` the head in the slot plus one, `head` the extent,
// `claimed` its units that are still to be freed.
fn advance(config: &Config, state: &mut State, me: usize, step: Sweep) {
    let process = &mut state.processes[me];
    let victim = process.left;
    let to = match step {
        Sweep::Hunt => Sweep::Hunt,
        Sweep::Slot => {
            if let Slot::Taken(by, head) = state.slot
                && by == victim
            {
                state.slot = Slot::Ready(head);
            }
            process.count = match state.slot {
                Slot::Empty => 0,
                Slot::Ready(head) | Slot::Taken(_, head) => head + 1,
            };
            Sweep::Search
        }
        Sweep::Search => {
            let mine = |&unit: &u8| {
                state.units.word(unit) == Unit::Head(victim) && unit + 1 != process.count
            };
            match (0..config.units as u8).find(mine) {
                Some(head) => {
                    process.head = head;
                    Sweep::Adopt
                }
                None => {
                    process.count = 0;
                    Sweep::HandOver
                }
            }
        }
        // Freeing takes many steps: from here on the extent is the sweeper's, to be freed or swept with it.
        Sweep::Adopt => {
            let (head, mine) = (process.head, Unit::Head(me as u8));
            if state.units.replace(head, Unit::Head(victim), mine) {
                process.claimed = config.size;
                Sweep::Free
            } else {
                process.head = NOBODY;
                Sweep::Search
            }
        }
        Sweep::Free => {
            let head = process.head;
            process.claimed -= 1;
            if process.claimed > 0 {
                // The dead may have claimed less than this: others' units stay theirs.
                let last = head + process.claimed;
                let seen = state.units.word(last);
                let blind = config.has(Bug::SweepFreesBlindly);
                let expected = if blind { seen } else { Unit::Part(head) };
                state.units.replace(last, expected, Unit::Free);
                Sweep::Free
            } else {
                state.units.replace(head, Unit::Head(me as u8), Unit::Free);
                process.head = NOBODY;
                Sweep::Search
            }
        }
        Sweep::HandOver => {
            let orphan = Entry::Sweeping(victim);
            match state.entries.iter_mut().find(|entry| **entry == orphan) {
                Some(entry) => {
                    *entry = Entry::Alive;
                    Sweep::HandOver
                }
                None => Sweep::Release,
            }
        }
        Sweep::Release => {
            state.entries[usize::from(victim)] = Entry::Free;
            process.left = 0;
            Sweep::Hunt
        }
    };
    state.processes[me].role = Role::Sweeper(to);
}
