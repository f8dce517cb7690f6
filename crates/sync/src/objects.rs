//! Shared objects: queues and all that processes share beside messages. This file knows who holds them and when they end.
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

use crate::arena::Arena;
use crate::barrier::Barrier;
use crate::bitmap::Bitmap;
use crate::carriers::Carriers;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::life::{Life, LifeState, block_of, generation_of};
use crate::member::Member;
use crate::prim::{AtomicU32, AtomicU64, Ordering::SeqCst};
use crate::queue::Queue;
use crate::units::Unit;
use std::sync::Arc;

/// What a shared object is. The numbers are part of the layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Memory of a queue without limit; not an object that anybody holds.
    Segment = 1,
    /// A queue of messages.
    Queue = 2,
    /// A lock.
    Lock = 3,
    /// A semaphore.
    Semaphore = 4,
    /// An event.
    Event = 5,
    /// A condition.
    Condition = 6,
    /// A barrier.
    Barrier = 7,
    /// Bytes of a value or an array.
    Memory = 8,
}

impl Kind {
    fn parse(word: u32) -> Option<Self> {
        [
            Self::Segment,
            Self::Queue,
            Self::Lock,
            Self::Semaphore,
            Self::Event,
            Self::Condition,
            Self::Barrier,
            Self::Memory,
        ]
        .into_iter()
        .find(|&kind| kind as u32 == word)
    }
}

/// The memory of an object: its words exist, whatever they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    /// Block number of the memory.
    pub(crate) block: u32,
    /// Byte offset.
    pub(crate) at: usize,
    /// Index in `CLASS_BYTES`.
    pub(crate) class: usize,
}

impl Object {
    pub(crate) fn life(self, arena: &Arena) -> &AtomicU64 {
        arena.u64(self.at + LIFE_AT)
    }

    #[inline]
    pub(crate) fn state(self, arena: &Arena) -> Life {
        Life::parse(self.life(arena).load(SeqCst))
    }

    pub(crate) fn change(self, arena: &Arena, from: Life, to: Life) -> bool {
        self.life(arena)
            .compare_exchange(from.word(), to.word(), SeqCst, SeqCst)
            .is_ok()
    }

    pub(crate) fn kind(self, arena: &Arena) -> Option<Kind> {
        Kind::parse(arena.u32(self.at + OBJECT_KIND_AT).load(SeqCst))
    }

    pub(crate) fn set_kind(self, arena: &Arena, kind: Kind) {
        arena
            .u32(self.at + OBJECT_KIND_AT)
            .store(kind as u32, SeqCst);
    }

    pub(crate) fn flags(self, arena: &Arena) -> &AtomicU32 {
        arena.u32(self.at + OBJECT_FLAGS_AT)
    }

    pub(crate) fn body(self, arena: &Arena) -> &AtomicU32 {
        arena.u32(self.at + BODY_AT)
    }

    #[inline]
    pub(crate) fn holders(self) -> Bitmap {
        Bitmap(self.at + HOLDERS_AT)
    }

    pub(crate) fn carriers(self) -> Carriers {
        Carriers(self.at + CARRIERS_AT)
    }

    /// Whether the object is alive in this generation.
    #[inline]
    pub(crate) fn is(self, arena: &Arena, handle: u64) -> bool {
        let life = self.state(arena);
        life.state == LifeState::Live && u64::from(life.generation) == generation_of(handle)
    }
}

impl Arena {
    /// The object memory that a block number names.
    #[inline]
    pub(crate) fn object_in(&self, block: u32) -> Result<Object, Error> {
        let unit = block / UNIT_HANDLES;
        let at = block as usize * GRANULE as usize;
        if !(FIRST_UNIT..MAX_UNITS).contains(&unit) || !self.covers(at, GRANULE as usize) {
            return Err(Error::BadHandle);
        }
        let inside = at & (UNIT_BYTES as usize - 1);
        match self.unit_kind(unit) {
            Unit::Slab { class }
                if class >= BLOCK_CLASSES && inside & (CLASS_BYTES[class] as usize - 1) == 0 =>
            {
                Ok(Object { block, at, class })
            }
            _ => Err(Error::BadHandle),
        }
    }

    /// The object that a handle from anywhere means.
    #[inline]
    pub(crate) fn object(&self, handle: u64) -> Result<Object, Error> {
        let object = self.object_in(block_of(handle))?;
        if object.is(self, handle) {
            Ok(object)
        } else {
            Err(Error::BadHandle)
        }
    }

    /// Whether the object exists, held by us or not. It may end at any time.
    pub fn exists(&self, handle: u64) -> bool {
        self.object(handle).is_ok()
    }

    /// Calls `visit` for all object memory there is, free or not.
    pub(crate) fn for_each_object(&self, mut visit: impl FnMut(Object)) {
        for unit in FIRST_UNIT..self.units() {
            let Unit::Slab { class } = self.unit_kind(unit) else {
                continue;
            };
            if class < BLOCK_CLASSES {
                continue;
            }
            let first = unit * UNIT_HANDLES;
            for block in
                (first..first + UNIT_HANDLES).step_by((CLASS_BYTES[class] / GRANULE) as usize)
            {
                visit(Object {
                    block,
                    at: block as usize * GRANULE as usize,
                    class,
                });
            }
        }
    }

