//! Who holds a shared object, and when it ends.
//!
//! A participant holds an object by its bit in the object's bitmap of holders; only who holds an object may touch more of it
//! than its first words. A message that carries a handle is listed in the object (`carriers.rs`). An object ends when
//! nobody holds it and no message carries it: whoever makes that so, or a sweep, CASes it from LIVE to DYING, frees what is
//! in it, and frees it.
//!
//! | begins to hold | ends an object |
//! |----------------|----------------|
//! | 1. sets its bit | 1. reads the life word |
//! | 2. CAS: LIVE in this generation, activity + 1 | 2. sees no holder, then no carrier |
//! | (else clears its bit, and looks whether the object can end) | 3. CAS of the word read in 1: DYING |
//!
//! A bit set before 3 either is seen in 2, or its activity makes 3 fail.

use crate::barrier::Barrier;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::life::{Life, LifeState, block_of};
use crate::lock::Lock;
use crate::member::Member;
use crate::objects::{Kind, Object};
use crate::prim::Ordering::SeqCst;
use crate::queue::Queue;
use crate::semaphore::Semaphore;
use std::sync::Arc;

impl Member {
    /// The object that a handle means, held from now on if it was not.
    #[inline]
    pub(crate) fn open(&mut self, handle: u64) -> Result<Object, Error> {
        let object = self.arena.object_in(block_of(handle))?;
        if !object.holders().has(&self.arena, self.me) || !object.is(&self.arena, handle) {
            self.hold(handle)?;
        }
        Ok(object)
    }

    /// The object of a kind that a handle means, held from now on if it was not.
    #[inline]
    pub(crate) fn open_kind(&mut self, handle: u64, kind: Kind) -> Result<Object, Error> {
        let object = self.open(handle)?;
        if object.kind(&self.arena) == Some(kind) {
            Ok(object)
        } else {
            Err(Error::BadHandle)
        }
    }

    /// Begins to hold an object, for as long as this participant lives or until `let_go`. True when it did not before.
    pub fn hold(&mut self, handle: u64) -> Result<bool, Error> {
        let arena = Arc::clone(&self.arena);
        let object = arena.object_in(block_of(handle))?;
        if object.class == SEGMENT_CLASS {
            return Err(Error::BadHandle);
        }
        // Our bit is ours alone to set, and an object with our bit does not end: it holds since before.
        if object.holders().has(&arena, self.me) && object.is(&arena, handle) {
            return Ok(false);
        }
        object.holders().add(&arena, self.me);
        cp!(HoldMarked);
        loop {
            let life = object.state(&arena);
            if life.state != LifeState::Live || life.handle(object.block) != handle {
                object.holders().remove(&arena, self.me);
                cp!(HoldWithdrawn);
                // We may have kept its successor from ending.
                self.unsettled.push(object.block);
                self.settle_all();
                return Err(Error::BadHandle);
            }
            if object.change(&arena, life, life.busier()) {
                cp!(HoldBegun);
                break;
            }
        }
        if object.kind(&arena) == Some(Kind::Barrier) {
            Barrier::over(&arena, object).greet(self.me);
        }
        if Queue::over(&arena, object).is_destroyed() {
            self.let_go(handle)?;
            return Err(Error::BadHandle);
        }
        Ok(true)
    }

    /// Whether we hold it.
    #[inline]
    pub fn holds(&self, handle: u64) -> bool {
        self.arena.object_in(block_of(handle)).is_ok_and(|object| {
            object.holders().has(&self.arena, self.me) && object.is(&self.arena, handle)
        })
    }

    /// Holds an object no longer; the last one ends it.
    pub fn let_go(&mut self, handle: u64) -> Result<(), Error> {
        let object = self.arena.object(handle)?;
        if object.kind(&self.arena) == Some(Kind::Queue)
            && object.holders().has(&self.arena, self.me)
            && let Ok(Some(tasks)) = Queue::over(&self.arena, object).tasks()
        {
            tasks.hand_over(self.me);
        }
        if !object.holders().remove(&self.arena, self.me) {
            return Err(Error::BadHandle);
        }
        cp!(HoldEnded);
        self.unsettled.push(object.block);
        self.settle_all();
        Ok(())
    }

    /// `let_go`, unless something of it is ours and others wait or may wait for that: only a holder's death frees what it had.
    /// False when we go on holding it; then this is called again some time later.
    pub fn forget(&mut self, handle: u64) -> Result<bool, Error> {
        let object = self.arena.object(handle)?;
        if self.has_of(object) && self.is_known_to_others(handle, object) {
            return Ok(false);
        }
        self.let_go(handle).map(|()| true)
    }

    /// Whether it is a lock or a permit of ours, or a task in hand.
    fn has_of(&self, object: Object) -> bool {
        match object.kind(&self.arena) {
            Some(Kind::Lock) => Lock::over(&self.arena, object).is_owned_by(self.me),
            Some(Kind::Semaphore) => Semaphore::over(&self.arena, object).is_owned_by(self.me),
            Some(Kind::Queue) => {
                let queue = Queue::over(&self.arena, object);
                matches!(queue.tasks(), Ok(Some(tasks)) if tasks.has_in_hand(self.me))
            }
            _ => false,
        }
    }

    fn is_known_to_others(&self, handle: u64, object: Object) -> bool {
        let crowded = object.flags(&self.arena).load(SeqCst) & OBJECT_CROWDED != 0;
        object.holders().any_but(&self.arena, self.me)
            || object.carriers().any(&self.arena)
            || (crowded && self.arena.is_carried(handle))
    }

    /// Ends every object that was noted and that nobody holds or carries any more; what is freed with one may end others.
    pub(crate) fn settle_all(&mut self) {
        while let Some(block) = self.unsettled.pop() {
            if let Ok(object) = self.arena.object_in(block) {
                self.settle(object);
            }
        }
    }

    fn settle(&mut self, object: Object) {
        let arena = Arc::clone(&self.arena);
        loop {
            let life = object.state(&arena);
            if life.state != LifeState::Live || object.kind(&arena) == Some(Kind::Segment) {
                return;
            }
            if object.holders().any(&arena) || object.carriers().any(&arena) {
                return;
            }
            let crowded = object.flags(&arena).load(SeqCst) & OBJECT_CROWDED != 0;
            if crowded && arena.is_carried(life.handle(object.block)) {
                return;
            }
            cp!(ObjectUnheld);
            let dying = life.dying(self.me);
            if object.change(&arena, life, dying) {
                cp!(ObjectDying);
                self.end(object, dying);
                return;
            }
        }
    }

    /// Frees what is in an object whose end is ours, then the object.
    pub(crate) fn end(&mut self, object: Object, dying: Life) {
        if object.kind(&self.arena) == Some(Kind::Queue) {
            self.empty_queue(object);
        }
        self.free_object(object, dying);
    }
}
