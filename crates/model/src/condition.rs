//! Conditions: who waits gives the lock up, who notifies has it, and no notification dies with anybody.
//!
//! Waiters wait for a token each, as in `waitFor`; notifiers bring tokens and notify; sweepers pass
//! on what the dead were notified of. The lock is one step here (see `permits`). Steps carry the
//! names of the functions in `condition.rs`, and of the class that calls them, they stand for.

mod memory;
mod notify;
mod rest;
mod sweep;
mod wait;

use crate::bug::Bug;
use crate::deaths::{Deaths, MAX_PROCESSES};
use crate::explore::{Moves, Protocol};
use crate::mortal::Mortal;
use crate::violation::Violation;
use memory::{Memory, Process, Step};
use sweep::Sweep;
use wait::Wait;

/// How many of everything there is.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Processes that wait for one token each.
    pub waiters: usize,
    /// Processes that bring tokens and notify once.
    pub notifiers: usize,
    /// How many tokens each brings, and how many it notifies at most.
    pub tokens: u8,
    /// Processes that sweep. The last one alive is never killed.
    pub sweepers: usize,
    /// A sweep gives back the lock after it has seen to the condition, not before.
    pub lock_last: bool,
    /// How often any process may be killed.
    pub kills: u8,
    /// How often a wait may end by its time limit.
    pub timeouts: u8,
    /// How often a wait may be aborted: that one goes on with nothing.
    pub aborts: u8,
    /// The rule that is left out.
    pub bug: Option<Bug>,
}

/// Shared memory, all processes, and what may still go wrong.
#[derive(Clone, Hash)]
pub struct State {
    memory: Memory,
    processes: [Process; MAX_PROCESSES],
    timeouts: u8,
    aborts: u8,
}

impl Config {
    /// The smallest one that shows the protocol at work, with a death; others say in what they differ from it.
    pub const SMALL: Self = Self {
        waiters: 2,
        notifiers: 1,
        tokens: 1,
        sweepers: 1,
        lock_last: false,
        kills: 1,
        timeouts: 0,
        aborts: 0,
        bug: None,
    };

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }
}

impl Mortal for Config {
    fn count(&self) -> usize {
        self.waiters + self.notifiers + self.sweepers
    }

    fn is_sweeper(&self, process: usize) -> bool {
        process >= self.waiters + self.notifiers
    }

    fn deaths(state: &State) -> &Deaths {
        &state.memory.deaths
    }

    fn deaths_mut(state: &mut State) -> &mut Deaths {
        &mut state.memory.deaths
    }

    fn is_over(state: &State, me: usize) -> bool {
        state.processes[me].step == Step::Over
    }

    fn hunts(state: &State, me: usize) -> bool {
        state.processes[me].step == Step::Sweep(Sweep::Hunt)
    }

    fn begin_sweep(&self, state: &mut State, me: usize, victim: usize) {
        state.processes[me].victim = victim as u8;
        state.processes[me].step = Step::Sweep(Sweep::first(self));
    }

    fn step(&self, state: &State, me: usize) -> Option<Result<State, Violation>> {
        let process = &state.processes[me];
        if !process.can_move(&state.memory, me) {
            return None;
        }
        let mut next = state.clone();
        let done = memory::advance(self, &mut next.memory, &mut next.processes[me], me);
        Some(done.map(|()| next))
    }

    fn label(state: &State, me: usize) -> String {
        format!("{me}: {:?}", state.processes[me].step)
    }

    fn kill(&self, state: &mut State, me: usize) {
        let process = std::mem::replace(&mut state.processes[me], Process::at(Step::Over));
        state.memory.kill(me, &process);
    }

    fn mishaps(&self, state: &State, me: usize, moves: &mut Moves<State>) {
        if state.processes[me].step != Step::Wait(Wait::Sleep) {
            return;
        }
        for (left, aborts) in [(state.timeouts, false), (state.aborts, true)] {
            if left > 0 {
                let mut next = state.clone();
                next.timeouts -= u8::from(!aborts);
                next.aborts -= u8::from(aborts);
                next.memory.bells.forget(me);
                next.processes[me].aborts = aborts;
                next.processes[me].step = Step::Wait(Wait::GiveUp);
                let why = if aborts { "is aborted" } else { "gives up" };
                moves.fault(|| format!("{me} {why}"), Ok(next));
            }
        }
    }
}

impl Protocol for Config {
    type State = State;

    fn start(&self) -> State {
        let mut processes = [Process::at(Step::Over); MAX_PROCESSES];
        for (me, process) in processes.iter_mut().enumerate().take(self.count()) {
            process.step = Step::first(self, me);
        }
        State {
            memory: Memory::new(self),
            processes,
            timeouts: self.timeouts,
            aborts: self.aborts,
        }
    }

    fn moves(&self, state: &State, moves: &mut Moves<State>) {
        self.moves_of_mortals(state, moves);
    }

    fn at_rest(&self, state: &State) -> Result<(), Violation> {
        rest::check(self, state)
    }

    fn describe(&self, state: &State) -> String {
        state.memory.describe(self)
    }
}
