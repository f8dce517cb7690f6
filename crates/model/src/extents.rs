//! Extents: runs of contiguous units, claimed from the head on and freed from the end back.
//!
//! Only single words change atomically, so an extent is half claimed or half freed at times, and
//! whoever works on it may die. What stays true is that the units of an extent are always a
//! prefix: the head names the owner, the rest name the head, and a sweeper can tell how far
//! a dead process got.

mod sweep;
mod units;
mod worker;

use sweep::Sweep;
use units::{MAX_UNITS, Unit, Units};
use worker::Step;

use crate::bug::Bug;
use crate::explore::{Moves, Protocol};
use crate::violation::{Kind, Violation};

const MAX_PROCESSES: usize = 4;
const NOBODY: u8 = u8::MAX;

/// How many of everything there is.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Processes that claim extents; those with an odd number send theirs to anybody.
    pub workers: usize,
    /// Processes that sweep. The last one alive is never killed.
    pub sweepers: usize,
    /// Units of the arena.
    pub units: usize,
    /// Units per extent.
    pub size: u8,
    /// Extents each worker claims.
    pub rounds: u8,
    /// How often any process may be killed.
    pub kills: u8,
    /// How often a swept worker may be replaced.
    pub respawns: u8,
    /// The rule that is left out.
    pub bug: Option<Bug>,
}

/// The one message that may be under way: an extent in a slot of a queue.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Slot {
    Empty,
    Ready(u8),
    Taken(u8, u8),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Entry {
    Free,
    Alive,
    Sweeping(u8),
}

#[derive(Clone, Copy, Hash)]
enum Role {
    Worker(Step),
    Sweeper(Sweep),
}

/// A process and its registers.
#[derive(Clone, Copy, Hash)]
struct Process {
    role: Role,
    head: u8,
    count: u8,
    /// Units it has claimed of the extent.
    claimed: u8,
    left: u8,
    alive: bool,
}

/// Shared memory, all processes, and what may still go wrong.
#[derive(Clone, Hash)]
pub struct State {
    units: Units,
    slot: Slot,
    entries: [Entry; MAX_PROCESSES],
    processes: [Process; MAX_PROCESSES],
    kills: u8,
    respawns: u8,
}

impl Config {
    /// The smallest one that shows the protocol at work, with a death; others say in what they differ from it.
    pub const SMALL: Self = Self {
        workers: 2,
        sweepers: 2,
        units: 3,
        size: 2,
        rounds: 1,
        kills: 2,
        respawns: 1,
        bug: None,
    };

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn processes(&self) -> usize {
        self.workers + self.sweepers
    }

    fn process(&self, me: usize, left: u8) -> Process {
        let role = if me < self.workers {
            Role::Worker(Step::Idle)
        } else {
            Role::Sweeper(Sweep::Hunt)
        };
        Process {
            role,
            head: NOBODY,
            count: 0,
            claimed: 0,
            left,
            alive: true,
        }
    }

    fn faults(&self, state: &State, me: usize, moves: &mut Moves<State>) {
        let process = &state.processes[me];
        let survivor = me < self.workers
            || (self.workers..self.processes()).any(|p| p != me && state.processes[p].alive);
        if state.kills > 0 && process.alive && survivor {
            let mut next = state.clone();
            next.kills -= 1;
            next.processes[me] = Process {
                alive: false,
                ..self.process(me, process.left)
            };
            moves.fault(|| format!("{me} is KILLED"), Ok(next));
        }
        if state.respawns > 0 && !process.alive && state.entries[me] == Entry::Free {
            let mut next = state.clone();
            next.respawns -= 1;
            next.entries[me] = Entry::Alive;
            next.processes[me] = self.process(me, process.left);
            moves.fault(|| format!("{me} joins a free entry"), Ok(next));
        }
    }
}

impl Protocol for Config {
    type State = State;

    fn start(&self) -> State {
        let absent = Process {
            alive: false,
            ..self.process(0, 0)
        };
        let mut processes = [absent; MAX_PROCESSES];
        for (me, process) in processes.iter_mut().enumerate().take(self.processes()) {
            *process = self.process(me, self.rounds);
        }
        State {
            units: Units::default(),
            slot: Slot::Empty,
            entries: [Entry::Alive; MAX_PROCESSES],
            processes,
            kills: self.kills,
            respawns: self.respawns,
        }
    }

    fn moves(&self, state: &State, moves: &mut Moves<State>) {
        for me in 0..self.processes() {
            if state.processes[me].alive {
                match state.processes[me].role {
                    Role::Worker(step) => worker::moves(self, state, me, step, moves),
                    Role::Sweeper(step) => sweep::moves(self, state, me, step, moves),
                }
            }
            self.faults(state, me, moves);
        }
    }

    fn at_rest(&self, state: &State) -> Result<(), Violation> {
        for me in 0..self.processes() {
            let expected = if state.processes[me].alive {
                Entry::Alive
            } else {
                Entry::Free
            };
            if state.entries[me] != expected {
                return Err(Violation::new(Kind::Unswept, format!("entry {me}")));
            }
        }
        let used: Vec<u8> = match state.slot {
            Slot::Empty => Vec::new(),
            Slot::Ready(head) => (head..head + self.size).collect(),
            Slot::Taken(..) => return Err(Violation::new(Kind::Hang, "a slot is left taken")),
        };
        for unit in 0..self.units as u8 {
            if (state.units.word(unit) == Unit::Free) == used.contains(&unit) {
                let detail = format!("unit {unit} is {:?} at rest", state.units.word(unit));
                return Err(Violation::new(Kind::Leak, detail));
            }
        }
        Ok(())
    }

    fn describe(&self, state: &State) -> String {
        let words: Vec<_> = (0..self.units as u8)
            .map(|u| state.units.word(u).to_string())
            .collect();
        let slot = match state.slot {
            Slot::Empty => "empty".into(),
            Slot::Ready(head) => format!("u{head}"),
            Slot::Taken(by, head) => format!("u{head} taken by {by}"),
        };
        format!("units {} slot {slot}", words.join(" "))
    }
}

const _: () = assert!(MAX_UNITS < NOBODY as usize);
