//! The pool: hands out batches, takes back unstarted tasks, reads replies and settles every task once.

use super::batch::{Batch, MAX_TASKS, NOBODY, POOL};
use super::recover::{self, Recover};
use super::{Config, Life, MAX_BATCHES, MAX_INBOX, Message, Outcome, Place, State, receive};
use crate::bug::Bug;
use crate::explore::Moves;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Idle,
    /// The claim word of `batch` was read: CAS its limit down.
    Steal,
    /// `batch` was announced and read: was this the last announcement?
    LookFinished,
    Recover(Recover),
}

/// The pool's own bookkeeping: no other process sees it.
#[derive(Clone, Copy, Hash)]
pub(super) struct Pool {
    pub(super) step: Step,
    /// Bitmap of tasks to hand out.
    pub(super) pending: u8,
    pub(super) outcomes: [Outcome; 8],
    /// Of each batch: replies read, announcements received, tasks that still belong to it.
    pub(super) seen: [u8; MAX_BATCHES],
    pub(super) announced: [u8; MAX_BATCHES],
    pub(super) limits: [u8; MAX_BATCHES],
    pub(super) batch: u8,
    /// The claim word that was read.
    next: u8,
    limit: u8,
    /// The dead worker.
    pub(super) dead: u8,
}

impl Pool {
    pub(super) fn new(tasks: u8) -> Self {
        Self {
            step: Step::Idle,
            pending: (1 << tasks) - 1,
            outcomes: [Outcome::Open; 8],
            seen: [0; MAX_BATCHES],
            announced: [0; MAX_BATCHES],
            limits: [0; MAX_BATCHES],
            batch: 0,
            next: 0,
            limit: 0,
            dead: NOBODY,
        }
    }

    pub(super) fn settle(&mut self, task: u8, outcome: Outcome) -> Result<(), Violation> {
        let place = &mut self.outcomes[usize::from(task)];
        if *place != Outcome::Open {
            let detail = format!("task {task} is settled again: {outcome:?}");
            return Err(Violation::new(Kind::TaskTwice, detail));
        }
        *place = outcome;
        Ok(())
    }

    pub(super) fn rest(&mut self) {
        (self.batch, self.next, self.limit) = (0, 0, 0);
        self.dead = NOBODY;
        self.step = Step::Idle;
    }
}

pub(super) fn moves(config: &Config, state: &State, moves: &mut Moves<State>) {
    let step = state.pool.step;
    if step != Step::Idle {
        let mut next = state.clone();
        let done = advance(config, &mut next);
        moves.step(|| format!("pool: {step:?}"), done.map(|()| next));
        return;
    }
    hand_out(config, state, moves);
    if state.outbox[0] != Message::Nothing {
        let mut next = state.clone();
        let done = take(config, &mut next);
        moves.step(|| "pool: receives".into(), done.map(|()| next));
    }
    let dead = |worker: &usize| state.lives[*worker] == Life::Dead;
    for worker in (0..config.workers).filter(dead) {
        let mut next = state.clone();
        next.pool.dead = worker as u8;
        next.pool.step = Step::Recover(Recover::first(config));
        moves.step(|| format!("pool: learns that {worker} is dead"), Ok(next));
    }
    for index in (0..config.batches).filter(|&index| state.batches[index].owner != NOBODY) {
        let mut next = state.clone();
        let seen = collect(config, &mut next, index);
        if seen.is_err() || next.pool.seen != state.pool.seen {
            moves.fault(
                || format!("pool: glances at batch {index}"),
                seen.map(|()| next),
            );
        }
        let batch = &state.batches[index];
        for limit in (batch.next..batch.limit).filter(|_| state.steals > 0) {
            let mut next = state.clone();
            next.steals -= 1;
            (next.pool.next, next.pool.limit) = (batch.next, limit);
            next.pool.batch = index as u8;
            next.pool.step = Step::Steal;
            let label = || format!("pool: wants batch {index} from {limit} on");
            moves.fault(label, Ok(next));
        }
    }
}

