//! The queue table: which queues exist, so that a sweep finds them all, and how they come and go.
//!
//! Entry (u64): `state:2 << 62 | owner:10 << 46 | generation:18 << 28 | block:28`
//!
//! | from | to | by |
//! |------|----|----|
//! | FREE(block or 0) | BUILDING(me) | creator |
//! | BUILDING(me, 0) | BUILDING(me, block) | creator: the block is reachable from here on |
//! | BUILDING | LIVE(me) | creator |
//! | BUILDING, LIVE | CLOSING | destroyer, or the sweep of the owner |
//! | CLOSING | FREE(block), generation + 1 | whoever finds every slot CLOSED: destroyer, last consumer, any sweep |
//!
//! A queue lives until it is destroyed or its owner is swept. Its memory stays queue memory for ever (the FREE entry
//! keeps the block for the next queue), so a delayed peer can never hit foreign bytes. It could still hit the next queue:
//! whoever has read a word of the queue looks at the entry once more before it changes that word (`Queue::is_same`).
//!
//! Handle (u32): `generation:18 << 12 | index:12`. A handle of a destroyed queue is recognised by its generation.

use crate::arena::Arena;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::member::Member;
use crate::prim::{
    AtomicU64,
    Ordering::{Relaxed, SeqCst},
};
use crate::queue::Queue;

const GENERATIONS: u32 = (1 << 18) - 1;

/// State of a queue entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueueState {
    Free,
    Building,
    Live,
    Closing,
}

/// A queue entry, unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Registration {
    pub(crate) state: QueueState,
    pub(crate) owner: u32,
    pub(crate) generation: u32,
    pub(crate) block: u32,
}

impl Registration {
    #[inline]
    fn parse(word: u64) -> Self {
        let state = match word >> 62 {
            0 => QueueState::Free,
            1 => QueueState::Building,
            2 => QueueState::Live,
            _ => QueueState::Closing,
        };
        Self {
            state,
            owner: (word >> 46) as u32 & 1023,
            generation: (word >> 28) as u32 & GENERATIONS,
            block: word as u32 & 0xfff_ffff,
        }
    }

    fn word(self) -> u64 {
        (self.state as u64) << 62
            | u64::from(self.owner) << 46
            | u64::from(self.generation) << 28
            | u64::from(self.block)
    }

    pub(crate) fn with(self, state: QueueState, owner: u32) -> Self {
        Self {
            state,
            owner,
            ..self
        }
    }
}

impl Arena {
    fn registration_word(&self, index: u32) -> &AtomicU64 {
        self.u64(QUEUES_AT + index as usize * 8)
    }

    #[inline]
    pub(crate) fn registration(&self, index: u32) -> Registration {
        Registration::parse(self.registration_word(index).load(SeqCst))
    }

    pub(crate) fn change_registration(
        &self,
        index: u32,
        from: Registration,
        to: Registration,
    ) -> bool {
        let word = self.registration_word(index);
        word.compare_exchange(from.word(), to.word(), SeqCst, Relaxed)
            .is_ok()
    }

    /// Checks a queue handle that came from anywhere.
    #[inline]
    pub(crate) fn queue(&self, handle: u32) -> Result<Queue<'_>, Error> {
        let index = handle & (QUEUE_ENTRIES - 1);
        let entry = self.registration(index);
        if entry.state != QueueState::Live
            || entry.generation != handle / QUEUE_ENTRIES
            || index == 0
        {
            return Err(Error::BadQueue);
        }
        Queue::at(self, index, entry)
    }

    /// Number of queues that exist.
    pub fn queues(&self) -> u32 {
        let used = |&index: &u32| self.registration(index).state != QueueState::Free;
        (1..QUEUE_ENTRIES).filter(used).count() as u32
    }

    /// Ends a queue whose slots are all CLOSED; false while a consumer still holds a slot.
    pub(crate) fn finish_closing(&self, index: u32) -> bool {
        let entry = self.registration(index);
        if entry.state != QueueState::Closing {
            return true;
        }
        if entry.block != 0 {
            let Ok(queue) = Queue::at(self, index, entry) else {
                return false;
            };
            if !queue.all_closed() {
                return false;
            }
        }
        let next = Registration {
            generation: (entry.generation + 1) & GENERATIONS,
            ..entry
        };
        let freed = self.change_registration(index, entry, next.with(QueueState::Free, 0));
        cp!(QueueClosed);
        freed
    }
}

