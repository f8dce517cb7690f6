//! Barriers: all parties of a generation go on together or all fail, and nobody waits for the dead.
//!
//! Parties wait for each other, the last one runs the action; the maker is no party, aborts and
//! resets; sweepers break the barrier of the dead. Steps carry the names of the functions in
//! `barrier.rs`, and of the class that calls them, they stand for.

mod memory;
mod party;
mod rest;
mod sweep;
mod tell;
mod word;

use crate::bug::Bug;
use crate::deaths::MAX_PROCESSES;
use crate::explore::{Moves, Protocol};
use crate::violation::Violation;
use memory::{Memory, Process, Step};
use party::Party;
use sweep::Sweep;

/// How many of everything there is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Config {
    /// Processes that wait for each other.
    pub parties: usize,
    /// How often each of them waits.
    pub rounds: u8,
    /// The first party has made the barrier; else a process that is no party has, if there is one.
    pub party_made_it: bool,
    /// How often the maker, which is no party, breaks the barrier, and then resets it.
    pub aborts: u8,
    /// See `aborts`.
    pub resets: u8,
    /// There is a maker that is no party.
    pub maker: bool,
    /// Processes that sweep. The last one alive is never killed.
    pub sweepers: usize,
    /// How often any process may be killed.
    pub kills: u8,
    /// How often a party may end in good order, at any step: its thread is terminated.
    pub leaves: u8,
    /// How often a party may give up, or its action fail.
    pub timeouts: u8,
    /// The rule that is left out.
    pub bug: Option<Bug>,
}

/// Shared memory, all processes, and what may still go wrong.
#[derive(Clone, Hash)]
pub struct State {
    memory: Memory,
    processes: [Process; MAX_PROCESSES],
    kills: u8,
    leaves: u8,
    timeouts: u8,
}

impl Config {
    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn count(&self) -> usize {
        self.parties + usize::from(self.maker) + self.sweepers
    }

    fn is_party(&self, process: usize) -> bool {
        process < self.parties
    }

    fn is_sweeper(&self, process: usize) -> bool {
        process >= self.parties + usize::from(self.maker)
    }

    fn faults(&self, state: &State, me: usize, moves: &mut Moves<State>) {
        let process = &state.processes[me];
        let other_sweeper = |other: usize| {
            other != me && self.is_sweeper(other) && state.memory.deaths.is_alive(other)
        };
        let survivor = !self.is_sweeper(me) || (0..self.count()).any(other_sweeper);
        if state.kills > 0 && survivor && process.step != Step::Over {
            let mut next = state.clone();
            next.kills -= 1;
            next.memory.kill(me, process, false);
            next.processes[me] = Process::at(Step::Over);
            moves.fault(|| format!("{me} is KILLED"), Ok(next));
        }
        if state.leaves > 0 && self.is_party(me) && process.step != Step::Over {
            let mut next = state.clone();
            next.leaves -= 1;
            next.memory.kill(me, process, true);
            next.processes[me] = Process::at(Step::Over);
            moves.fault(|| format!("{me} LEAVES"), Ok(next));
        }
        let step = process.step;
        let may_fail = [Party::Sleep, Party::Act].map(Step::Party).contains(&step);
        if state.timeouts > 0 && may_fail {
            let mut next = state.clone();
            next.timeouts -= 1;
            party::fail(&mut next.memory, &mut next.processes[me], me);
            moves.fault(|| format!("{me} gives up"), Ok(next));
        }
    }
}

impl Protocol for Config {
    type State = State;

    fn start(&self) -> State {
        let mut processes = [Process::at(Step::Over); MAX_PROCESSES];
        for (me, process) in processes.iter_mut().enumerate().take(self.count()) {
            process.step = Step::first(self, me);
            process.left = if self.is_party(me) {
                self.rounds
            } else {
                self.aborts + self.resets
            };
        }
        State {
            memory: Memory::new(self),
            processes,
            kills: self.kills,
            leaves: self.leaves,
            timeouts: self.timeouts,
        }
    }

    fn moves(&self, state: &State, moves: &mut Moves<State>) {
        for me in (0..self.count()).filter(|&me| state.memory.deaths.is_alive(me)) {
            let process = &state.processes[me];
            if process.step == Step::Sweep(Sweep::Hunt) {
                for victim in state.memory.deaths.victims() {
                    let mut next = state.clone();
                    next.memory.deaths.begin_sweep(victim, me);
                    next.processes[me].victim = victim as u8;
                    next.processes[me].step = Step::Sweep(Sweep::first(&state.memory, victim));
                    moves.step(|| format!("{me}: sweeps {victim}"), Ok(next));
                }
            } else if process.can_move(&state.memory, me) {
                let mut next = state.clone();
                let done = memory::advance(self, &mut next.memory, &mut next.processes[me], me);
                moves.step(|| format!("{me}: {:?}", process.step), done.map(|()| next));
            }
            self.faults(state, me, moves);
        }
    }

    fn at_rest(&self, state: &State) -> Result<(), Violation> {
        rest::check(self, state)
    }

    fn describe(&self, state: &State) -> String {
        state.memory.describe()
    }
}
