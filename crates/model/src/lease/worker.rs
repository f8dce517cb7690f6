//! A worker: takes a batch, claims and runs its tasks one by one, and sends it back.

use super::batch::NOBODY;
use super::{Config, Message, Slot, State, send};
use crate::bug::Bug;
use crate::explore::Moves;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step {
    Take,
    /// Write down who holds the batch; this comes before the slot is emptied.
    Hold,
    Finish,
    Load,
    Claim,
    Reply,
    Done,
    Return,
}

/// A worker's registers.
#[derive(Clone, Copy, Hash)]
pub(super) struct Worker {
    step: Step,
    batch: u8,
    slot: u8,
    /// The claim word that was read.
    next: u8,
    limit: u8,
}

impl Worker {
    pub(super) const fn new() -> Self {
        Self {
            step: Step::Take,
            batch: NOBODY,
            slot: 0,
            next: 0,
            limit: 0,
        }
    }
}

pub(super) fn moves(config: &Config, state: &State, me: usize, moves: &mut Moves<State>) {
    let step = state.workers[me].step;
    let ready = state
        .slots
        .iter()
        .any(|slot| matches!(slot, Slot::Ready(_)));
    if step != Step::Take || ready {
        let mut next = state.clone();
        let done = advance(config, &mut next, me);
        moves.step(|| format!("worker {me}: {step:?}"), done.map(|()| next));
    }
}

fn advance(config: &Config, state: &mut State, me: usize) -> Result<(), Violation> {
    let worker = &mut state.workers[me];
    if worker.step == Step::Take {
        for (index, slot) in state.slots.iter_mut().enumerate() {
            if let Slot::Ready(batch) = *slot {
                *slot = Slot::Taken(me as u8, batch);
                *worker = Worker {
                    step: Step::Hold,
                    batch,
                    slot: index as u8,
                    ..Worker::new()
                };
                break;
            }
        }
        return Ok(());
    }
    let batch = &mut state.batches[usize::from(worker.batch)];
    let swapped = config.has(Bug::DoneBeforeReply);
    if !matches!(worker.step, Step::Hold | Step::Finish) {
        batch.check(me)?;
    }
    worker.step = match worker.step {
        Step::Take => Step::Take,
        Step::Hold => {
            batch.holder = me as u8;
            if config.has(Bug::LeaseAdopted) {
                batch.owner = me as u8;
            }
            Step::Finish
        }
        Step::Finish => {
            state.slots[usize::from(worker.slot)] = Slot::Empty;
            worker.slot = 0;
            Step::Load
        }
        Step::Load => {
            (worker.next, worker.limit) = (batch.next, batch.limit);
            if batch.next == batch.limit {
                Step::Return
            } else {
                Step::Claim
            }
        }
        Step::Claim if (batch.next, batch.limit) != (worker.next, worker.limit) => Step::Load,
        Step::Claim => {
            let task = batch.tasks[usize::from(batch.next)];
            batch.next += 1;
            if state.started & 1 << task != 0 {
                return Err(Violation::new(
                    Kind::TaskTwice,
                    format!("task {task} starts again"),
                ));
            }
            state.started |= 1 << task;
            if swapped { Step::Done } else { Step::Reply }
        }
        Step::Reply => {
            let task = batch.tasks[usize::from(worker.next)];
            if config.is_large(task) {
                send(&mut state.results, Message::Reply(task));
            } else {
                batch.replies |= 1 << worker.next;
            }
            if swapped { Step::Load } else { Step::Done }
        }
        Step::Done => {
            batch.done = worker.next + 1;
            if swapped { Step::Reply } else { Step::Load }
        }
        Step::Return => {
            let message = Message::Batch(worker.batch);
            *worker = Worker::new();
            send(&mut state.results, message);
            return Ok(());
        }
    };
    Ok(())
}
