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
use crate::deaths::MAX_PROCESSES;
use crate::explore::{Moves, Protocol};
use crate::violation::Violation;
use memory::Memory;
use process::{Process, Step};
use sleep::Sleep;
use sweep::Sweep;

/// How many of everything there is.
#[derive(Clone, Copy, Debug, Default)]
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
    kills: u8,
}

impl Config {
    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn count(&self) -> usize {
        self.producers + self.consumers + usize::from(self.shuts) + self.sweepers
    }

    fn is_producer(&self, process: usize) -> bool {
        process < self.producers
    }

    fn is_consumer(&self, process: usize) -> bool {
        (self.producers..self.producers + self.consumers).contains(&process)
    }

    fn is_sweeper(&self, process: usize) -> bool {
        process >= self.count() - self.sweepers
    }

    fn faults(&self, state: &State, me: usize, moves: &mut Moves<State>) {
        let other_sweeper = |other: usize| {
            other != me && self.is_sweeper(other) && state.memory.deaths.is_alive(other)
        };
        let survivor = !self.is_sweeper(me) || (0..self.count()).any(other_sweeper);
        if state.kills > 0 && survivor && state.processes[me].step != Step::Over {
            let mut next = state.clone();
            next.kills -= 1;
            next.memory.deaths.kill(me);
            next.memory.bells.forget(me);
            next.processes[me] = Process::at(Step::Over);
            moves.fault(|| format!("{me} is KILLED"), Ok(next));
        }
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
            kills: self.kills,
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
                    next.processes[me].step = Step::Sweep(Sweep::Segment);
                    moves.step(|| format!("{me}: sweeps {victim}"), Ok(next));
                }
            } else if process.can_move(self, &state.memory, me) {
                let mut next = state.clone();
                let done = process::advance(self, &mut next.memory, &mut next.processes[me], me);
                moves.step(|| format!("{me}: {:?}", process.step), done.map(|()| next));
            }
            self.faults(state, me, moves);
        }
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