// Filling the private block is no step of its own; publishing it is one CAS.
fn hand_out(config: &Config, state: &State, moves: &mut Moves<State>) {
    let free = |batch: &Batch| batch.owner == NOBODY;
    let index = state.batches[..config.batches].iter().position(free);
    let Some(index) = index.filter(|_| state.pool.pending != 0) else {
        return;
    };
    for worker in 0..config.workers {
        let has = |batch: &&Batch| usize::from(batch.worker) == worker;
        let room = state.inboxes[worker]
            .iter()
            .position(|&p| p == Place::Empty);
        let Some(room) = room.filter(|&room| room < MAX_INBOX) else {
            continue;
        };
        if state.lives[worker] != Life::Alive
            || state.batches.iter().filter(has).count() >= config.ahead
        {
            continue;
        }
        let mut next = state.clone();
        let batch = &mut next.batches[index];
        (batch.owner, batch.worker) = (POOL, worker as u8);
        for task in 0..config.tasks {
            let size = usize::from(batch.limit);
            if next.pool.pending & 1 << task != 0 && size < config.batch.min(MAX_TASKS) {
                batch.tasks[size] = task;
                batch.limit += 1;
                next.pool.pending &= !(1 << task);
            }
        }
        next.pool.limits[index] = batch.limit;
        (next.pool.seen[index], next.pool.announced[index]) = (0, 0);
        next.inboxes[worker][room] = Place::Ready(index as u8);
        moves.step(
            || format!("pool: sends batch {index} to {worker}"),
            Ok(next),
        );
    }
}

/// Receives the first message.
pub(super) fn take(config: &Config, state: &mut State) -> Result<(), Violation> {
    match receive(&mut state.outbox) {
        Message::Nothing => {}
        Message::Reply { batch, place } => {
            let task = state.batches[usize::from(batch)].tasks[usize::from(place)];
            if task == NOBODY {
                let detail = "a reply comes for a batch that is no more";
                return Err(Violation::new(Kind::TaskLost, detail));
            }
            state.pool.settle(task, Outcome::Replied)?;
        }
        Message::Progress { batch, life } => {
            let index = usize::from(batch);
            if state.batches[index].owner == NOBODY || state.batches[index].life != life {
                let detail = format!("batch {batch} is freed while it is in the pool's queue");
                return Err(Violation::new(Kind::FreedInUse, detail));
            }
            state.pool.announced[index] += 1;
            collect(config, state, index)?;
            if !matches!(state.pool.step, Step::Recover(_)) {
                state.pool.batch = batch;
                state.pool.step = Step::LookFinished;
            } else if is_finished(config, state, index) {
                retire(state, index)?;
            }
        }
    }
    Ok(())
}

/// Reads the replies that are complete and were not read yet.
pub(super) fn collect(config: &Config, state: &mut State, index: usize) -> Result<(), Violation> {
    let batch = state.batches[index];
    while state.pool.seen[index] < batch.done {
        let place = state.pool.seen[index];
        let task = batch.tasks[usize::from(place)];
        if config.is_large(task) {
            // Its message is in the queue by now, but shared memory was faster.
            if state.pool.outcomes[usize::from(task)] == Outcome::Open {
                return Ok(());
            }
        } else if batch.replies & 1 << place == 0 {
            let detail = format!("task {task} counts as done and has no reply");
            return Err(Violation::new(Kind::WrongOutcome, detail));
        } else {
            state.pool.settle(task, Outcome::Replied)?;
        }
        state.pool.seen[index] += 1;
    }
    Ok(())
}

fn is_finished(config: &Config, state: &State, index: usize) -> bool {
    if config.has(Bug::FreeWhenRead) {
        return state.pool.seen[index] == state.pool.limits[index];
    }
    state.pool.announced[index] == state.batches[index].finished
}

/// The pool frees a batch that is finished or whose worker is dead.
pub(super) fn retire(state: &mut State, index: usize) -> Result<(), Violation> {
    let batch = &mut state.batches[index];
    if batch.owner != POOL {
        let detail = format!("batch {index} belongs to {} now", batch.owner as i8);
        return Err(Violation::new(Kind::LeaseMoved, detail));
    }
    batch.free();
    let pool = &mut state.pool;
    (pool.seen[index], pool.announced[index], pool.limits[index]) = (0, 0, 0);
    Ok(())
}

fn advance(config: &Config, state: &mut State) -> Result<(), Violation> {
    let index = usize::from(state.pool.batch);
    match state.pool.step {
        Step::Idle => {}
        Step::Steal => {
            let (batch, pool) = (&mut state.batches[index], &mut state.pool);
            if batch.next == pool.next || config.has(Bug::StealWithoutCas) {
                for place in pool.limit..batch.limit {
                    pool.pending |= 1 << batch.tasks[usize::from(place)];
                }
                (batch.next, batch.limit) = (pool.next, pool.limit);
                pool.limits[index] = pool.limit;
            }
            pool.rest();
        }
        Step::LookFinished => {
            if is_finished(config, state, index) {
                retire(state, index)?;
            }
            state.pool.rest();
        }
        Step::Recover(step) => recover::advance(config, state, step)?,
    }
    Ok(())
}
