//! A worker: takes a batch, claims and runs its tasks one by one, and announces it.

use super::batch::NOBODY;
use super::{Config, Message, Place, State, send};
use crate::bug::Bug;
use crate::explore::Moves;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step {
    Take,
    Finish,
    Load,
    Claim,
    Reply,
    Done,
    /// Announce what there is, if it likes.
    Announce,
    /// Write how many announcements there are.
    Through,
    /// The last announcement.
    Last,
    /// Without the rule: only now.
    ThroughLate,
}

/// A worker's registers.
#[derive(Clone, Copy, Hash)]
pub(super) struct Worker {
    step: Step,
    batch: u8,
    /// History: which batch in this block.
    life: u8,
    /// The claim word that was read.
    next: u8,
    limit: u8,
    announced: u8,
}

impl Worker {
    pub(super) const fn new() -> Self {
        Self {
            step: Step::Take,
            batch: NOBODY,
            life: 0,
            next: 0,
            limit: 0,
            announced: 0,
        }
    }
}

pub(super) fn moves(config: &Config, state: &State, me: usize, moves: &mut Moves<State>) {
    let step = state.workers[me].step;
    if step == Step::Take && !matches!(state.inboxes[me][0], Place::Ready(_)) {
        return;
    }
    let mut next = state.clone();
    let done = advance(config, &mut next, me);
    moves.step(|| format!("worker {me}: {step:?}"), done.map(|()| next));
    if step == Step::Announce && state.announcements > 0 {
        let mut next = state.clone();
        let worker = &mut next.workers[me];
        worker.announced += 1;
        worker.step = Step::Load;
        let (batch, life) = (worker.batch, worker.life);
        next.announcements -= 1;
        send(&mut next.outbox, Message::Progress { batch, life });
        moves.step(|| format!("worker {me}: announces"), Ok(next));
    }
}

fn advance(config: &Config, state: &mut State, me: usize) -> Result<(), Violation> {
    let worker = &mut state.workers[me];
    let inbox = &mut state.inboxes[me];
    if worker.step == Step::Take {
        if let Place::Ready(batch) = inbox[0] {
            inbox[0] = Place::Taken(batch);
            *worker = Worker {
                step: Step::Finish,
                batch,
                life: state.batches[usize::from(batch)].life,
                ..Worker::new()
            };
        }
        return Ok(());
    }
    let batch = &mut state.batches[usize::from(worker.batch)];
    batch.check(me, worker.life)?;
    let swapped = config.has(Bug::DoneBeforeReply);
    let late = config.has(Bug::FinishAfterAnnouncement);
    let message = Message::Progress {
        batch: worker.batch,
        life: worker.life,
    };
    worker.step = match worker.step {
        Step::Take => Step::Take,
        Step::Finish => {
            if config.has(Bug::LeaseAdopted) {
                batch.owner = me as u8;
            }
            inbox[0] = Place::Empty;
            inbox.rotate_left(1);
            Step::Load
        }
        Step::Load => {
            (worker.next, worker.limit) = (batch.next, batch.limit);
            match batch.next < batch.limit {
                true => Step::Claim,
                false if late => Step::Last,
                false => Step::Through,
            }
        }
        Step::Claim if (batch.next, batch.limit) != (worker.next, worker.limit) => Step::Load,
        Step::Claim => {
            let task = batch.tasks[usize::from(batch.next)];
            batch.next += 1;
            if state.started & 1 << task != 0 {
                let detail = format!("task {task} starts again");
                return Err(Violation::new(Kind::TaskTwice, detail));
            }
            state.started |= 1 << task;
            if swapped { Step::Done } else { Step::Reply }
        }
        Step::Reply => {
            let (task, place) = (batch.tasks[usize::from(worker.next)], worker.next);
            if config.is_large(task) {
                let batch = worker.batch;
                send(&mut state.outbox, Message::Reply { batch, place });
            } else {
                batch.replies |= 1 << place;
            }
            if swapped { Step::Announce } else { Step::Done }
        }
        Step::Done => {
            batch.done = worker.next + 1;
            if swapped { Step::Reply } else { Step::Announce }
        }
        Step::Announce => Step::Load,
        Step::Through | Step::ThroughLate => {
            batch.finished = worker.announced + 1;
            if late {
                *worker = Worker::new();
                return Ok(());
            }
            Step::Last
        }
        Step::Last => {
            send(&mut state.outbox, message);
            if !late {
                *worker = Worker::new();
                return Ok(());
            }
            Step::ThroughLate
        }
    };
    Ok(())
}
