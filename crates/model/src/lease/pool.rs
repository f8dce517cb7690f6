//! The pool: hands out batches, takes back unstarted tasks, and settles every task once.

use super::batch::{Batch, MAX_TASKS, NOBODY, POOL};
use super::{Config, Life, Message, Outcome, Slot, State, receive};
use crate::bug::Bug;
use crate::explore::Moves;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step {
    Idle,
    /// The claim word of `batch` was read: CAS its limit down.
    Steal,
    /// Give back the batch that the dead worker was taking from slot `count`.
    SweepSlot,
    SweepBlocks,
    /// Receive until the result queue is empty.
    Drain,
    /// Is batch `count` in a slot?
    LookSlots,
    /// Who took it last?
    LookHolder,
    Settle,
    Bury,
}

/// The pool's own bookkeeping: no other process sees it.
#[derive(Clone, Copy, Hash)]
pub(super) struct Pool {
    step: Step,
    /// Bitmap of tasks to hand out.
    pub(super) pending: u8,
    pub(super) outcomes: [Outcome; 8],
    /// The batch stolen from, and the claim word that was read.
    batch: u8,
    next: u8,
    limit: u8,
    /// The dead worker.
    dead: u8,
    count: u8,
}

impl Pool {
    pub(super) fn new(tasks: u8) -> Self {
        Self {
            step: Step::Idle,
            pending: (1 << tasks) - 1,
            outcomes: [Outcome::Open; 8],
            batch: 0,
            next: 0,
            limit: 0,
            dead: NOBODY,
            count: 0,
        }
    }

    fn settle(&mut self, task: u8, outcome: Outcome) -> Result<(), Violation> {
        let place = &mut self.outcomes[usize::from(task)];
        if *place != Outcome::Open {
            let detail = format!("task {task} is settled again: {outcome:?}");
            return Err(Violation::new(Kind::TaskTwice, detail));
        }
        *place = outcome;
        Ok(())
    }

    fn rest(&mut self) {
        let Self {
            pending, outcomes, ..
        } = *self;
        *self = Self {
            pending,
            outcomes,
            ..Self::new(0)
        };
    }
}

pub(super) fn moves(config: &Config, state: &State, moves: &mut Moves<State>) {
    let pool = &state.pool;
    if pool.step != Step::Idle {
        let mut next = state.clone();
        let done = advance(config, &mut next);
        moves.step(|| format!("pool: {:?}", pool.step), done.map(|()| next));
        return;
    }
    let free = state.batches[..config.batches]
        .iter()
        .position(|batch| batch.owner == NOBODY);
    if let Some(batch) = free.filter(|_| pool.pending != 0) {
        let mut next = state.clone();
        hand_out(config, &mut next, batch);
        moves.step(|| format!("pool: hands out batch {batch}"), Ok(next));
    }
    if state.results[0] != Message::Nothing {
        let mut next = state.clone();
        let done = take_result(config, &mut next);
        moves.step(|| "pool: receives".into(), done.map(|()| next));
    }
    for (worker, _) in state
        .lives
        .iter()
        .enumerate()
        .filter(|&(_, &life)| life == Life::Dead)
    {
        let mut next = state.clone();
        next.pool.dead = worker as u8;
        next.pool.step = Step::SweepSlot;
        moves.step(|| format!("pool: finds worker {worker} dead"), Ok(next));
    }
    if state.steals > 0 {
        for (index, batch) in state.batches.iter().enumerate() {
            for limit in batch.next..batch.limit {
                let mut next = state.clone();
                next.steals -= 1;
                (next.pool.next, next.pool.limit) = (batch.next, limit);
                next.pool.batch = index as u8;
                next.pool.step = Step::Steal;
                moves.fault(
                    || format!("pool: wants batch {index} from {limit} on"),
                    Ok(next),
                );
            }
        }
    }
}

// Filling the private block is no step of its own; publishing it is one CAS.
fn hand_out(config: &Config, state: &mut State, index: usize) {
    let mut batch = Batch {
        owner: POOL,
        ..Batch::FREE
    };
    for task in 0..config.tasks {
        let size = usize::from(batch.limit);
        if state.pool.pending & 1 << task != 0 && size < config.batch.min(MAX_TASKS) {
            batch.tasks[size] = task;
            batch.limit += 1;
            state.pool.pending &= !(1 << task);
        }
    }
    state.batches[index] = batch;
    if let Some(slot) = state.slots.iter_mut().find(|slot| **slot == Slot::Empty) {
        *slot = Slot::Ready(index as u8);
    }
}

fn take_result(config: &Config, state: &mut State) -> Result<(), Violation> {
    match receive(&mut state.results) {
        Message::Nothing => Ok(()),
        Message::Reply(task) => state.pool.settle(task, Outcome::Replied),
        Message::Batch(index) => {
            let batch = state.batches[usize::from(index)];
            settle_done(config, state, batch, batch.limit)?;
            take_back(state, index)
        }
    }
}

