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
use crate::deaths::{Deaths, MAX_PROCESSES};
use crate::explore::{Moves, Protocol};
use crate::mortal::Mortal;
use crate::violation::Violation;
use memory::{MAX_WORDS, Memory, Process, Step};
use sweep::Sweep;
use wait::Wait;

/// How many of everything there is.
#[derive(Clone, Copy, Debug)]
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
    timeouts: u8,
    interludes: u8,
}

impl Config {
    /// The smallest one that shows the protocol at work, with a death; others say in what they differ from it.
    pub const SMALL: Self = Self {
        lock: true,
        permits: 1,
        room: 1,
        counted: 0,
        takers: 2,
        rounds: 1,
        givers: 0,
        sweepers: 1,
        kills: 1,
        timeouts: 0,
        event_loop: false,
        interludes: 0,
        bug: None,
    };

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn is_taker(&self, process: usize) -> bool {
        process < self.takers
    }
}

impl Mortal for Config {
    fn count(&self) -> usize {
        self.takers + self.givers + self.sweepers
    }

    fn is_sweeper(&self, process: usize) -> bool {
        process >= self.takers + self.givers
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
        Some(done.and_then(|()| next.check()).map(|()| next))
    }

    fn label(state: &State, me: usize) -> String {
        format!("{me}: {:?}", state.processes[me].step)
    }

    fn kill(&self, state: &mut State, me: usize) {
        let process = std::mem::replace(&mut state.processes[me], Process::absent());
        state.memory.kill(me, &process);
    }

    fn mishaps(&self, state: &State, me: usize, moves: &mut Moves<State>) {
        if state.processes[me].step != Step::Wait(Wait::Sleep) {
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
            timeouts: self.timeouts,
            interludes: self.interludes,
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

const _: () = assert!(MAX_WORDS + MAX_PROCESSES <= 16, "registers are small");
