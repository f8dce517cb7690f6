//! What a participant does with queues: put, take, look, shut down.

use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::life::block_of;
use crate::member::Member;
use crate::objects::Object;
use crate::prim::Ordering::Relaxed;
use crate::queue::{Putting, Queue};
use crate::ring::Taken;
use std::sync::Arc;

/// How far a `receive` came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// There is no message now.
    Nothing,
    /// A message of so many bytes was given out, and is delivered and freed.
    Delivered(usize),
    /// One that does not fit, has more than one block or carries handles: to be read where it is, then `take_finish`.
    Begun(Taken),
}

impl Member {
    /// Publishes a message (a chain of own blocks); false when the queue is full. From success on it belongs to the queue.
    #[inline]
    pub fn put(&mut self, queue: u64, handle: u32) -> Result<bool, Error> {
        let object = self.open(queue)?;
        let arena = &*self.arena;
        let block = arena.block(handle)?;
        let leased = arena.header(block, FLAGS_WORD).load(Relaxed) & FLAG_LEASED != 0;
        if arena.owner(block) != self.me && !leased {
            return Err(Error::NotOwner);
        }
        if leased && Queue::of(arena, object)?.is_counted() {
            // Whose a message was says whether it was published, after a death.
            return Err(Error::NotOwner);
        }
        self.publish_own(queue, object, handle)
    }

    #[inline]
    fn publish_own(&mut self, queue: u64, object: Object, handle: u32) -> Result<bool, Error> {
        if Queue::of(&self.arena, object)?.is_counted() {
            self.put_task(queue, object, handle)
        } else {
            self.publish(queue, object, handle)
        }
    }

    #[inline]
    fn publish(&mut self, queue: u64, object: Object, handle: u32) -> Result<bool, Error> {
        loop {
            match Queue::of(&self.arena, object)?.put(self.me, handle)? {
                Putting::Published => return Ok(true),
                Putting::Full => return Ok(false),
                Putting::UsedUp(segment) => self.append_segment(queue, segment)?,
            }
        }
    }

    fn put_task(&mut self, queue: u64, object: Object, handle: u32) -> Result<bool, Error> {
        let arena = Arc::clone(&self.arena);
        let Some(tasks) = Queue::over(&arena, object).tasks()? else {
            return Err(Error::Corrupt);
        };
        tasks.begin_put(self.me, handle);
        let published = self.publish(queue, object, handle);
        if published == Ok(true) {
            tasks.end_put(self.me);
        } else {
            tasks.cancel_put(self.me);
        }
        published
    }

    /// Puts a message of `length` bytes, which `fill` writes to the address it gets. When there is no room, the message is
    /// returned, to be put later or freed; after an error it is gone.
    #[inline]
    pub fn send(
        &mut self,
        queue: u64,
        length: u32,
        fill: impl FnOnce(*mut u8),
    ) -> Result<Option<u32>, Error> {
        let block = self.alloc_block(length as usize)?;
        let put = match self
            .arena
            .address(block.at + HEADER_BYTES as usize, length as usize)
        {
            Some(start) => {
                fill(start);
                self.arena.header(block, LENGTH_WORD).store(length, Relaxed);
                self.open(queue)
                    .and_then(|object| self.publish_own(queue, object, block.handle))
            }
            None => Err(Error::Corrupt),
        };
        match put {
            Ok(true) => Ok(None),
            Ok(false) => Ok(Some(block.handle)),
            Err(error) => {
                self.release_block(block)?;
                Err(error)
            }
        }
    }

