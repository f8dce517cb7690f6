//! Queues: a ring of exactly the wanted capacity, or a chain of segments when there is no limit.
//!
//! Shutting down sets a flag; after it nothing is put. What is in the queue is still taken. A consumer that finds a shut
//! queue empty closes the very slot (or segment) where the next message would go before it says so: a producer that had
//! looked at the flag too early fails there, so no message can come after the end. While another consumer has a message
//! that may come back, or one that came back is not taken, the queue is not at its end.

use crate::arena::Arena;
use crate::blocks::Block;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::objects::{Kind, Object};
use crate::prim::{
    AtomicU32,
    Ordering::{Relaxed, SeqCst},
    fence_after_rmw,
};
use crate::ring::{Look, MAX_ROUNDS, Put, Ring, Take, Taken};
use crate::segments::Next;
use crate::slot::Slot;
use crate::tasks::Tasks;
use crate::waiters::Waiters;

/// Nothing is put any more.
pub(crate) const SHUT: u32 = 1;
/// Nothing is taken any more either.
pub(crate) const DRAINED: u32 = 2;
/// For everybody the queue does not exist any more.
pub(crate) const DESTROYED: u32 = 4;
/// Any of these.
pub(crate) const ENDED: u32 = SHUT | DRAINED | DESTROYED;
/// It counts what was put and is not done yet: see `tasks.rs`.
const COUNTED: u32 = 8;

/// How far a put came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Putting {
    Published,
    Full,
    /// The last segment is used up: another one must be appended to it.
    UsedUp(u64),
}

/// A queue in the arena, held by the participant that works with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Queue<'a> {
    pub(crate) arena: &'a Arena,
    pub(crate) object: Object,
}

impl<'a> Queue<'a> {
    #[inline]
    pub(crate) fn over(arena: &'a Arena, object: Object) -> Self {
        Self { arena, object }
    }

    /// The queue in an object that may be anything.
    #[inline]
    pub(crate) fn of(arena: &'a Arena, object: Object) -> Result<Self, Error> {
        let queue = Self::over(arena, object);
        if object.kind(arena) == Some(Kind::Queue) && queue.flags().load(SeqCst) & DESTROYED == 0 {
            Ok(queue)
        } else {
            Err(Error::BadHandle)
        }
    }

