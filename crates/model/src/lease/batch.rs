//! The words of a batch block.

use crate::violation::{Kind, Violation};

pub(super) const NOBODY: u8 = u8::MAX;
/// The pool's number among the owners; workers count from 0.
pub(super) const POOL: u8 = 100;
pub(super) const MAX_TASKS: usize = 3;

/// A block with up to three tasks, and how far its worker got.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Batch {
    pub(super) owner: u8,
    /// One word: the next task to start, and where to stop.
    pub(super) next: u8,
    pub(super) limit: u8,
    /// Tasks whose reply is complete.
    pub(super) done: u8,
    /// Bitmap of the places that hold a reply.
    pub(super) replies: u8,
    /// How often the block is announced in all; 0 before the worker is through with it.
    pub(super) finished: u8,
    pub(super) tasks: [u8; MAX_TASKS],
    /// History: whom it was sent to, and how often the block was a batch before.
    pub(super) worker: u8,
    pub(super) life: u8,
}

impl Batch {
    pub(super) const FREE: Self = Self {
        owner: NOBODY,
        next: 0,
        limit: 0,
        done: 0,
        replies: 0,
        finished: 0,
        tasks: [NOBODY; MAX_TASKS],
        worker: NOBODY,
        life: 0,
    };

    /// A worker may touch a batch only while it is leased to it.
    pub(super) fn check(&self, worker: usize, life: u8) -> Result<(), Violation> {
        if self.owner == NOBODY || usize::from(self.worker) != worker || self.life != life {
            let detail = format!("worker {worker} touches a batch that was taken from it");
            return Err(Violation::new(Kind::FreedInUse, detail));
        }
        Ok(())
    }

    pub(super) fn free(&mut self) {
        *self = Self {
            life: self.life + 1,
            ..Self::FREE
        };
    }
}
