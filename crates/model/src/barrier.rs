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
use crate::deaths::{Deaths, MAX_PROCESSES};
use crate::explore::{Moves, Protocol};
use crate::mortal::Mortal;
use crate::violation::Violation;
use memory::{Memory, Process, Step};
use party::Party;
use sweep::Sweep;

/// How many of everything there is.
#[derive(Clone, Copy, Debug)]
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
    leaves: u8,
    timeouts: u8,
}

impl Config {
    /// The smallest one that shows the protocol at work, with a death; others say in what they differ from it.
    pub const SMALL: Self = Self {
        parties: 2,
        rounds: 2,
        party_made_it: false,
        aborts: 0,
        resets: 0,
        maker: false,
        sweepers: 1,
        kills: 1,
        leaves: 0,
        timeouts: 0,
        bug: None,
    };

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn is_party(&self, process: usize) -> bool {
        process < self.parties
    }
}

impl Mortal for Config {
    fn count(&self) -> usize {
        self.parties + usize::from(self.maker) + self.sweepers
    }

    fn is_sweeper(&self, process: usize) -> bool {
        process >= self.parties + usize::from(self.maker)
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
        state.processes[me].step = Step::Sweep(Sweep::first(&state.memory, victim));
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
        state.memory.kill(me, &process, false);
    }

    fn mishaps(&self, state: &State, me: usize, moves: &mut Moves<State>) {
        let process = &state.processes[me];
        if state.leaves > 0 && self.is_party(me) && process.step != Step::Over {
            let mut next = state.clone();
            next.leaves -= 1;
            next.memory.deaths.end(me);
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
            leaves: self.leaves,
            timeouts: self.timeouts,
        }
    }

    fn moves(&self, state: &State, moves: &mut Moves<State>) {
        self.moves_of_mortals(state, moves);
    }

    fn at_rest(&self, state: &State) -> Result<(), Violation> {
        rest::check(self, state)
    }

    fn describe(&self, state: &State) -> String {
        state.memory.describe()
    }
}
