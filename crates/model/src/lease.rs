//! Leases: batches of tasks that stay with the pool while a worker runs them.
//!
//! The pool puts a batch into the inbox of one worker and owns its block all the time. The worker
//! claims one task after the other by CAS, counts each reply when it is complete, and announces
//! the block in the pool's queue: as often as it likes, the last time when it is through with it
//! and has written how many announcements there are. Only after the last one may the pool free
//! the block: before that it may still be in the queue. When a worker dies, the words of its
//! batches say which tasks are done, which one it was running and which never started.
//! The pool itself does not die here: its workers die with it.

mod batch;
mod pool;
mod recover;
mod worker;

use batch::{Batch, NOBODY};

use crate::bug::Bug;
use crate::explore::{Moves, Protocol};
use crate::violation::{Kind, Violation};

const MAX_WORKERS: usize = 2;
const MAX_BATCHES: usize = 3;
const MAX_INBOX: usize = 2;
const MAX_MESSAGES: usize = 10;

/// How many of everything there is.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Processes that run tasks.
    pub workers: usize,
    /// Tasks to run.
    pub tasks: u8,
    /// Tasks per batch.
    pub batch: usize,
    /// Blocks for batches.
    pub batches: usize,
    /// Batches a worker may have at a time.
    pub ahead: usize,
    /// How often workers may announce a batch before they are through with it.
    pub announcements: u8,
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

/// A place in an inbox; a taken one still is in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place {
    Empty,
    Ready(u8),
    Taken(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Life {
    Alive,
    Dead,
    Buried,
}

/// What a worker sends to the pool. `life` is history: for which batch in this block it was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Message {
    Nothing,
    Progress { batch: u8, life: u8 },
    Reply { batch: u8, place: u8 },
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
    inboxes: [[Place; MAX_INBOX]; MAX_WORKERS],
    outbox: [Message; MAX_MESSAGES],
    lives: [Life; MAX_WORKERS],
    workers: [worker::Worker; MAX_WORKERS],
    pool: pool::Pool,
    /// History: tasks that some worker began to run.
    started: u8,
    announcements: u8,
    kills: u8,
    respawns: u8,
    steals: u8,
}

// The pool's queue: first in, first out, and large enough for all that can be under way.
fn send(outbox: &mut [Message; MAX_MESSAGES], message: Message) {
    let end = outbox.iter().position(|&place| place == Message::Nothing);
    outbox[end.expect("room in the pool's queue")] = message;
}

fn receive(outbox: &mut [Message; MAX_MESSAGES]) -> Message {
    let first = std::mem::replace(&mut outbox[0], Message::Nothing);
    outbox.rotate_left(1);
    first
}

impl Config {
    /// The smallest one that shows the protocol at work, with a death; others say in what they differ from it.
    pub const SMALL: Self = Self {
        workers: 1,
        tasks: 2,
        batch: 2,
        batches: 2,
        ahead: 2,
        announcements: 1,
        steals: 1,
        kills: 1,
        respawns: 1,
        large_replies: true,
        bug: None,
    };

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
            inboxes: [[Place::Empty; MAX_INBOX]; MAX_WORKERS],
            outbox: [Message::Nothing; MAX_MESSAGES],
            lives: [Life::Alive; MAX_WORKERS],
            workers: [worker::Worker::new(); MAX_WORKERS],
            pool: pool::Pool::new(self.tasks),
            started: 0,
            announcements: self.announcements,
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
        let outcomes = &state.pool.outcomes[..usize::from(self.tasks)];
        let open = outcomes.iter().position(|&it| it == Outcome::Open);
        let nobody_left = !state.lives[..self.workers].contains(&Life::Alive);
        if let Some(task) = open.filter(|&task| !nobody_left || state.pool.pending & 1 << task == 0)
        {
            let detail = format!("task {task} is never settled");
            return Err(Violation::new(Kind::TaskLost, detail));
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
                    "of {} {}/{} done {} finished {}",
                    b.worker as i8, b.next, b.limit, b.done, b.finished
                ),
            })
            .collect();
        let inboxes = &state.inboxes[..self.workers];
        let under_way = state.outbox.iter().filter(|&&m| m != Message::Nothing);
        format!(
            "{} inboxes {inboxes:?} outbox {:?} pending {:b}",
            batches.join(", "),
            under_way.collect::<Vec<_>>(),
            state.pool.pending
        )
    }
}