// Tasks of a batch before `end`: their replies are in the batch, or were received already.
fn settle_done(config: &Config, state: &mut State, batch: Batch, end: u8) -> Result<(), Violation> {
    for place in 0..end {
        let task = batch.tasks[usize::from(place)];
        if config.is_large(task) {
            if state.pool.outcomes[usize::from(task)] != Outcome::Replied {
                let detail = format!("the large reply of task {task} has not come");
                return Err(Violation::new(Kind::WrongOutcome, detail));
            }
        } else if batch.replies & 1 << place == 0 {
            let detail = format!("task {task} counts as done and has no reply");
            return Err(Violation::new(Kind::WrongOutcome, detail));
        } else {
            state.pool.settle(task, Outcome::Replied)?;
        }
    }
    Ok(())
}

fn take_back(state: &mut State, index: u8) -> Result<(), Violation> {
    let batch = &mut state.batches[usize::from(index)];
    if batch.owner != POOL {
        let detail = format!("batch {index} belongs to {} now", batch.owner);
        return Err(Violation::new(Kind::LeaseMoved, detail));
    }
    *batch = Batch::FREE;
    Ok(())
}

fn advance(config: &Config, state: &mut State) -> Result<(), Violation> {
    let index = usize::from(state.pool.count);
    let early = config.has(Bug::SettleBeforeDrain);
    let pool = &mut state.pool;
    let to = match pool.step {
        Step::Idle => Step::Idle,
        Step::Steal => {
            let batch = &mut state.batches[usize::from(pool.batch)];
            if batch.next == pool.next || config.has(Bug::StealWithoutCas) {
                for place in pool.limit..batch.limit {
                    pool.pending |= 1 << batch.tasks[usize::from(place)];
                }
                (batch.next, batch.limit) = (pool.next, pool.limit);
            }
            pool.rest();
            Step::Idle
        }
        Step::SweepSlot if index == config.batches => {
            pool.count = 0;
            Step::SweepBlocks
        }
        Step::SweepSlot => {
            if let Slot::Taken(by, batch) = state.slots[index]
                && by == pool.dead
            {
                state.slots[index] = Slot::Ready(batch);
            }
            pool.count += 1;
            Step::SweepSlot
        }
        Step::SweepBlocks => {
            for batch in state
                .batches
                .iter_mut()
                .filter(|batch| batch.owner == pool.dead)
            {
                *batch = Batch::FREE;
            }
            if early { Step::LookSlots } else { Step::Drain }
        }
        Step::Drain if state.results[0] != Message::Nothing => {
            take_result(config, state)?;
            Step::Drain
        }
        Step::Drain if early => Step::Bury,
        Step::Drain => Step::LookSlots,
        Step::LookSlots if index == config.batches => {
            pool.count = 0;
            if early { Step::Drain } else { Step::Bury }
        }
        Step::LookSlots | Step::LookHolder => look(config, state),
        Step::Settle => {
            settle(config, state, index as u8)?;
            state.pool.count += 1;
            Step::LookSlots
        }
        Step::Bury => {
            state.lives[usize::from(pool.dead)] = Life::Buried;
            pool.rest();
            Step::Idle
        }
    };
    state.pool.step = to;
    Ok(())
}

// A batch is the dead worker's if it is in no slot and the dead worker was the last to take it,
// found out in this order: what is in no slot is not taken by anybody else afterwards.
fn look(config: &Config, state: &mut State) -> Step {
    let batch = state.pool.count;
    let first = state.pool.step == Step::LookSlots;
    let passed = if first != config.has(Bug::HolderBeforeSlots) {
        !in_slot(state, batch)
    } else {
        state.batches[usize::from(batch)].holder == state.pool.dead
    };
    match (first, passed) {
        (true, true) => Step::LookHolder,
        (false, true) => Step::Settle,
        (_, false) => {
            state.pool.count += 1;
            Step::LookSlots
        }
    }
}

fn in_slot(state: &State, batch: u8) -> bool {
    state.slots.iter().any(|&slot| match slot {
        Slot::Empty => false,
        Slot::Ready(there) | Slot::Taken(_, there) => there == batch,
    })
}

// The holder is dead and nobody else can have the batch: its words stand still.
fn settle(config: &Config, state: &mut State, index: u8) -> Result<(), Violation> {
    let batch = state.batches[usize::from(index)];
    settle_done(config, state, batch, batch.done)?;
    let running = (batch.done..batch.next).map(|place| batch.tasks[usize::from(place)]);
    for task in running {
        // A large reply may have come although the worker died before it counted the task.
        if state.pool.outcomes[usize::from(task)] == Outcome::Open {
            state.pool.settle(task, Outcome::WorkerDied)?;
        }
    }
    for place in batch.next..batch.limit {
        state.pool.pending |= 1 << batch.tasks[usize::from(place)];
    }
    take_back(state, index)
}
