//! What each process does with the object.

use super::settle::{self, Settle};
use super::{Config, Life, NOBODY, State};
use crate::bug::Bug;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// Receiver: take the message under way.
    Take,
    SetBit,
    /// Is it still the object? Then the activity grows, else the bit goes.
    Confirm,
    /// Sender: the message says that it carries the object.
    Mark,
    /// The object lists the message, or is crowded.
    List,
    Publish,
    /// Receiver: the message comes off the list.
    Unlist,
    FreeMessage,
    LetGo,
    /// Maker: the memory is free, a new object is built in it.
    Build,
    GoLive,
    /// Sweeper: waits for somebody to sweep.
    Hunt,
    /// What the dead was building or ending.
    SweepBuilding,
    SweepBit,
    SweepSettle,
    SweepUnlist,
    SweepMessage,
    SweepDone,
    Over,
}

/// The next step of a process; `None` when it cannot move now.
pub(super) fn advance(
    config: &Config,
    state: &State,
    me: usize,
) -> Option<Result<State, Violation>> {
    let mut next = state.clone();
    let process = state.processes[me];
    if let Some(settling) = process.settle {
        let settled = settle::step(config, &mut next, me, settling);
        return Some(settled.map(|left| {
            next.processes[me].settle = left;
            next
        }));
    }
    let stepped = step(config, &mut next, me, process.step)?;
    Some(stepped.map(|()| next))
}

fn step(
    config: &Config,
    state: &mut State,
    me: usize,
    step: Step,
) -> Option<Result<(), Violation>> {
    let bit = 1 << me;
    let message = state.processes[me].message;
    let mut settles = false;
    let goto = match step {
        Step::Over | Step::Hunt => return None,
        Step::Take => {
            let taken = state.place.take()?;
            state.messages[taken].owner = me as u8;
            state.processes[me].message = taken;
            if config.has(Bug::UnlistBeforeHold) {
                Step::Unlist
            } else {
                Step::SetBit
            }
        }
        Step::SetBit => {
            state.object.holders |= bit;
            Step::Confirm
        }
        Step::Confirm => {
            // What came in a message, or was given at the start, is generation 0.
            if state.object.life == Life::Live && state.object.generation == 0 {
                if !config.has(Bug::HoldWithoutActivity) {
                    state.object.activity += 1;
                }
                state.processes[me].holds = true;
                state.processes[me].using = 0;
                if config.is_latecomer(me) {
                    Step::LetGo
                } else if config.has(Bug::UnlistBeforeHold) {
                    Step::FreeMessage
                } else if config.sends_on(me) && state.messages[1].owner == NOBODY {
                    state.messages[1].owner = me as u8;
                    Step::Mark
                } else {
                    Step::Unlist
                }
            } else if config.is_latecomer(me) {
                state.object.holders &= !bit;
                settles = !config.has(Bug::NoSettleAfterWithdrawal);
                Step::Over
            } else {
                let detail = format!("{me} holds a message but not its object");
                return Some(Err(Violation::new(Kind::FreedInUse, detail)));
            }
        }
        Step::Mark => {
            state.messages[sent(me)].carries = true;
            if config.has(Bug::LetGoBeforeListed) && me == 0 {
                Step::LetGo
            } else {
                Step::List
            }
        }
        Step::List => {
            let index = sent(me);
            if (state.object.listed.count_ones() as usize) < config.slots {
                state.object.listed |= 1 << index;
            } else {
                state.object.crowded = true;
            }
            Step::Publish
        }
        Step::Publish if state.place.is_some() => return None,
        Step::Publish => {
            let index = sent(me);
            state.place = Some(index);
            if config.has(Bug::LetGoBeforeListed) && me == 0 {
                Step::Over
            } else if me == 0 {
                Step::LetGo
            } else {
                Step::Unlist
            }
        }
        Step::Unlist => {
            state.object.listed &= !(1 << message);
            if config.has(Bug::UnlistBeforeHold) {
                settles = true;
                Step::SetBit
            } else {
                Step::FreeMessage
            }
        }
        Step::FreeMessage => {
            free_message(state, message);
            Step::LetGo
        }
        Step::LetGo => {
            state.object.holders &= !bit;
            state.processes[me].holds = false;
            settles = true;
            if config.has(Bug::LetGoBeforeListed) && me == 0 {
                Step::List
            } else {
                Step::Over
            }
        }
        Step::Build if state.object.life != Life::Free => return None,
        Step::Build => {
            state.object.life = Life::Building(me as u8);
            state.object.holders |= bit;
            Step::GoLive
        }
        Step::GoLive => {
            state.object.life = Life::Live;
            state.processes[me].holds = true;
            state.processes[me].using = state.object.generation;
            Step::LetGo
        }
        Step::SweepBuilding
        | Step::SweepBit
        | Step::SweepSettle
        | Step::SweepUnlist
        | Step::SweepMessage
        | Step::SweepDone => sweep(config, state, me, step),
    };
    state.processes[me].step = goto;
    if settles {
        state.processes[me].settle = Some(Settle::ReadLife);
    }
    Some(Ok(()))
}

/// The message that a process sends.
fn sent(me: usize) -> usize {
    usize::from(me != 0)
}

fn free_message(state: &mut State, index: usize) {
    state.messages[index].carries = false;
    state.messages[index].owner = NOBODY;
}

fn sweep(config: &Config, state: &mut State, me: usize, step: Step) -> Step {
    let victim = state.processes[me].victim;
    let held =
        |index: &usize| state.messages[*index].owner == victim && state.place != Some(*index);
    match step {
        Step::SweepBuilding => {
            match state.object.life {
                Life::Building(by) if by == victim => settle::free(state),
                Life::Dying(by) if by == victim => {
                    state.object.life = Life::Dying(me as u8);
                    state.processes[me].settle = Some(Settle::Free);
                }
                _ => {}
            }
            Step::SweepBit
        }
        Step::SweepBit => {
            state.object.holders &= !(1 << victim);
            Step::SweepSettle
        }
        Step::SweepSettle => {
            if !config.has(Bug::SweepForgetsObjects) {
                state.processes[me].settle = Some(Settle::ReadLife);
            }
            Step::SweepUnlist
        }
        Step::SweepUnlist => match (0..state.messages.len()).find(held) {
            Some(index) => {
                if state.messages[index].carries && !config.has(Bug::SweepLeavesLists) {
                    state.object.listed &= !(1 << index);
                }
                Step::SweepMessage
            }
            None => Step::SweepDone,
        },
        Step::SweepMessage => {
            if let Some(index) = (0..state.messages.len()).find(held) {
                free_message(state, index);
            }
            if !config.has(Bug::SweepForgetsObjects) {
                state.processes[me].settle = Some(Settle::ReadLife);
            }
            Step::SweepUnlist
        }
        _ => {
            state.deaths.end_sweep(usize::from(victim));
            state.processes[me].victim = NOBODY;
            Step::Hunt
        }
    }
}
