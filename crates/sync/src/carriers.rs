//! Messages that carry handles: while one exists, the objects in it do not end, even if nobody holds them.
//!
//! A message lists its handles in its payload (FLAG_CARRIER), and each object lists the messages that carry it:
//!
//! | step | by |
//! |------|----|
//! | 1. write the list and the flag | sender, which holds the objects and owns the message |
//! | 2. add the block of the message to each object's list | sender |
//! | 3. hold the objects | receiver, which owns the message |
//! | 4. take the block off each object's list | whoever frees the message: receiver, sender, or a sweep |
//! | 5. free the message | the same |
//!
//! A block has one life between 2 and 5 and one owner in 4 and 5, so an entry in an object's list can only mean this
//! message, and 4 may be repeated. An object in more messages than it can list is marked CROWDED: then its last holder
//! looks through all messages, and the activity in the life word tells whether one was sent on meanwhile.

use crate::arena::Arena;
use crate::blocks::Block;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::life::{LifeState, block_of};
use crate::member::Member;
use crate::prim::{
    AtomicU32,
    Ordering::{Relaxed, SeqCst},
};

/// Bytes in front of the handles in a list.
const LIST_HEADER_BYTES: usize = 8;

/// An object's list of messages, by the byte offset of its first word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Carriers(pub(crate) usize);

impl Carriers {
    fn slots(self, arena: &Arena) -> impl Iterator<Item = &AtomicU32> {
        (0..CARRIER_SLOTS as usize).map(move |index| arena.u32(self.0 + index * 4))
    }

    pub(crate) fn any(self, arena: &Arena) -> bool {
        self.slots(arena).any(|slot| slot.load(SeqCst) != 0)
    }

    /// False when the list is full.
    pub(crate) fn add(self, arena: &Arena, block: u32) -> bool {
        self.slots(arena).any(|slot| {
            slot.load(SeqCst) == 0 && slot.compare_exchange(0, block, SeqCst, SeqCst).is_ok()
        })
    }

    pub(crate) fn remove(self, arena: &Arena, block: u32) {
        for slot in self.slots(arena) {
            if slot.load(SeqCst) == block {
                let _ = slot.compare_exchange(block, 0, SeqCst, SeqCst);
            }
        }
    }
}

impl Arena {
    pub(crate) fn is_carrier(&self, block: Block) -> bool {
        self.header(block, FLAGS_WORD).load(Relaxed) & FLAG_CARRIER != 0
    }

    /// Where the handles of a list are, and how many: what lies outside of the block is not looked at.
    fn list(&self, block: Block) -> (usize, usize) {
        let payload = block.size - HEADER_BYTES as usize;
        let offset = self.header(block, LIST_WORD).load(SeqCst) as usize;
        if !offset.is_multiple_of(8) || offset + LIST_HEADER_BYTES > payload {
            return (0, 0);
        }
        let start = block.at + HEADER_BYTES as usize + offset;
        let count = self.u32(start).load(SeqCst) as usize;
        let room = (payload - offset - LIST_HEADER_BYTES) / 8;
        (start + LIST_HEADER_BYTES, count.min(room))
    }

    /// The handles in a message.
    fn carried(&self, block: Block) -> impl Iterator<Item = u64> {
        let (start, count) = self.list(block);
        (0..count).map(move |index| self.u64(start + index * 8).load(SeqCst))
    }

    /// Whether any message carries the object, or any other object keeps it: looks through all of them.
    #[cold]
    pub(crate) fn is_carried(&self, handle: u64) -> bool {
        let mut found = false;
        self.refresh();
        self.for_each_block(|block, _, _| {
            if !found
                && let Ok(block) = self.block(block)
                && self.is_carrier(block)
            {
                found = self.carried(block).any(|other| other == handle);
            }
        });
        self.for_each_object(|object| {
            found |= object.class != SEGMENT_CLASS
                && object.state(self).state != LifeState::Free
                && self.u64(object.at + LINK_AT).load(SeqCst) == handle;
        });
        found
    }
}

impl Member {
    /// Makes an own message, which nobody else knows yet, the carrier of the handles in the list at `offset` of its payload
    /// (a multiple of 8): `count:u32, 0:u32`, then the handles. All of them must be held.
    pub fn carry(&self, handle: u32, offset: u32) -> Result<(), Error> {
        let arena = &*self.arena;
        let block = arena.block(handle)?;
        if arena.owner(block) != self.me {
            return Err(Error::NotOwner);
        }
        arena.header(block, LIST_WORD).store(offset, SeqCst);
        if let Some(missing) = arena.carried(block).find(|&handle| !self.holds(handle)) {
            return Err(if missing == 0 {
                Error::BadBlock
            } else {
                Error::BadHandle
            });
        }
        let flags = arena.header(block, FLAGS_WORD);
        flags.store(flags.load(SeqCst) | FLAG_CARRIER, SeqCst);
        cp!(CarrierMarked);
        for handle in arena.carried(block) {
            let object = arena.object(handle)?;
            if !object.carriers().add(arena, block.handle) {
                object.flags(arena).fetch_or(OBJECT_CROWDED, SeqCst);
            }
            cp!(CarrierListed);
        }
        Ok(())
    }

    /// Takes a message that is about to be freed off the lists; its objects may end then (`settle_all`).
    pub(crate) fn unlist(&mut self, block: Block) {
        let arena = std::sync::Arc::clone(&self.arena);
        for handle in arena.carried(block) {
            if let Ok(object) = arena.object(handle) {
                object.carriers().remove(&arena, block.handle);
                cp!(CarrierUnlisted);
                self.unsettled.push(block_of(handle));
            }
        }
        // What is free is no carrier, for those who look through all messages.
        arena.header(block, FLAGS_WORD).store(0, SeqCst);
    }
}