impl Member {
    /// A new queue of exactly `capacity` messages; it lives until `destroy_queue` or until this participant is gone.
    pub fn create_queue(&mut self, capacity: u32) -> Result<u32, Error> {
        if !(1..=MAX_CAPACITY).contains(&capacity) {
            return Err(Error::BadCapacity);
        }
        let (index, entry) = self.reserve_queue(capacity)?;
        cp!(QueueReserved);
        let block = match entry.block {
            0 => self.build_memory(index, entry, capacity).inspect_err(|_| {
                self.arena
                    .change_registration(index, entry, entry.with(QueueState::Free, 0));
            })?,
            parked => parked,
        };
        let arena = &self.arena;
        let built = Registration { block, ..entry };
        Queue::at(arena, index, built)?.reset(capacity);
        cp!(QueueReset);
        if !arena.change_registration(index, built, built.with(QueueState::Live, self.me)) {
            return Err(Error::Corrupt);
        }
        cp!(QueueLive);
        Ok(entry.generation * QUEUE_ENTRIES + index)
    }

    /// Takes a FREE entry: first one whose parked memory fits, else one without memory.
    fn reserve_queue(&self, capacity: u32) -> Result<(u32, Registration), Error> {
        let arena = &self.arena;
        let fits = |index: u32, entry: Registration| {
            entry.block != 0
                && Queue::at(arena, index, entry).is_ok_and(|queue| {
                    let room = queue.room();
                    room >= capacity && room / 4 <= capacity.max(1024)
                })
        };
        for with_memory in [true, false] {
            for index in 1..QUEUE_ENTRIES {
                let entry = arena.registration(index);
                let wanted = if with_memory {
                    fits(index, entry)
                } else {
                    entry.block == 0
                };
                if entry.state == QueueState::Free && wanted {
                    let mine = entry.with(QueueState::Building, self.me);
                    // Generation 0 of entry 0 would make handle 0; index 0 is never used, so handles are never 0.
                    if arena.change_registration(index, entry, mine) {
                        return Ok((index, mine));
                    }
                }
            }
        }
        Err(Error::QueuesFull)
    }

    fn build_memory(
        &mut self,
        index: u32,
        entry: Registration,
        capacity: u32,
    ) -> Result<u32, Error> {
        let payload = SLOTS_AT - HEADER_BYTES as usize + capacity as usize * 8;
        let handle = self.alloc(payload)?;
        let arena = &self.arena;
        let block = arena.block(handle)?;
        // Still private: everything a sweep may look at must make sense before the table refers to it.
        Queue::over(arena, index, entry, block).initialise();
        cp!(QueueInitialised);
        if !arena.change_registration(
            index,
            entry,
            Registration {
                block: handle,
                ..entry
            },
        ) {
            return Err(Error::Corrupt);
        }
        cp!(QueueLinked);
        arena.change_owner(block, self.me, OWNER_QUEUE);
        cp!(QueueOwned);
        Ok(handle)
    }

    /// Ends a queue: frees the messages in it; everybody's later operations on it fail with `BadQueue`.
    pub fn destroy_queue(&mut self, handle: u32) -> Result<(), Error> {
        let arena = std::sync::Arc::clone(&self.arena);
        arena.queue(handle)?;
        let index = handle & (QUEUE_ENTRIES - 1);
        let entry = arena.registration(index);
        let closing = entry.with(QueueState::Closing, self.me);
        if entry.state != QueueState::Live || !arena.change_registration(index, entry, closing) {
            return Err(Error::BadQueue);
        }
        cp!(QueueClosing);
        self.close_queue(index);
        arena.ring_all();
        Ok(())
    }

    /// Goes on with the destruction of a CLOSING queue, as far as possible. Any number may do so at a time.
    pub(crate) fn close_queue(&mut self, index: u32) {
        let arena = std::sync::Arc::clone(&self.arena);
        let entry = arena.registration(index);
        if entry.state != QueueState::Closing {
            return;
        }
        if let Ok(queue) = Queue::at(&arena, index, entry) {
            // The creator may have died between linking the block and handing it over.
            if let Ok(block) = arena.block(entry.block)
                && let owner = arena.owner(block)
                && owner != OWNER_QUEUE
            {
                arena.change_owner(block, owner, OWNER_QUEUE);
            }
            queue.drain_and_close(self);
        }
        arena.finish_closing(index);
    }
}
