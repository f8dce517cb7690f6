//! One queue and the processes around it: producers, consumers and sweepers, all mortal.
//!
//! A process is a program counter ([`process::Step`]) and a few registers; the shared words are
//! in [`memory::Memory`]. Each file below holds the steps of one part of the protocol.

mod blocks;
mod memory;
mod process;
mod put;
mod rest;
mod ring;
mod sleep;
mod sweep;
mod take;

use memory::{Memory, NOTHING};
use process::{Process, Step};

use crate::bug::Bug;
use crate::explore::{Moves, Protocol};
use crate::violation::Violation;

const MAX_PROCESSES: usize = 6;

/// How many of everything there is. Fields that are zero switch their feature off.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Processes that put.
    pub producers: usize,
    /// Processes that take.
    pub consumers: usize,
    /// Processes that sweep. The last one alive is never killed: somebody survives.
    pub sweepers: usize,
    /// Slots of the queue.
    pub capacity: u8,
    /// Messages per producer.
    pub messages: u8,
    /// Blocks per message, 1 or 2.
    pub chain: u8,
    /// How often any process may be killed.
    pub kills: u8,
    /// How often a swept entry may be joined by a new process of the same role.
    pub respawns: u8,
    /// How often a sleeper may give up.
    pub timeouts: u8,
    /// Consumers sleep in an event loop, on a pipe, instead of on a futex.
    pub event_loop: bool,
    /// The rule that is left out.
    pub bug: Option<Bug>,
}

impl Config {
    /// The smallest one that shows the protocol at work, with a death; others say in what they differ from it.
    pub const SMALL: Self = Self {
        producers: 1,
        consumers: 1,
        sweepers: 1,
        capacity: 1,
        messages: 2,
        chain: 1,
        kills: 1,
        respawns: 0,
        timeouts: 0,
        event_loop: false,
        bug: None,
    };

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn processes(&self) -> usize {
        self.producers + self.consumers + self.sweepers
    }

    // As many as can be in use at once, so that running out of blocks means a leak.
    fn blocks(&self) -> usize {
        let messages = usize::from(self.capacity) + self.producers + self.consumers;
        messages * usize::from(self.chain)
    }

    fn is_producer(&self, process: usize) -> bool {
        process < self.producers
    }

    fn is_sweeper(&self, process: usize) -> bool {
        process >= self.producers + self.consumers
    }

    fn name(&self, process: usize) -> String {
        let consumers = self.producers + self.consumers;
        match process {
            p if p < self.producers => format!("producer {p}"),
            p if p < consumers => format!("consumer {p}"),
            p => format!("sweeper {p}"),
        }
    }
}

/// Shared memory, all processes, and what may still go wrong.
#[derive(Clone, Hash)]
pub struct State {
    memory: Memory,
    processes: [Process; MAX_PROCESSES],
    kills: u8,
    respawns: u8,
    timeouts: u8,
}

impl State {
    // Runs one step of process `me`. `None`: it cannot move.
    fn advance(&self, config: &Config, me: usize) -> Option<Result<State, Violation>> {
        let mut next = self.clone();
        let memory = &mut next.memory;
        let process = &mut next.processes[me];
        if !memory.living(me) || memory.bells[me].asleep {
            return None;
        }
        let stepped = match process.step {
            Step::Gone => return None,
            Step::Put(put::Put::Next) if process.left == 0 => return None,
            Step::Put(step) => put::step(config, memory, process, me, step),
            Step::Take(step) => take::step(config, memory, process, me, step),
            Step::Sleep(step) => sleep::step(config, memory, process, me, step),
            Step::Ring(step) => ring::step(config, memory, process, me, step),
            Step::Sweep(sweep::Sweep::Hunt) => return None,
            Step::Sweep(step) => sweep::step(config, memory, process, me, step),
        };
        Some(stepped.map(|()| next))
    }
}

impl Protocol for Config {
    type State = State;

    fn start(&self) -> State {
        let mut processes = [Process::absent(); MAX_PROCESSES];
        let mut memory = Memory::new();
        for (id, process) in processes.iter_mut().enumerate().take(self.processes()) {
            *process = Process::new(self, id, self.messages);
            memory.live |= 1 << id;
        }
        State {
            memory,
            processes,
            kills: self.kills,
            respawns: self.respawns,
            timeouts: self.timeouts,
        }
    }

    fn moves(&self, state: &State, moves: &mut Moves<State>) {
        for me in 0..self.processes() {
            let process = &state.processes[me];
            let label = || format!("{}: {:?}", self.name(me), process.step);
            if let Some(next) = state.advance(self, me) {
                moves.step(label, next);
            }
            if state.memory.living(me) && process.step == Step::Sweep(sweep::Sweep::Hunt) {
                for victim in sweep::victims(self, &state.memory, me) {
                    let mut next = state.clone();
                    sweep::choose(&mut next.processes[me], &next.memory, victim);
                    moves.step(
                        || format!("{}: finds {victim} dead", self.name(me)),
                        Ok(next),
                    );
                }
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

impl Config {
    fn faults(&self, state: &State, me: usize, moves: &mut Moves<State>) {
        let memory = &state.memory;
        let process = &state.processes[me];
        let living = memory.living(me);
        let survivor = !self.is_sweeper(me)
            || (0..self.processes()).any(|p| p != me && self.is_sweeper(p) && memory.living(p));
        let over = process.step == Step::Put(put::Put::Next) && process.left == 0;
        if state.kills > 0 && living && survivor && !over {
            let mut next = state.clone();
            next.kills -= 1;
            next.memory.kill(me);
            next.processes[me] = Process {
                left: process.left,
                ..Process::absent()
            };
            moves.fault(|| format!("{} is KILLED", self.name(me)), Ok(next));
        }
        if state.respawns > 0 && !living && memory.entries[me].is_free() {
            let mut next = state.clone();
            next.respawns -= 1;
            next.memory.join(me);
            next.processes[me] = Process::new(self, me, process.left);
            moves.fault(|| format!("{} joins a free entry", self.name(me)), Ok(next));
        }
        if state.timeouts > 0 && memory.bells[me].asleep {
            let mut next = state.clone();
            next.timeouts -= 1;
            next.memory.bells[me].asleep = false;
            next.processes[me].leaving = true;
            moves.fault(|| format!("{} gives up", self.name(me)), Ok(next));
        }
    }
}

// No block: index 0 is a block here, unlike in the arena.
const _: () = assert!(NOTHING as usize > MAX_PROCESSES);
