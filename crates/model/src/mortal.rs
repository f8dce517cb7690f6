//! What may happen next where any process may be killed before any of its steps, and some sweep the dead.

use crate::deaths::Deaths;
use crate::explore::{Moves, Protocol};
use crate::violation::Violation;

/// A protocol of mortal processes. The last sweeper alive is never killed.
pub(crate) trait Mortal: Protocol {
    /// How many processes there are.
    fn count(&self) -> usize;

    fn is_sweeper(&self, process: usize) -> bool;

    fn deaths(state: &Self::State) -> &Deaths;

    fn deaths_mut(state: &mut Self::State) -> &mut Deaths;

    /// Whether it has nothing to do any more: its death would change nothing.
    fn is_over(state: &Self::State, me: usize) -> bool;

    /// Whether it waits for somebody to sweep.
    fn hunts(state: &Self::State, me: usize) -> bool;

    /// Its first step, with the victim it has found.
    fn begin_sweep(&self, state: &mut Self::State, me: usize, victim: usize);

    /// The state after its next step; `None` when it cannot move.
    fn step(&self, state: &Self::State, me: usize) -> Option<Result<Self::State, Violation>>;

    /// Its next step, for traces.
    fn label(state: &Self::State, me: usize) -> String;

    /// What its death does beside the step that it does not take any more.
    fn kill(&self, state: &mut Self::State, me: usize);

    /// What else may happen to it that nobody can rely on.
    fn mishaps(&self, _state: &Self::State, _me: usize, _moves: &mut Moves<Self::State>) {}

    /// The body of `Protocol::moves`.
    fn moves_of_mortals(&self, state: &Self::State, moves: &mut Moves<Self::State>) {
        let deaths = Self::deaths(state);
        for me in (0..self.count()).filter(|&me| deaths.is_alive(me)) {
            if Self::hunts(state, me) {
                for victim in deaths.victims() {
                    let mut next = state.clone();
                    Self::deaths_mut(&mut next).begin_sweep(victim, me);
                    self.begin_sweep(&mut next, me, victim);
                    moves.step(|| format!("{me}: sweeps {victim}"), Ok(next));
                }
            } else if let Some(next) = self.step(state, me) {
                moves.step(|| Self::label(state, me), next);
            }
            let is_other_sweeper =
                |other: usize| other != me && self.is_sweeper(other) && deaths.is_alive(other);
            let survives = !self.is_sweeper(me) || (0..self.count()).any(is_other_sweeper);
            if deaths.may_come() && survives && !Self::is_over(state, me) {
                let mut next = state.clone();
                Self::deaths_mut(&mut next).kill(me);
                self.kill(&mut next, me);
                moves.fault(|| format!("{me} is KILLED"), Ok(next));
            }
            self.mishaps(state, me, moves);
        }
    }
}
