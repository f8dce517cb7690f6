//! Who sleeps, in a bitmap of several words: the word in front says which of them were ever used.
//!
//! What is waited for is left out here (see `permits`): it is a number of tokens, of which each
//! sleeper takes one, or a flag that wakes all. Participant p has its bit in word p % words, so
//! that neighbours are in different words. Steps carry the names of the functions in `bitmap.rs`
//! and `waiters.rs` they stand for.

mod sleep;
mod sweep;
mod wake;

use crate::bells::Bells;
use crate::bug::Bug;
use crate::deaths::{Deaths, MAX_PROCESSES};
use crate::explore::{Moves, Protocol};
use crate::mortal::Mortal;
use crate::violation::{Kind, Violation};
use sleep::Sleep;
use sweep::Sweep;
use wake::Wake;

const MAX_WORDS: usize = 3;
const NOBODY: u8 = u8::MAX;

/// How many of everything there is.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Words of the bitmap.
    pub words: usize,
    /// Processes that wait for one token each.
    pub sleepers: usize,
    /// Processes that bring one token each and wake one, or put the flag up and wake all.
    pub wakers: usize,
    /// The flag instead of tokens: `wake_all`.
    pub flag: bool,
    /// Processes that sweep. The last one alive is never killed.
    pub sweepers: usize,
    /// How often any process may be killed.
    pub kills: u8,
    /// How often a sleeper may give up.
    pub timeouts: u8,
    /// The rule that is left out.
    pub bug: Option<Bug>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step {
    Sleep(Sleep),
    Wake(Wake),
    Sweep(Sweep),
    Over,
}

/// A process and its registers.
#[derive(Clone, Copy, Hash)]
struct Process {
    step: Step,
    /// The words that were used when it looked.
    used: u8,
    /// Words looked at.
    at: u8,
    target: u8,
    /// Whom to ring, of one word.
    bits: u8,
    leaving: bool,
    victim: u8,
}

impl Process {
    const fn at(step: Step) -> Self {
        Self {
            step,
            used: 0,
            at: 0,
            target: NOBODY,
            bits: 0,
            leaving: false,
            victim: NOBODY,
        }
    }
}

/// Shared memory, all processes, and what may still go wrong.
#[derive(Clone, Hash)]
pub struct State {
    used: u8,
    words: [u8; MAX_WORDS],
    tokens: u8,
    bells: Bells,
    deaths: Deaths,
    processes: [Process; MAX_PROCESSES],
    timeouts: u8,
}

impl Config {
    /// The smallest one that shows the protocol at work, with a death; others say in what they differ from it.
    pub const SMALL: Self = Self {
        words: 2,
        sleepers: 2,
        wakers: 2,
        flag: false,
        sweepers: 1,
        kills: 1,
        timeouts: 0,
        bug: None,
    };

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn word_of(&self, process: usize) -> usize {
        process % self.words
    }

    fn first_step(&self, process: usize) -> Step {
        if process < self.sleepers {
            Step::Sleep(Sleep::Take)
        } else if self.is_sweeper(process) {
            Step::Sweep(Sweep::Hunt)
        } else if self.has(Bug::WakeBeforeChange) {
            Step::Wake(Wake::LoadUsed)
        } else {
            Step::Wake(Wake::Change)
        }
    }
}

impl State {
    fn advance(&mut self, config: &Config, me: usize) {
        match self.processes[me].step {
            Step::Sleep(step) => sleep::step(config, self, me, step),
            Step::Wake(step) => wake::step(config, self, me, step),
            Step::Sweep(step) => sweep::step(config, self, me, step),
            Step::Over => unreachable!("who is over does not move"),
        }
    }

    fn sleeps(&self, me: usize) -> bool {
        self.processes[me].step == Step::Sleep(Sleep::Doze)
    }
}

impl Mortal for Config {
    fn count(&self) -> usize {
        self.sleepers + self.wakers + self.sweepers
    }

    fn is_sweeper(&self, process: usize) -> bool {
        process >= self.sleepers + self.wakers
    }

    fn deaths(state: &State) -> &Deaths {
        &state.deaths
    }

    fn deaths_mut(state: &mut State) -> &mut Deaths {
        &mut state.deaths
    }

    fn is_over(state: &State, me: usize) -> bool {
        state.processes[me].step == Step::Over
    }

    fn hunts(state: &State, me: usize) -> bool {
        state.processes[me].step == Step::Sweep(Sweep::Hunt)
    }

    fn begin_sweep(&self, state: &mut State, me: usize, victim: usize) {
        state.processes[me].victim = victim as u8;
        state.processes[me].step = Step::Sweep(Sweep::ClearBit);
    }

    fn step(&self, state: &State, me: usize) -> Option<Result<State, Violation>> {
        let over = Self::is_over(state, me);
        if over || (state.sleeps(me) && !state.bells.wakes(me)) {
            return None;
        }
        let mut next = state.clone();
        next.advance(self, me);
        Some(Ok(next))
    }

    fn label(state: &State, me: usize) -> String {
        format!("{me}: {:?}", state.processes[me].step)
    }

    fn kill(&self, state: &mut State, me: usize) {
        state.bells.forget(me);
        state.processes[me] = Process::at(Step::Over);
    }

    fn mishaps(&self, state: &State, me: usize, moves: &mut Moves<State>) {
        if state.timeouts > 0 && state.sleeps(me) {
            let mut next = state.clone();
            next.timeouts -= 1;
            next.processes[me].leaving = true;
            next.processes[me].step = Step::Sleep(Sleep::ClearBit);
            moves.fault(|| format!("{me} gives up"), Ok(next));
        }
    }
}

impl Protocol for Config {
    type State = State;

    fn start(&self) -> State {
        let mut processes = [Process::at(Step::Over); MAX_PROCESSES];
        for (me, process) in processes.iter_mut().enumerate().take(self.count()) {
            process.step = self.first_step(me);
        }
        State {
            used: 0,
            words: [0; MAX_WORDS],
            tokens: 0,
            bells: Bells::default(),
            deaths: Deaths::new(self.count(), self.kills),
            processes,
            timeouts: self.timeouts,
        }
    }

    fn moves(&self, state: &State, moves: &mut Moves<State>) {
        self.moves_of_mortals(state, moves);
    }

    fn at_rest(&self, state: &State) -> Result<(), Violation> {
        if state.deaths.unswept != 0 {
            let detail = format!("{:b}", state.deaths.unswept);
            return Err(Violation::new(Kind::Unswept, detail));
        }
        let sleeping = (0..self.count()).find(|&me| state.sleeps(me));
        if let Some(me) = sleeping.filter(|_| state.tokens > 0) {
            let detail = format!("{me} sleeps beside what it waits for");
            return Err(Violation::new(Kind::Hang, detail));
        }
        for me in 0..self.count() {
            if state.words[self.word_of(me)] & 1 << me != 0 && !state.sleeps(me) {
                let detail = format!("{me} is in the line and does not wait");
                return Err(Violation::new(Kind::Leak, detail));
            }
        }
        Ok(())
    }

    fn describe(&self, state: &State) -> String {
        let State {
            used,
            words,
            tokens,
            ..
        } = state;
        let words = &words[..self.words];
        format!("{tokens} used {used:b} words {words:?}")
    }
}
