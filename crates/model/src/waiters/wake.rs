//! A waker: `Waiters::wake_one` and `wake_in`, or `wake_all`.

use super::sweep;
use super::{Config, NOBODY, Process, State, Step};
use crate::bells::first_from;
use crate::bug::Bug;
use crate::mortal::Mortal;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wake {
    /// There is a token more, or the flag is up.
    Change,
    /// Which words were ever used?
    LoadUsed,
    /// One word after the other, from the own one on: whose bits are set?
    Pick,
    /// One bit is cleared; if somebody else has, the word is looked at again.
    Clear,
    Ring,
    /// `wake_all`: a word is emptied,
    Swap,
    /// and all who were in it are rung, one after the other.
    RingEach,
}

pub(super) fn step(config: &Config, state: &mut State, me: usize, step: Wake) {
    let process = state.processes[me];
    let index = (config.word_of(me) + usize::from(process.at)) % config.words;
    let next = match step {
        Wake::Change => {
            state.tokens = if config.flag { 1 } else { state.tokens + 1 };
            if config.has(Bug::WakeBeforeChange) {
                state.processes[me] = Process::at(Step::Over);
                return;
            }
            Wake::LoadUsed
        }
        Wake::LoadUsed if state.used == 0 => return woken(config, state, me),
        Wake::LoadUsed => {
            state.processes[me].used = state.used;
            // A sweep wakes one.
            if config.flag && !config.is_sweeper(me) {
                Wake::Swap
            } else {
                Wake::Pick
            }
        }
        Wake::Pick | Wake::Swap if usize::from(process.at) == config.words => {
            return woken(config, state, me);
        }
        Wake::Pick | Wake::Swap if process.used & 1 << index == 0 => {
            state.processes[me].at += 1;
            step
        }
        Wake::Pick => match first_from(state.words[index], me) {
            Some(target) => {
                state.processes[me].target = target as u8;
                Wake::Clear
            }
            None if config.has(Bug::OneWordLookedAt) => return woken(config, state, me),
            None => {
                if config.has(Bug::MarkTakenBack) {
                    state.used &= !(1 << index);
                }
                state.processes[me].at += 1;
                Wake::Pick
            }
        },
        Wake::Clear => {
            let bit = 1 << process.target;
            let mine = state.words[index] & bit != 0;
            state.words[index] &= !bit;
            if mine {
                Wake::Ring
            } else {
                state.processes[me].target = NOBODY;
                Wake::Pick
            }
        }
        Wake::Ring => {
            state.bells.ring(usize::from(process.target), false);
            return woken(config, state, me);
        }
        Wake::Swap => {
            state.processes[me].bits = std::mem::take(&mut state.words[index]);
            Wake::RingEach
        }
        Wake::RingEach => match first_from(process.bits, 0) {
            Some(target) => {
                state.bells.ring(target, false);
                state.processes[me].bits &= !(1 << target);
                Wake::RingEach
            }
            None => {
                state.processes[me].at += 1;
                Wake::Swap
            }
        },
    };
    state.processes[me].step = Step::Wake(next);
}

fn woken(config: &Config, state: &mut State, me: usize) {
    let Process { victim, .. } = state.processes[me];
    state.processes[me] = Process::at(if victim != NOBODY {
        Step::Sweep(sweep::Sweep::RingAll)
    } else if config.has(Bug::WakeBeforeChange) {
        Step::Wake(Wake::Change)
    } else {
        Step::Over
    });
    state.processes[me].victim = victim;
}
