//! What a participant does with queues: put, take, look.

use crate::error::Error;
use crate::layout::*;
use crate::member::Member;
use crate::prim::Ordering::Relaxed;
use crate::queue::{Queue, Taken};
use crate::registry::QueueState;
use std::sync::Arc;

impl Member {
    /// Publishes a message (a chain of own blocks); false when the queue is full. From success on it belongs to the queue.
    #[inline]
    pub fn put(&self, queue: u32, handle: u32) -> Result<bool, Error> {
        let arena = &*self.arena;
        let block = arena.block(handle)?;
        let leased = arena.header(block, FLAGS_WORD).load(Relaxed) & FLAG_LEASED != 0;
        if arena.owner(block) != self.me && !leased {
            return Err(Error::NotOwner);
        }
        arena.queue(queue)?.put(self.me, handle)
    }

    /// Takes the oldest message, which is ours from now on (a leased one stays its producer's). `None` = empty.
    #[inline]
    pub fn take(&mut self, queue: u32) -> Result<Option<u32>, Error> {
        match self.take_begin(queue)? {
            None => Ok(None),
            Some(taken) => {
                self.take_finish(queue, taken)?;
                Ok(Some(taken.block))
            }
        }
    }

    /// Takes the oldest message but leaves it in the queue until `take_finish`: if we die before, it is delivered again.
    #[inline]
    pub fn take_begin(&self, queue: u32) -> Result<Option<Taken>, Error> {
        self.arena.queue(queue)?.take(self.me)
    }

    /// Delivers what `take_begin` took.
    #[inline]
    pub fn take_finish(&mut self, handle: u32, taken: Taken) -> Result<(), Error> {
        let index = handle & (QUEUE_ENTRIES - 1);
        let arena = Arc::clone(&self.arena);
        // The queue may be closing by now; the slot we hold keeps it from going away.
        Queue::at(&arena, index, arena.registration(index))?.finish(self.me, taken)?;
        let entry = arena.registration(index);
        if entry.state == QueueState::Closing {
            // Either the destroyer saw our slot empty, or we see it closing: one of us closes the slot.
            Queue::at(&arena, index, entry)?.close_slot(self, taken.index);
            arena.finish_closing(index);
        }
        Ok(())
    }

    /// Messages in the queue; exact when nobody else is active.
    pub fn queue_length(&self, queue: u32) -> Result<u32, Error> {
        Ok(self.arena.queue(queue)?.length())
    }

    /// Whether the handle names a queue that exists.
    pub fn is_queue(&self, queue: u32) -> bool {
        self.arena.queue(queue).is_ok()
    }
}
