//! Leases: batches of tasks that stay with the pool while a worker runs them.
//!
//! The pool owns every batch all the time; a worker that takes one writes itself down as its
//! holder, claims one task after the other by CAS, and sends the batch back. When a worker dies,
//! the progress words say which tasks are done, which one it was running and which never started.
//! The pool itself does not die here: its workers die with it.

mod batch;
mod pool;
mod worker;

use batch::{Batch, NOBODY};

use crate::bug::Bug;
use crate::explore::{Moves, Protocol};
use crate::violation::{Kind, Violation};

const MAX_WORKERS: usize = 3;
const MAX_BATCHES: usize = 3;
const MAX_RESULTS: usize = 8;

/// How many of everything there is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Config {
    /// Processes that run tasks.
    pub workers: usize,
    /// Tasks to run.
    pub tasks: u8,
    /// Tasks per batch.
    pub batch: usize,
    /// Batches that may be under way at once.
    pub batches: usize,
    /// How often the pool may take back unstarted tasks.
    pub steals: u8,
    /// How often a worker may be killed.
    pub kills: u8,
    /// How often a dead worker may be replaced.
    pub respawns: u8,
    /// Every odd task has a reply too large for the batch: it is a message of its own.
    pub large_replies: bool,
    /// The rule that is left out.
    pub bug: Option<Bug>,
}

/// A slot of the task queue; one for each batch, so that it is never full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Slot {
    Empty,
    Ready(u8),
    Taken(u8, u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Life {
    Alive,
    Dead,
    Buried,
}

/// What a worker sends to the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Message {
    Nothing,
    Batch(u8),
    Reply(u8),
}

/// What became of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Outcome {
    Open,
    Replied,
    WorkerDied,
}

/// Shared memory, all processes, and what may still go wrong.
#[derive(Clone, Hash)]
pub struct State {
    batches: [Batch; MAX_BATCHES],
    slots: [Slot; MAX_BATCHES],
    results: [Message; MAX_RESULTS],
    lives: [Life; MAX_WORKERS],
    workers: [worker::Worker; MAX_WORKERS],
    pool: pool::Pool,
    /// History: tasks that some worker began to run.
    started: u8,
    kills: u8,
    respawns: u8,
    steals: u8,
}

// The result queue: first in, first out, and large enough for all that can be under way.
fn send(results: &mut [Message; MAX_RESULTS], message: Message) {
    let end = results.iter().position(|&place| place == Message::Nothing);
    results[end.expect("room in the result queue")] = message;
}

fn receive(results: &mut [Message; MAX_RESULTS]) -> Message {
    let first = std::mem::replace(&mut results[0], Message::Nothing);
    results.rotate_left(1);
    first
}

impl Config {
    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn is_large(&self, task: u8) -> bool {
        self.large_replies && task % 2 == 1
    }

    fn faults(&self, state: &State, me: usize, moves: &mut Moves<State>) {
        if state.kills > 0 && state.lives[me] == Life::Alive {
            let mut next = state.clone();
            next.kills -= 1;
            next.lives[me] = Life::Dead;
            next.workers[me] = worker::Worker::new();
            moves.fault(|| format!("worker {me} is KILLED"), Ok(next));
        }
        if state.respawns > 0 && state.lives[me] == Life::Buried {
            let mut next = state.clone();
            next.respawns -= 1;
            next.lives[me] = Life::Alive;
            moves.fault(|| format!("worker {me} is replaced"), Ok(next));
        }
    }
}

impl Protocol for Config {
    type State = State;

    fn start(&self) -> State {
        State {
            batches: [Batch::FREE; MAX_BATCHES],
            slots: [Slot::Empty; MAX_BATCHES],
            results: [Message::Nothing; MAX_RESULTS],
            lives: [Life::Alive; MAX_WORKERS],
            workers: [worker::Worker::new(); MAX_WORKERS],
            pool: pool::Pool::new(self.tasks),
            started: 0,
            kills: self.kills,
            respawns: self.respawns,
            steals: self.steals,
        }
    }

    fn moves(&self, state: &State, moves: &mut Moves<State>) {
        pool::moves(self, state, moves);
        for me in 0..self.workers {
            if state.lives[me] == Life::Alive {
                worker::moves(self, state, me, moves);
            }
            self.faults(state, me, moves);
        }
    }

    fn at_rest(&self, state: &State) -> Result<(), Violation> {
        if let Some(worker) = state.lives.iter().position(|&life| life == Life::Dead) {
            return Err(Violation::new(Kind::Unswept, format!("worker {worker}")));
        }
        if !state.lives[..self.workers].contains(&Life::Alive) {
            // Nobody is left to run the rest.
            return Ok(());
        }
        let outcomes = &state.pool.outcomes[..usize::from(self.tasks)];
        if let Some(task) = outcomes
            .iter()
            .position(|&outcome| outcome == Outcome::Open)
        {
            return Err(Violation::new(
                Kind::TaskLost,
                format!("task {task} is never settled"),
            ));
        }
        if let Some(batch) = state.batches.iter().position(|batch| batch.owner != NOBODY) {
            return Err(Violation::new(Kind::Leak, format!("batch {batch}")));
        }
        Ok(())
    }

    fn describe(&self, state: &State) -> String {
        let batches: Vec<_> = state.batches[..self.batches]
            .iter()
            .map(|b| match b.owner {
                NOBODY => "-".into(),
                _ => format!(
                    "held by {} {}/{} done {}",
                    b.holder as i8, b.next, b.limit, b.done
                ),
            })
            .collect();
        let slots = &state.slots[..self.batches];
        format!(
            "{} slots {slots:?} pending {:b}",
            batches.join(", "),
            state.pool.pending
        )
    }
}