    /// Number of shared objects that exist, in whatever state, and how many of them are queues.
    pub fn objects(&self) -> (u32, u32) {
        let (mut objects, mut queues) = (0, 0);
        self.refresh();
        self.for_each_object(|object| {
            if object.state(self).state != LifeState::Free {
                objects += 1;
                queues += u32::from(object.kind(self) == Some(Kind::Queue));
            }
        });
        (objects, queues)
    }
}

impl Member {
    /// Memory for an object of at least `bytes`, in state BUILDING.
    pub(crate) fn claim_object(&mut self, bytes: usize) -> Result<(Object, Life), Error> {
        let class = (BLOCK_CLASSES..SEGMENT_CLASS)
            .find(|&class| CLASS_BYTES[class] as usize >= bytes)
            .ok_or(Error::TooLarge)?;
        self.claim_class(class)
    }

    /// Memory of a class of objects, in state BUILDING.
    pub(crate) fn claim_class(&mut self, class: usize) -> Result<(Object, Life), Error> {
        loop {
            let block = self.find_free(class)?;
            let object = Object {
                block,
                at: block as usize * GRANULE as usize,
                class,
            };
            let life = object.state(&self.arena);
            let mine = life.building(self.me);
            cp!(ObjectClaim);
            if life.state == LifeState::Free && object.change(&self.arena, life, mine) {
                cp!(ObjectClaimed);
                // What it was before says nothing about the words that are written now.
                self.arena.u32(object.at + OBJECT_KIND_AT).store(0, SeqCst);
                return Ok((object, mine));
            }
        }
    }

    /// The object is complete and ours: its handle.
    pub(crate) fn bring_to_life(&self, object: Object, building: Life) -> u64 {
        let arena = &*self.arena;
        object.flags(arena).store(0, SeqCst);
        object.holders().add(arena, self.me);
        cp!(ObjectBuilt);
        object.change(arena, building, building.live());
        cp!(ObjectLive);
        building.handle(object.block)
    }

    /// Ends an object that was never alive, or whose end is ours.
    pub(crate) fn free_object(&mut self, object: Object, life: Life) {
        self.free_body(object);
        self.unlink(object);
        cp!(ObjectEmptied);
        object.change(&self.arena, life, life.free());
        cp!(ObjectFreed);
        self.note_free(object.class, object.block);
    }

    fn free_body(&mut self, object: Object) {
        let arena = Arc::clone(&self.arena);
        let body = object.body(&arena).load(SeqCst);
        // Nobody but us ends this object, so nobody else changes the owner of its body. A predecessor may have died after
        // it had become the owner: then the block went with it, and may be another object's body by now.
        if let Ok(block) = arena.block(body)
            && arena.header(block, KIND_WORD).load(SeqCst) == object.block
            && arena.change_owner(block, OWNER_SHARED, self.me)
        {
            cp!(BodyTaken);
            object.body(&arena).store(0, SeqCst);
            cp!(BodyUnlinked);
            let _ = self.release_block(block);
        }
        object.body(&arena).store(0, SeqCst);
    }

    /// A block of `payload` bytes that lives and ends with the object being built.
    pub(crate) fn give_body(&mut self, object: Object, payload: usize) -> Result<(), Error> {
        let handle = self.alloc(payload)?;
        self.attach_body(object, handle)
    }

    /// Makes a block of ours part of an object being built.
    pub(crate) fn attach_body(&mut self, object: Object, handle: u32) -> Result<(), Error> {
        let arena = &*self.arena;
        let block = arena.block(handle)?;
        arena.header(block, KIND_WORD).store(object.block, SeqCst);
        object.body(arena).store(handle, SeqCst);
        cp!(BodyLinked);
        arena.change_owner(block, self.me, OWNER_SHARED);
        cp!(BodyGiven);
        Ok(())
    }

    /// Lets another object that we hold live as long as this one, which is being built: as if a message carried it.
    pub(crate) fn link(&self, object: Object, other: u64, kind: u32) -> Result<(), Error> {
        let arena = &*self.arena;
        let linked = arena.object(other)?;
        arena.u32(object.at + LINK_KIND_AT).store(kind, SeqCst);
        arena.u64(object.at + LINK_AT).store(other, SeqCst);
        cp!(ObjectLinks);
        if !linked.carriers().add(arena, object.block) {
            linked.flags(arena).fetch_or(OBJECT_CROWDED, SeqCst);
        }
        cp!(ObjectLinked);
        Ok(())
    }

    fn unlink(&mut self, object: Object) {
        let arena = Arc::clone(&self.arena);
        if object.class == SEGMENT_CLASS {
            return;
        }
        let link = arena.u64(object.at + LINK_AT);
        let other = link.load(SeqCst);
        if other != 0
            && let Ok(linked) = arena.object(other)
        {
            linked.carriers().remove(&arena, object.block);
            cp!(ObjectUnlinked);
            self.unsettled.push(linked.block);
        }
        link.store(0, SeqCst);
    }

    /// The block that is part of an object, 0 = none.
    pub fn body_of(&mut self, handle: u64) -> Result<u32, Error> {
        let object = self.open(handle)?;
        Ok(object.body(&self.arena).load(SeqCst))
    }

    /// The object that lives with this one, and what its creator called it.
    pub fn linked(&mut self, handle: u64) -> Result<(u64, u32), Error> {
        let object = self.open(handle)?;
        let other = self.arena.u64(object.at + LINK_AT).load(SeqCst);
        let kind = self.arena.u32(object.at + LINK_KIND_AT).load(SeqCst);
        if other == 0 {
            Err(Error::BadHandle)
        } else {
            Ok((other, kind))
        }
    }

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
