//! The words of a batch block.

use crate::violation::{Kind, Violation};

pub(super) const NOBODY: u8 = u8::MAX;
/// The pool's number among the owners; workers count from 0.
pub(super) const POOL: u8 = 100;
pub(super) const MAX_TASKS: usize = 3;

/// A block with up to three tasks, and how far its holder got.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Batch {
    pub(super) owner: u8,
    /// Who took it last; written before the slot is emptied.
    pub(super) holder: u8,
    /// One word: the next task to start, and where to stop.
    pub(super) next: u8,
    pub(super) limit: u8,
    /// Tasks whose reply is written.
    pub(super) done: u8,
    /// Bitmap of the places that hold a reply.
    pub(super) replies: u8,
    pub(super) tasks: [u8; MAX_TASKS],
}

impl Batch {
    pub(super) const FREE: Self = Self {
        owner: NOBODY,
        holder: NOBODY,
        next: 0,
        limit: 0,
        done: 0,
        replies: 0,
        tasks: [NOBODY; MAX_TASKS],
    };

    /// A worker may write to a batch only while it is leased to it.
    pub(super) fn check(&self, worker: usize) -> Result<(), Violation> {
        if self.owner == NOBODY || usize::from(self.holder) != worker {
            let detail = format!("worker {worker} writes to a batch that was taken from it");
            return Err(Violation::new(Kind::FreedInUse, detail));
        }
        Ok(())
    }
}
