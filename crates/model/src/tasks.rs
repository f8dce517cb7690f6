//! Unfinished tasks of a joinable queue: counts that stay exact when anybody dies between two steps.
//!
//! Each participant accounts for what it put, and for what it got and what of that is done, in
//! words of its own; a sweep puts the accounts of the dead right. Producers put and then join,
//! consumers take and say that a task is done, joiners join at any time. How messages get through
//! a queue is left out here (see `channel`): an item is a block, and to fill a free slot with it,
//! or to take the first ready one, is one step.

mod count;
mod join;
mod memory;
mod process;
mod put;
mod rest;
mod sweep;
mod take;
mod tell;

use memory::Memory;
use process::{Process, Step};
use sweep::Sweep;

use crate::bug::Bug;
use crate::deaths::{Deaths, MAX_PROCESSES};
use crate::explore::{Moves, Protocol};
use crate::mortal::Mortal;
use crate::violation::Violation;

/// How many of everything there is.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Processes that put.
    pub producers: usize,
    /// Items that each producer puts, or gives up when there is no room.
    pub puts: u8,
    /// Producers join after their last put.
    pub joining_producers: bool,
    /// Processes that take, and say of each item that it is done.
    pub consumers: usize,
    /// Processes that join once.
    pub joiners: usize,
    /// Processes that sweep. The last one alive is never killed.
    pub sweepers: usize,
    /// Slots of the queue.
    pub slots: usize,
    /// How often any process may be killed.
    pub kills: u8,
    /// The rule that is left out.
    pub bug: Option<Bug>,
}

/// Shared memory, all processes, and what may still go wrong.
#[derive(Clone, Hash)]
pub struct State {
    memory: Memory,
    processes: [Process; MAX_PROCESSES],
}

impl Config {
    /// The smallest one that shows the protocol at work, with a death; others say in what they differ from it.
    pub const SMALL: Self = Self {
        producers: 1,
        puts: 2,
        joining_producers: true,
        consumers: 1,
        joiners: 0,
        sweepers: 1,
        slots: 2,
        kills: 1,
        bug: None,
    };

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn items(&self) -> usize {
        self.producers * usize::from(self.puts)
    }

    fn is_producer(&self, process: usize) -> bool {
        process < self.producers
    }

    fn is_consumer(&self, process: usize) -> bool {
        (self.producers..self.producers + self.consumers).contains(&process)
    }
}

impl Mortal for Config {
    fn count(&self) -> usize {
        self.producers + self.consumers + self.joiners + self.sweepers
    }

    fn is_sweeper(&self, process: usize) -> bool {
        process >= self.count() - self.sweepers
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
        if !state.processes[me].can_move(&state.memory, me) {
            return None;
        }
        let mut next = state.clone();
        let process = &mut next.processes[me];
        let done = process::advance(self, &mut next.memory, process, me);
        next.observe();
        Some(done.map(|()| next))
    }

    fn label(state: &State, me: usize) -> String {
        match state.processes[me].tally {
            Some(tally) => format!("{me}: reads {tally:?}"),
            None => format!("{me}: {:?}", state.processes[me].step),
        }
    }

    fn kill(&self, state: &mut State, me: usize) {
        state.processes[me] = Process::absent();
    }
}

impl Protocol for Config {
    type State = State;

    fn start(&self) -> State {
        let mut processes = [Process::absent(); MAX_PROCESSES];
        for (me, process) in processes.iter_mut().enumerate().take(self.count()) {
            process.step = Step::first(self, me);
        }
        State {
            memory: Memory::new(self),
            processes,
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

impl State {
    /// History: whoever joins was there when no task was unfinished.
    fn observe(&mut self) {
        if self.memory.unfinished() == 0 {
            for process in &mut self.processes {
                process.saw_zero |= process.joins;
            }
        }
    }
}
