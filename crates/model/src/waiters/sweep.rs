//! The sweep of a dead participant: its bit is taken back, and who is woken in its place.

use super::wake::Wake;
use super::{Config, Process, State, Step};
use crate::bug::Bug;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sweep {
    /// Waits for somebody to sweep.
    Hunt,
    ClearBit,
    /// Is there something for somebody else? Then one is woken.
    Look,
    /// `ring_all_after_death`.
    RingAll,
    Release,
}

pub(super) fn step(config: &Config, state: &mut State, me: usize, step: Sweep) {
    let victim = usize::from(state.processes[me].victim);
    let next = match step {
        Sweep::Hunt => Sweep::Hunt,
        Sweep::ClearBit => {
            let word = config.word_of(victim);
            if word == 0 || !config.has(Bug::SweepKnowsOneWord) {
                state.words[word] &= !(1 << victim);
            }
            Sweep::Look
        }
        Sweep::Look if state.tokens > 0 => {
            state.processes[me].step = Step::Wake(Wake::LoadUsed);
            return;
        }
        Sweep::Look => Sweep::RingAll,
        Sweep::RingAll => {
            let live = state.deaths.live & ((1 << config.sleepers) - 1);
            state.bells.ring_all(live, false);
            Sweep::Release
        }
        Sweep::Release => {
            state.deaths.end_sweep(victim);
            state.processes[me] = Process::at(Step::Sweep(Sweep::Hunt));
            return;
        }
    };
    state.processes[me].step = Step::Sweep(next);
}
