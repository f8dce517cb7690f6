//! Shared objects: queues and all that processes share beside messages. This file knows their memory: what an object is,
//! where it lies, and how it is made and freed. `holding.rs` knows who holds it and when it ends, `parts.rs` what ends
//! with it.

use crate::arena::Arena;
use crate::bitmap::Bitmap;
use crate::carriers::Carriers;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::life::{Life, LifeState, block_of, generation_of};
use crate::member::Member;
use crate::prim::{AtomicU32, AtomicU64, Ordering::SeqCst};
use crate::units::Unit;

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
}