    fn u32(&self, word: usize) -> &'a AtomicU32 {
        self.arena.u32(self.object.at + word)
    }

    #[inline]
    pub(crate) fn flags(&self) -> &'a AtomicU32 {
        self.u32(QUEUE_FLAGS_AT)
    }

    /// Whether it was shut, drained or destroyed.
    pub(crate) fn has_ended(&self) -> bool {
        self.flags().load(SeqCst) & ENDED != 0
    }

    /// Writes the words of a queue that nobody else knows yet.
    pub(crate) fn initialise(&self, capacity: u32, counted: bool) {
        for word in [EPOCH_AT, EPOCH_DONE_AT] {
            self.u32(word).store(0, SeqCst);
        }
        let flags = if counted { COUNTED } else { 0 };
        self.flags().store(flags, SeqCst);
        self.oldest().store(0, SeqCst);
        self.u32(CAPACITY_AT).store(capacity, SeqCst);
        self.consumers().clear(self.arena);
        self.producers().clear(self.arena);
    }

    #[inline]
    pub(crate) fn capacity(&self) -> u32 {
        self.u32(CAPACITY_AT).load(Relaxed)
    }

    #[inline]
    pub(crate) fn is_unbounded(&self) -> bool {
        self.capacity() == 0
    }

    #[inline]
    pub(crate) fn epoch(&self) -> &'a AtomicU32 {
        self.u32(EPOCH_AT)
    }

    #[inline]
    pub(crate) fn epoch_done(&self) -> &'a AtomicU32 {
        self.u32(EPOCH_DONE_AT)
    }

    #[inline]
    pub(crate) fn consumers(&self) -> Waiters {
        Waiters::at(self.object.at + CONSUMERS_AT)
    }

    #[inline]
    pub(crate) fn producers(&self) -> Waiters {
        Waiters::at(self.object.at + PRODUCERS_AT)
    }

    /// The ring of a queue with a limit.
    #[inline]
    pub(crate) fn ring(&self) -> Result<Ring<'a>, Error> {
        let inline = (CLASS_BYTES[self.object.class] - SLOTS_AT as u32) / 8;
        let wanted = self.capacity();
        let (slots_at, room) = if wanted <= inline {
            (self.object.at + SLOTS_AT, inline)
        } else {
            let body = self
                .arena
                .block(self.object.body(self.arena).load(SeqCst))?;
            let Block { at, size, .. } = body;
            let before = HEADER_BYTES as usize + if self.is_counted() { TASKS_BYTES } else { 0 };
            (at + before, (size.saturating_sub(before) / 8) as u32)
        };
        if room == 0 {
            return Err(Error::Corrupt);
        }
        // Both bounds keep a corrupt word from leading outside.
        let capacity = wanted.clamp(1, room);
        Ok(Ring {
            arena: self.arena,
            at: self.object.at + RING_AT,
            slots_at,
            capacity,
            once: None,
        })
    }

    /// Whether it has accounts. Written before the queue lives and never changed, so nothing has to be ordered after it.
    #[inline]
    pub(crate) fn is_counted(&self) -> bool {
        self.flags().load(Relaxed) & COUNTED != 0
    }

    /// The accounts of a queue that has them.
    #[inline]
    pub(crate) fn tasks(&self) -> Result<Option<Tasks<'a>>, Error> {
        if !self.is_counted() {
            return Ok(None);
        }
        let Block { at, size, .. } = self
            .arena
            .block(self.object.body(self.arena).load(SeqCst))?;
        let start = HEADER_BYTES as usize;
        if size < start + TASKS_BYTES {
            return Err(Error::Corrupt);
        }
        Ok(Some(Tasks::at(self.arena, at + start)))
    }

    /// Publishes a message.
    #[inline]
    pub(crate) fn put(&self, me: u32, block: u32) -> Result<Putting, Error> {
        if self.flags().load(SeqCst) & SHUT != 0 {
            return Err(Error::ShutDown);
        }
        let put = if self.is_unbounded() {
            self.put_unbounded(block)?
        } else {
            self.put_bounded(block)?
        };
        if put == Putting::Published {
            fence_after_rmw();
            self.consumers().wake_one(self.arena, me);
        }
        Ok(put)
    }

    #[inline]
    fn put_bounded(&self, block: u32) -> Result<Putting, Error> {
        match self.ring()?.put(block)? {
            Put::Published => Ok(Putting::Published),
            Put::Closed => Err(Error::ShutDown),
            Put::Full | Put::Past if self.has_lost_its_body() => Err(Error::Corrupt),
            Put::Full | Put::Past => Ok(Putting::Full),
        }
    }

    #[inline]
    fn put_unbounded(&self, block: u32) -> Result<Putting, Error> {
        for _ in 0..MAX_ROUNDS {
            let segment = self.segment(self.put_into())?;
            match segment.ring().put(block)? {
                Put::Published => return Ok(Putting::Published),
                Put::Closed => return Err(Error::ShutDown),
                Put::Full | Put::Past => {}
            }
            match segment.next() {
                Next::Nothing => return Ok(Putting::UsedUp(segment.handle)),
                Next::Closed => return Err(Error::ShutDown),
                Next::Segment(next) => Self::advance_segment(self.put_into(), segment.handle, next),
                Next::Stale => {}
            }
        }
        Err(Error::Corrupt)
    }

    /// Takes a message without delivering it yet; `None` when there is none now. The flag says that a segment was used up.
    #[inline]
    pub(crate) fn take(&self, me: u32) -> Result<(Option<Taken>, bool), Error> {
        let flags = self.flags().load(SeqCst);
        if flags & DRAINED != 0 {
            return Err(self.at_its_end(me));
        }
        for _ in 0..MAX_ROUNDS {
            if let Some(taken) = self.take_again(me)? {
                return Ok((Some(taken), false));
            }
            let (take, used_up) = self.take_next(me)?;
            match take {
                Take::Taken(taken) => return Ok((Some(taken), used_up)),
                // The flag comes before the closed slot.
                Take::Closed if !self.has_ended() => return Err(Error::Corrupt),
                Take::Empty if self.has_lost_its_body() => return Err(Error::Corrupt),
                Take::Closed if !self.any_taken() => return Err(self.at_its_end(me)),
                Take::Empty if flags & SHUT != 0 && !self.any_taken() => self.close()?,
                _ => return Ok((None, used_up)),
            }
        }
        Err(Error::Corrupt)
    }

    /// Whoever learns of the end tells the next one who waits.
    #[cold]
    fn at_its_end(&self, me: u32) -> Error {
        self.consumers().wake_one(self.arena, me);
        Error::ShutDown
    }

    #[inline]
    fn take_next(&self, me: u32) -> Result<(Take, bool), Error> {
        if !self.is_unbounded() {
            return Ok((self.ring()?.take(me)?, false));
        }
        let mut used_up = false;
        for _ in 0..MAX_ROUNDS {
            let segment = self.segment(self.take_from())?;
            let take = segment.ring().take(me)?;
            if take != Take::Past {
                return Ok((take, used_up));
            }
            match segment.next() {
                Next::Nothing => return Ok((Take::Empty, used_up)),
                Next::Closed => return Ok((Take::Closed, used_up)),
                Next::Segment(next) => {
                    Self::advance_segment(self.take_from(), segment.handle, next);
                    used_up = true;
                }
                Next::Stale => {}
            }
        }
        Err(Error::Corrupt)
    }

    /// A message that a sweep put back behind head, oldest first.
    #[inline]
    fn take_again(&self, me: u32) -> Result<Option<Taken>, Error> {
        let epoch = self.epoch().load(SeqCst);
        if epoch == self.epoch_done().load(SeqCst) {
            return Ok(None);
        }
        self.look_behind(me, epoch)
    }

    #[cold]
    fn look_behind(&self, me: u32, epoch: u32) -> Result<Option<Taken>, Error> {
        let mut look = Look::Nothing;
        if self.is_unbounded() {
            let mut lost_race = false;
            self.for_each_segment(|segment| {
                look = segment.ring().take_behind_head(me);
                lost_race |= matches!(look, Look::LostRace);
                !matches!(look, Look::Taken(_))
            })?;
            if lost_race && !matches!(look, Look::Taken(_)) {
                look = Look::LostRace;
            }
        } else {
            look = self.ring()?.take_behind_head(me);
        }
        match look {
            Look::Taken(taken) => return Ok(Some(taken)),
            Look::LostRace => {}
            Look::Nothing => {
                let done = self.epoch_done().load(SeqCst);
                if epoch.wrapping_sub(done).cast_signed() > 0 {
                    let _ = self
                        .epoch_done()
                        .compare_exchange(done, epoch, SeqCst, Relaxed);
                }
                cp!(RedeliverDone);
            }
        }
        Ok(None)
    }

    /// Closes a shut queue that was seen empty.
    fn close(&self) -> Result<(), Error> {
        if !self.is_unbounded() {
            self.ring()?.close();
            return Ok(());
        }
        let segment = self.segment(self.take_from())?;
        if segment.ring().is_used_up() {
            segment.close();
        } else {
            segment.ring().close();
        }
        Ok(())
    }

    /// Delivers a taken message: afterwards the blocks are the consumer's and the slot is free.
    #[inline]
    pub(crate) fn finish(&self, me: u32, taken: Taken) -> Result<(), Error> {
        self.arena.adopt_chain(taken.block, me)?;
        let tasks = self.tasks()?;
        if let Some(tasks) = tasks {
            tasks.begin_delivery(me, taken.block);
        }
        cp!(TakeFinish);
        let next = Slot::empty(Slot::parse(taken.word).turn + 1).word();
        let emptied = self
            .arena
            .u64(taken.slot)
            .compare_exchange(taken.word, next, SeqCst, Relaxed);
        cp!(TakeFinished);
        if let Some(tasks) = tasks {
            tasks.end_delivery(me);
        }
        if emptied.is_err() {
            // Only a sweep changes a slot that is TAKEN by us, and nobody sweeps the living.
            return Err(Error::Corrupt);
        }
        fence_after_rmw();
        self.producers().wake_one(self.arena, me);
        if self.ready() {
            self.consumers().wake_one(self.arena, me);
        }
        Ok(())
    }
}