    /// Takes the oldest message. One block of at most `room` bytes that carries no handles is given to `copy`, delivered and
    /// freed at once.
    #[inline]
    pub fn receive(
        &mut self,
        queue: u64,
        room: usize,
        copy: impl FnOnce(*const u8, usize),
    ) -> Result<Received, Error> {
        let Some(taken) = self.take_begin(queue)? else {
            return Ok(Received::Nothing);
        };
        let block = self.arena.block(taken.block)?;
        let length = self.arena.header(block, LENGTH_WORD).load(Relaxed) as usize;
        let single = self.arena.header(block, NEXT_WORD).load(Relaxed) == 0;
        let plain =
            self.arena.header(block, FLAGS_WORD).load(Relaxed) & (FLAG_LEASED | FLAG_CARRIER) == 0;
        if !single || !plain || length > room || length > block.size - HEADER_BYTES as usize {
            return Ok(Received::Begun(taken));
        }
        let Some(start) = self.arena.address(block.at + HEADER_BYTES as usize, length) else {
            return Ok(Received::Begun(taken));
        };
        copy(start, length);
        self.take_finish(queue, taken)?;
        self.release_block(block)?;
        Ok(Received::Delivered(length))
    }

    /// Takes the oldest message, which is ours from now on (a leased one stays its producer's). `None` = empty.
    #[inline]
    pub fn take(&mut self, queue: u64) -> Result<Option<u32>, Error> {
        match self.take_begin(queue)? {
            None => Ok(None),
            Some(taken) => {
                self.take_finish(queue, taken)?;
                Ok(Some(taken.block))
            }
        }
    }

    /// Takes the oldest message but leaves it in the queue until `take_finish`: if we die before, it is delivered again.
    /// Its blocks are ours already (unless it is leased): they can be read, but not changed or freed.
    #[inline]
    pub fn take_begin(&mut self, queue: u64) -> Result<Option<Taken>, Error> {
        let object = self.open(queue)?;
        let (taken, used_up) = Queue::of(&self.arena, object)?.take(self.me)?;
        if let Some(taken) = taken {
            // A sweep of us keeps them, as the slot refers to them.
            self.arena.adopt_chain(taken.block, self.me)?;
            cp!(TakeAdopted);
        }
        if used_up {
            self.retire_segments(object)?;
        }
        Ok(taken)
    }

    /// Delivers what `take_begin` took.
    #[inline]
    pub fn take_finish(&mut self, handle: u64, taken: Taken) -> Result<(), Error> {
        // The queue may be destroyed by now, but not ended: we hold it.
        let object = self.arena.object_in(block_of(handle))?;
        Queue::over(&self.arena, object).finish(self.me, taken)
    }

    /// Messages in the queue; exact when nobody else is active.
    pub fn queue_length(&mut self, queue: u64) -> Result<u32, Error> {
        let object = self.open(queue)?;
        Queue::of(&self.arena, object)?.length()
    }

    /// Whether a put would find the queue full.
    pub fn is_full(&mut self, queue: u64) -> Result<bool, Error> {
        let object = self.open(queue)?;
        Ok(!Queue::of(&self.arena, object)?.has_room())
    }

    /// Whether a take would not have to wait: there is a message, or none will come any more.
    pub fn is_ready(&mut self, queue: u64) -> Result<bool, Error> {
        let object = self.open(queue)?;
        let shut = Queue::of(&self.arena, object)?.is_shut();
        Ok(shut || self.queue_length(queue)? > 0)
    }

    /// Whether the handle names a queue that exists.
    pub fn is_queue(&self, queue: u64) -> bool {
        let object = self.arena.object(queue);
        object.is_ok_and(|object: Object| Queue::of(&self.arena, object).is_ok())
    }

    /// Lets nobody put any more: puts fail with `ShutDown`, and takes once what is in the queue is taken. With `immediate`
    /// what is in it is discarded; the number of discarded messages.
    pub fn shut_queue(&mut self, queue: u64, immediate: bool) -> Result<u32, Error> {
        let object = self.open(queue)?;
        Queue::of(&self.arena, object)?.shut(false);
        let mut discarded = 0;
        if immediate {
            let counts = Queue::of(&self.arena, object)?.is_counted();
            while let Ok(Some(block)) = self.take(queue) {
                if counts {
                    self.task_done(queue)?;
                }
                self.free(block)?;
                discarded += 1;
            }
            Queue::of(&self.arena, object)?.shut(true);
        }
        Ok(discarded)
    }
}
