//! Locks and semaphores: words that name who has them, and the line of those who wait.
//!
//! Takers acquire, use and release; givers release what they never acquired; sweepers give back
//! what the dead had. A lock is one word, with a release of its own. Steps carry the names of the
//! functions in `lock.rs`, `semaphore.rs`, `waiters.rs`, `awaited.rs` and `waiting.rs` they stand for.

mod acquire;
mod memory;
mod release;
mod rest;
mod sweep;
mod wait;
mod wake;

use crate::bug::Bug;
use crate::deaths::MAX_PROCESSES;
use crate::explore::{Moves, Protocol};
use crate::violation::Violation;
use memory::{MAX_WORDS, Memory, Process, Step};
use sweep::Sweep;
use wait::Wait;

/// How many of everything there is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Config {
    /// A lock: one word, nothing is added.
    pub lock: bool,
    /// Words that are a permit at the start.
    pub permits: usize,
    /// Words there are.
    pub room: usize,
    /// Permits beyond the words.
    pub counted: u8,
    /// Processes that acquire and release.
    pub takers: usize,
    /// How often each of them does.
    pub rounds: u8,
    /// Processes that release once without having acquired.
    pub givers: usize,
    /// Processes that sweep. The last one alive is never killed.
    pub sweepers: usize,
    /// How often any process may be killed.
    pub kills: u8,
    /// How often a wait may end before it was successful.
    pub timeouts: u8,
    /// Takers wait in an event loop.
    pub event_loop: bool,
    /// How often something else in an event loop that waits may block for the same object and give up.
    pub interludes: u8,
    /// The rule that is left out.
    pub bug: Option<Bug>,
}

/// Shared memory, all processes, and what may still go wrong.
#[derive(Clone, Hash)]
pub struct State {
    memory: Memory,
    processes: [Process; MAX_PROCESSES],
    kills: u8,
    timeouts: u8,
    interludes: u8,
}

impl Config {
    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn count(&self) -> usize {
        self.takers + self.givers + self.sweepers
    }

    fn is_taker(&self, process: usize) -> bool {
        process < self.takers
    }

    fn is_sweeper(&self, process: usize) -> bool {
        process >= self.takers + self.givers
    }

    fn hunts(&self, state: &State, me: usize, moves: &mut Moves<State>) {
        for victim in state.memory.deaths.victims() {
            let mut next = state.clone();
            next.memory.deaths.begin_sweep(victim, me);
            next.processes[me].victim = victim as u8;
            next.processes[me].step = Step::Sweep(Sweep::first(self));
            moves.step(|| format!("{me}: sweeps {victim}"), Ok(next));
        }
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
            next.memory.kill(me, process);
            next.processes[me] = Process::absent();
            moves.fault(|| format!("{me} is KILLED"), Ok(next));
        }
        if process.step != Step::Wait(Wait::Sleep) {
            return;
        }
        if state.timeouts > 0 {
            let mut next = state.clone();
            next.timeouts -= 1;
            wait::time_out(self, &mut next.processes[me]);
            moves.fault(|| format!("{me} gives up"), Ok(next));
        }
        if self.event_loop && state.interludes > 0 {
            let mut next = state.clone();
            next.interludes -= 1;
            next.processes[me].step = Step::Wait(Wait::BlockSetBit);
            moves.fault(|| format!("{me} does something else"), Ok(next));
        }
    }
}

impl Protocol for Config {
    type State = State;

    fn start(&self) -> State {
        let mut processes = [Process::absent(); MAX_PROCESSES];
        for (me, process) in processes.iter_mut().enumerate().take(self.count()) {
            process.step = Step::first(self, me);
            process.left = self.rounds;
        }
        State {
            memory: Memory::new(self),
            processes,
            kills: self.kills,
            timeouts: self.timeouts,
            interludes: self.interludes,
        }
    }

    fn moves(&self, state: &State, moves: &mut Moves<State>) {
        for me in (0..self.count()).filter(|&me| state.memory.deaths.is_alive(me)) {
            let process = &state.processes[me];
            if process.step == Step::Sweep(Sweep::Hunt) {
                self.hunts(state, me, moves);
            } else if process.can_move(&state.memory, me) {
                let mut next = state.clone();
                let done = memory::advance(self, &mut next.memory, &mut next.processes[me], me);
                let done = done.and_then(|()| next.check());
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

const _: () = assert!(MAX_WORDS + MAX_PROCESSES <= 16, "registers are small");
