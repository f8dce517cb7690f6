//! After the death of a worker: bury it, read what it had published, settle its batches.

use super::batch::{NOBODY, POOL};
use super::pool::{self, Step};
use super::{Config, Life, Message, Outcome, Place, State};
use crate::bug::Bug;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Recover {
    /// The sweep: what it was taking is back in its inbox, what it owned is free.
    Sweep,
    /// Empty its inbox; leased blocks stay the pool's.
    Inbox,
    /// Receive until the pool's queue is empty.
    Drain,
    /// Settle its batches.
    Settle,
    Over,
}

impl Recover {
    pub(super) fn first(config: &Config) -> Self {
        if config.has(Bug::SettleBeforeBurial) {
            Self::Drain
        } else {
            Self::Sweep
        }
    }
}

pub(super) fn advance(config: &Config, state: &mut State, step: Recover) -> Result<(), Violation> {
    let dead = usize::from(state.pool.dead);
    let early = config.has(Bug::SettleBeforeDrain);
    let late = config.has(Bug::SettleBeforeBurial);
    let next = match step {
        Recover::Sweep => {
            for place in &mut state.inboxes[dead] {
                if let Place::Taken(batch) = *place {
                    *place = Place::Ready(batch);
                }
            }
            for batch in &mut state.batches {
                if usize::from(batch.owner) == dead {
                    batch.free();
                }
            }
            Recover::Inbox
        }
        Recover::Inbox => match state.inboxes[dead][0] {
            Place::Empty if late => Recover::Over,
            Place::Empty if early => Recover::Settle,
            Place::Empty => Recover::Drain,
            Place::Ready(batch) | Place::Taken(batch) => {
                state.inboxes[dead][0] = Place::Empty;
                state.inboxes[dead].rotate_left(1);
                let words = &state.batches[usize::from(batch)];
                if words.owner != POOL || usize::from(words.worker) != dead {
                    let detail = format!("batch {batch} is discarded as if it were its worker's");
                    return Err(Violation::new(Kind::FreedInUse, detail));
                }
                Recover::Inbox
            }
        },
        Recover::Drain if state.outbox[0] != Message::Nothing => {
            pool::take(config, state)?;
            Recover::Drain
        }
        Recover::Drain if early => Recover::Over,
        Recover::Drain => Recover::Settle,
        Recover::Settle => {
            let mine = |index: &usize| {
                let batch = &state.batches[*index];
                batch.owner != NOBODY && usize::from(batch.worker) == dead
            };
            match (0..config.batches).find(mine) {
                Some(index) => {
                    settle(config, state, index)?;
                    Recover::Settle
                }
                None if early => Recover::Drain,
                None if late => Recover::Sweep,
                None => Recover::Over,
            }
        }
        Recover::Over => {
            state.lives[dead] = Life::Buried;
            state.pool.rest();
            return Ok(());
        }
    };
    state.pool.step = Step::Recover(next);
    Ok(())
}

// Its worker is dead and nobody else was sent it: its words stand still.
fn settle(config: &Config, state: &mut State, index: usize) -> Result<(), Violation> {
    pool::collect(config, state, index)?;
    let batch = state.batches[index];
    let seen = state.pool.seen[index];
    if seen < batch.next {
        let task = batch.tasks[usize::from(seen)];
        // A large reply may have come although the worker died before it counted the task.
        if state.pool.outcomes[usize::from(task)] == Outcome::Open {
            let reply = Message::Reply {
                batch: index as u8,
                place: seen,
            };
            if batch.done > seen || state.outbox.contains(&reply) {
                let detail = format!("task {task} is given up though its reply is complete");
                return Err(Violation::new(Kind::WrongOutcome, detail));
            }
            state.pool.settle(task, Outcome::WorkerDied)?;
        }
    }
    for place in batch.next..state.pool.limits[index] {
        state.pool.pending |= 1 << batch.tasks[usize::from(place)];
    }
    pool::retire(state, index)
}
