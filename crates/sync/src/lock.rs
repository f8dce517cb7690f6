//! Locks: one word that names the owner, so that a sweep can tell whose they were.
//!
//! Word (u32): `died:1 << 16 | owner:11`
//!
//! | from | to | by |
//! |------|----|----|
//! | free | me | acquire; `died` stays, for the owner to know |
//! | me | free, not died | release |
//! | dead | free, died | the sweep of the owner |

use crate::arena::Arena;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::member::Member;
use crate::objects::{Kind, Object};
use crate::prim::{AtomicU32, Ordering::SeqCst, fence_after_rmw};
use crate::waiters::Waiters;

/// The owner before died.
pub const OWNER_DIED: u32 = 1 << 16;

/// A lock that is held as an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lock<'a> {
    arena: &'a Arena,
    object: Object,
}

impl<'a> Lock<'a> {
    pub(crate) fn over(arena: &'a Arena, object: Object) -> Self {
        Self { arena, object }
    }

    fn word(&self) -> &'a AtomicU32 {
        self.arena.u32(self.object.at + STATE_AT)
    }

    pub(crate) fn waiters(&self) -> Waiters {
        Waiters::at(self.object.at + WAITERS_AT)
    }

    #[inline]
    pub(crate) fn is_free(&self) -> bool {
        self.word().load(SeqCst) & !OWNER_DIED == 0
    }

    pub(crate) fn is_owned_by(&self, me: u32) -> bool {
        self.word().load(SeqCst) & !OWNER_DIED == me
    }

    #[inline]
    fn acquire(&self, me: u32) -> bool {
        let word = self.word();
        let seen = word.load(SeqCst);
        cp!(LockAcquire);
        let acquired = seen & !OWNER_DIED == 0
            && word
                .compare_exchange(seen, seen | me, SeqCst, SeqCst)
                .is_ok();
        cp!(LockAcquired);
        acquired
    }

    #[inline]
    fn release(&self, me: u32) -> Result<(), Error> {
        let word = self.word();
        let seen = word.load(SeqCst);
        if seen & !OWNER_DIED != me {
            return Err(Error::NotHeld);
        }
        cp!(LockRelease);
        // Nobody but its owner changes the word of a lock that is held.
        word.store(0, SeqCst);
        cp!(LockReleased);
        fence_after_rmw();
        self.waiters().wake_one(self.arena, me);
        Ok(())
    }

    /// Gives back what the dead held, and forgets that it waited.
    pub(crate) fn recover(&self, me: u32, dead: u32) {
        let word = self.word();
        let seen = word.load(SeqCst);
        if seen & !OWNER_DIED == dead {
            let _ = word.compare_exchange(seen, OWNER_DIED, SeqCst, SeqCst);
            cp!(SweepLock);
        }
        self.waiters().remove(self.arena, dead);
        fence_after_rmw();
        if self.is_free() {
            self.waiters().wake_one(self.arena, me);
        }
    }
}

impl Member {
    /// A new lock that nobody has acquired.
    pub fn create_lock(&mut self) -> Result<u64, Error> {
        let (object, life) = self.claim_object(SMALL_OBJECT_BYTES)?;
        let arena = &*self.arena;
        let lock = Lock::over(arena, object);
        lock.word().store(0, SeqCst);
        lock.waiters().clear(arena);
        object.set_kind(arena, Kind::Lock);
        Ok(self.bring_to_life(object, life))
    }

    #[inline]
    fn lock(&mut self, handle: u64) -> Result<Lock<'_>, Error> {
        let object = self.open_kind(handle, Kind::Lock)?;
        Ok(Lock::over(&self.arena, object))
    }

    /// Acquires a lock that is free; false when somebody has it, perhaps we.
    #[inline]
    pub fn acquire(&mut self, handle: u64) -> Result<bool, Error> {
        let me = self.me;
        Ok(self.lock(handle)?.acquire(me))
    }

    /// Gives a lock of ours back.
    #[inline]
    pub fn release_lock(&mut self, handle: u64) -> Result<(), Error> {
        let me = self.me;
        self.lock(handle)?.release(me)
    }

    /// The entry of the owner (0: nobody), and `OWNER_DIED` if the owner before died with it.
    pub fn lock_state(&mut self, handle: u64) -> Result<u32, Error> {
        Ok(self.lock(handle)?.word().load(SeqCst))
    }
}
