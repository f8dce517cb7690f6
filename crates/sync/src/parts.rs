//! What lives and ends with a shared object: a block as its body, and another object that it links as a message would.

use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::member::Member;
use crate::objects::Object;
use crate::prim::Ordering::SeqCst;
use std::sync::Arc;

impl Member {
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

    pub(crate) fn free_body(&mut self, object: Object) {
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

    /// The block that is part of an object, 0 = none.
    pub fn body_of(&mut self, handle: u64) -> Result<u32, Error> {
        let object = self.open(handle)?;
        Ok(object.body(&self.arena).load(SeqCst))
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

    pub(crate) fn unlink(&mut self, object: Object) {
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
}
