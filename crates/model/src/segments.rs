//! Queues without a limit: a chain of segments that grows at one end and is freed at the other, and its end.
//!
//! Producers put and append, consumers take, retire what is used up and close what is shut;
//! somebody may shut the queue at any time, or it ends with its last producer, as a pipe does.
//! Blocks, and the steps of waking, are left out here (see `channel` and `waiters`). Steps carry
//! the names of the functions in `segments.rs`, `segment_life.rs`, `ring.rs`, `queue.rs` and
//! `sweep.rs` they stand for.

mod append;
mod chain;
mod close;
mod end;
mod memory;
mod process;
mod put;
mod rest;
mod retire;
mod sleep;
mod slot;
mod sweep;
mod take;
mod walk;

use crate::bug::Bug;
use crate::deaths::{Deaths, MAX_PROCESSES};
use crate::explore::{Moves, Protocol};
use crate::mortal::Mortal;
use crate::violation::Violation;
use memory::Memory;
use process::{Process, Step};
use sleep::Sleep;
use sweep::Sweep;

/// How many of everything there is.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Processes that put.
    pub producers: usize,
    /// Items that each of them puts.
    pub items: u8,
    /// Processes that take until the end.
    pub consumers: usize,
    /// One more process shuts the queue at some time.
    pub shuts: bool,
    /// The queue ends with its last producer.
    pub pipe: bool,
    /// Slots of a segment.
    pub slots: usize,
    /// Memory for so many segments.
    pub segments: usize,
    /// Processes that sweep. The last one alive is never killed.
    pub sweepers: usize,
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
        items: 3,
        consumers: 1,
        shuts: false,
        pipe: false,
        slots: 1,
        segments: 3,
        sweepers: 1,
        kills: 1,
        bug: None,
    };

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
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
        self.producers + self.consumers + usize::from(self.shuts) + self.sweepers
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
        state.processes[me].step = Step::Sweep(Sweep::Segment);
    }

    fn step(&self, state: &State, me: usize) -> Option<Result<State, Violation>> {
        let process = &state.processes[me];
        if !process.can_move(self, &state.memory, me) {
            return None;
        }
        let mut next = state.clone();
        let done = process::advance(self, &mut next.memory, &mut next.processes[me], me);
        Some(done.map(|()| next))
    }

    fn label(state: &State, me: usize) -> String {
        format!("{me}: {:?}", state.processes[me].step)
    }

    fn kill(&self, state: &mut State, me: usize) {
        state.memory.bells.forget(me);
        state.processes[me] = Process::at(Step::Over);
    }
}

impl Protocol for Config {
    type State = State;

    fn start(&self) -> State {
        let mut processes = [Process::at(Step::Over); MAX_PROCESSES];
        for (me, process) in processes.iter_mut().enumerate().take(self.count()) {
            *process = Process::at(Step::first(self, me));
            if self.is_producer(me) {
                process.item = me as u8 * self.items;
            }
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
    fn sleeps(&self, me: usize) -> bool {
        self.processes[me].step == Step::Sleep(Sleep::Doze)
    }
}
