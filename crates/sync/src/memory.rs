//! Memory of shared values and arrays: bytes that live as long as anybody holds them, and a lock that lives as long.

use crate::error::Error;
use crate::layout::*;
use crate::member::Member;
use crate::objects::Kind;
use crate::prim::Ordering::SeqCst;

impl Member {
    /// Memory of `bytes` bytes, held by us. They are not zeroed: nobody else knows of it yet. A lock (0: none) that we hold
    /// lives as long as the memory; `kind` is what its users call it.
    pub fn create_memory(&mut self, bytes: usize, lock: u64, kind: u32) -> Result<u64, Error> {
        let length = u32::try_from(bytes).map_err(|_| Error::TooLarge)?;
        let (object, life) = self.claim_object(OBJECT_HEADER_BYTES)?;
        object.set_kind(&self.arena, Kind::Memory);
        let built = self.give_body(object, bytes).and_then(|()| {
            let body = object.body(&self.arena).load(SeqCst);
            let block = self.arena.block(body)?;
            self.arena.header(block, LENGTH_WORD).store(length, SeqCst);
            if lock == 0 {
                Ok(())
            } else {
                self.link(object, lock, kind)
            }
        });
        match built {
            Ok(()) => Ok(self.bring_to_life(object, life)),
            Err(error) => {
                self.abandon(object, life);
                Err(error)
            }
        }
    }

    /// Address and length of the bytes. They stay as long as we hold the memory.
    pub fn memory(&mut self, handle: u64) -> Result<(*mut u8, usize), Error> {
        let object = self.open_kind(handle, Kind::Memory)?;
        let body = object.body(&self.arena).load(SeqCst);
        let block = self.arena.block(body)?;
        let length = self.arena.header(block, LENGTH_WORD).load(SeqCst) as usize;
        Ok((self.payload(body, 0, length)?, length))
    }
}
