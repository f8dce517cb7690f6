//! How queues begin and end: built private, brought to life whole, destroyed for everybody, emptied by whoever ends them.

use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::life::Life;
use crate::member::Member;
use crate::objects::{Kind, Object};
use crate::prim::{
    Ordering::{Relaxed, SeqCst},
    fence_after_rmw,
};
use crate::queue::{DESTROYED, DRAINED, Queue, SHUT};
use crate::ring::Ring;
use crate::slot::Slot;
use std::sync::Arc;

impl Queue<'_> {
    /// Whether nothing can be put any more.
    pub(crate) fn is_shut(&self) -> bool {
        self.flags().load(SeqCst) & SHUT != 0
    }

    #[inline]
    pub(crate) fn is_destroyed(&self) -> bool {
        self.object.kind(self.arena) == Some(Kind::Queue)
            && self.flags().load(SeqCst) & DESTROYED != 0
    }

    /// Lets nobody put any more, and with `drained` nobody take.
    pub(crate) fn shut(&self, drained: bool) {
        self.flags()
            .fetch_or(if drained { SHUT | DRAINED } else { SHUT }, SeqCst);
        cp!(QueueFlagged);
        fence_after_rmw();
        self.consumers().wake_all(self.arena);
        self.producers().wake_all(self.arena);
    }

    /// Ends it for everybody.
    pub(crate) fn destroy(&self) {
        self.flags().fetch_or(DESTROYED, SeqCst);
        cp!(QueueFlagged);
        fence_after_rmw();
        self.consumers().wake_all(self.arena);
        self.producers().wake_all(self.arena);
    }
}

impl Member {
    /// A new queue, held by us: of exactly `capacity` messages, or without limit (0).
    pub fn create_queue(&mut self, capacity: u32) -> Result<u64, Error> {
        self.create(capacity, false)
    }

    /// A new queue that counts what was put and is not done: see `task_done`. Its accounts take 25 KB.
    pub fn create_counted_queue(&mut self, capacity: u32) -> Result<u64, Error> {
        self.create(capacity, true)
    }

    fn create(&mut self, capacity: u32, counted: bool) -> Result<u64, Error> {
        if capacity > MAX_CAPACITY {
            return Err(Error::BadCapacity);
        }
        let largest = CLASS_BYTES[SEGMENT_CLASS - 1] as usize;
        let wanted = SLOTS_AT + capacity as usize * 8;
        let inline = wanted <= largest;
        let (object, life) = self.claim_object(if inline { wanted } else { SLOTS_AT })?;
        let built = self.build_queue(object, life, capacity, inline, counted);
        match built {
            Ok(()) => Ok(self.bring_to_life(object, life)),
            Err(error) => {
                self.abandon(object, life);
                Err(error)
            }
        }
    }

    fn build_queue(
        &mut self,
        object: Object,
        life: Life,
        capacity: u32,
        inline: bool,
        counted: bool,
    ) -> Result<(), Error> {
        let arena = Arc::clone(&self.arena);
        let queue = Queue::over(&arena, object);
        queue.initialise(capacity, counted);
        object.set_kind(&arena, Kind::Queue);
        cp!(QueueInitialised);
        let slots = if inline { 0 } else { capacity as usize * 8 };
        let accounts = if counted { TASKS_BYTES } else { 0 };
        if slots + accounts > 0 {
            self.give_body(object, slots + accounts)?;
        }
        if let Some(tasks) = queue.tasks()? {
            tasks.reset();
        }
        if capacity == 0 {
            return self.first_segment(object, life.handle(object.block));
        }
        queue.ring()?.reset(0);
        cp!(QueueReset);
        Ok(())
    }

    /// Ends an object that was never alive.
    pub(crate) fn abandon(&mut self, object: Object, building: Life) {
        let arena = Arc::clone(&self.arena);
        if object.kind(&arena) == Some(Kind::Queue)
            && Queue::over(&arena, object).oldest().load(SeqCst) != 0
        {
            // What is corrupt stays, and with it nothing but memory.
            let _ = self.empty_segments(object);
        }
        self.free_object(object, building);
    }

    /// Frees the messages in a queue whose end is ours.
    pub(crate) fn empty_queue(&mut self, object: Object) {
        let arena = Arc::clone(&self.arena);
        let queue = Queue::over(&arena, object);
        if queue.is_unbounded() {
            let _ = self.empty_segments(object);
        } else if let Ok(ring) = queue.ring() {
            self.empty_ring(ring);
        }
    }

    pub(crate) fn empty_ring(&mut self, ring: Ring<'_>) {
        for index in 0..ring.capacity {
            let slot = ring.slot(index);
            let seen = slot.load(SeqCst);
            let content = Slot::parse(seen);
            if !content.is_full() {
                continue;
            }
            let adopted = ring.arena.adopt_chain(content.block, self.me);
            cp!(QueueDrainAdopted);
            let empty = Slot::empty(content.turn + 1).word();
            let _ = slot.compare_exchange(seen, empty, SeqCst, Relaxed);
            cp!(QueueDrainEmptied);
            // A leased message stays its producer's; what is corrupt is left to the sweep of its owner.
            if adopted.is_ok() {
                let _ = self.free_chain(content.block);
            }
        }
    }

    /// Ends a queue for everybody: later operations on it fail with `BadHandle`. Its memory and messages are freed when
    /// nobody holds it any more.
    pub fn destroy_queue(&mut self, handle: u64) -> Result<(), Error> {
        let arena = Arc::clone(&self.arena);
        let object = self.open(handle)?;
        Queue::of(&arena, object)?.destroy();
        self.let_go(handle)
    }
}
