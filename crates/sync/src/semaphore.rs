//! Semaphores: each permit is a word that names who has it, so that a sweep gives back the permits of the dead. Permits
//! beyond the words are only counted, and die with their owner.
//!
//! Permit (u32): 0 does not exist; `FREE`, `FREE | OWNER_DIED`; a participant, or that and OWNER_DIED.
//!
//! | from | to | by |
//! |------|----|----|
//! | FREE | me | acquire |
//! | me, or (bounded) anybody | FREE | release |
//! | does not exist | FREE | release of more than was acquired |
//! | dead | FREE, died | the sweep of the owner |

use crate::arena::Arena;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::lock::OWNER_DIED;
use crate::member::Member;
use crate::objects::{Kind, Object};
use crate::prim::{AtomicU32, Ordering::SeqCst, fence_after_rmw};
use crate::waiters::Waiters;

const FREE: u32 = 1 << 17;
/// Permits that are tagged with their owner, at most.
const TAGGED: u32 = if cfg!(loom) { 2 } else { 1024 };
/// Permits that a small semaphore has words for.
const FEW: u32 = if cfg!(loom) { 2 } else { 128 };
/// Largest value.
pub const MAX_PERMITS: u32 = 0x7fff_ffff;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Semaphore<'a> {
    arena: &'a Arena,
    object: Object,
}

impl<'a> Semaphore<'a> {
    pub(crate) fn over(arena: &'a Arena, object: Object) -> Self {
        Self { arena, object }
    }

    /// Permits that are only counted and free.
    fn counted(&self) -> &'a AtomicU32 {
        self.arena.u32(self.object.at + STATE_AT)
    }

    /// Words that have ever been a permit.
    fn used(&self) -> &'a AtomicU32 {
        self.arena.u32(self.object.at + STATE_AT + 4)
    }

    /// Most counted permits that can be free, and the highest bit: this is a bounded semaphore.
    fn bound(&self) -> &'a AtomicU32 {
        self.arena.u32(self.object.at + STATE_AT + 8)
    }

    pub(crate) fn waiters(&self) -> Waiters {
        Waiters::at(self.object.at + WAITERS_AT)
    }

    fn room(&self) -> u32 {
        ((CLASS_BYTES[self.object.class] - PERMITS_AT as u32) / 4).min(TAGGED)
    }

    fn permits(&self) -> impl Iterator<Item = &'a AtomicU32> {
        let used = self.used().load(SeqCst).min(self.room());
        let (arena, at) = (self.arena, self.object.at + PERMITS_AT);
        (0..used as usize).map(move |index| arena.u32(at + index * 4))
    }

    pub(crate) fn is_free(&self) -> bool {
        self.counted().load(SeqCst) > 0
            || self.permits().any(|permit| permit.load(SeqCst) & FREE != 0)
    }

    /// Whether some permit names it.
    pub(crate) fn is_owned_by(&self, me: u32) -> bool {
        self.permits()
            .any(|permit| permit.load(SeqCst) & !OWNER_DIED == me)
    }

    fn value(&self) -> u32 {
        let tagged = self
            .permits()
            .filter(|permit| permit.load(SeqCst) & FREE != 0)
            .count();
        self.counted().load(SeqCst).saturating_add(tagged as u32)
    }

    fn acquire(&self, me: u32) -> bool {
        for permit in self.permits() {
            let seen = permit.load(SeqCst);
            if seen & FREE != 0 {
                cp!(PermitAcquire);
                let mine = seen & OWNER_DIED | me;
                if permit.compare_exchange(seen, mine, SeqCst, SeqCst).is_ok() {
                    cp!(PermitAcquired);
                    return true;
                }
            }
        }
        self.change_counted(|counted| counted.checked_sub(1))
    }

    fn change_counted(&self, change: impl Fn(u32) -> Option<u32>) -> bool {
        let word = self.counted();
        let mut seen = word.load(SeqCst);
        while let Some(next) = change(seen) {
            match word.compare_exchange(seen, next, SeqCst, SeqCst) {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    fn free_one(&self, is_wanted: impl Fn(u32) -> bool) -> bool {
        self.permits().any(|permit| {
            let seen = permit.load(SeqCst);
            cp!(PermitRelease);
            is_wanted(seen) && permit.compare_exchange(seen, FREE, SeqCst, SeqCst).is_ok()
        })
    }

    fn add(&self) -> bool {
        // Reserves a word: a death right after it leaves the semaphore without this permit, as if it had died before.
        if self.used().load(SeqCst) < self.room() {
            let index = self.used().fetch_add(1, SeqCst);
            if index < self.room() {
                cp!(PermitAdd);
                self.arena
                    .u32(self.object.at + PERMITS_AT + index as usize * 4)
                    .store(FREE, SeqCst);
                return true;
            }
        }
        self.change_counted(|counted| counted.checked_add(1).filter(|&value| value <= MAX_PERMITS))
    }

    fn release(&self, me: u32) -> Result<(), Error> {
        let bound = self.bound().load(SeqCst);
        let bounded = bound & BOUNDED != 0;
        let released = self.free_one(|seen| seen & !OWNER_DIED == me)
            || if bounded {
                // Permits are as good as each other: it may be another one's.
                self.free_one(|seen| seen != 0 && seen & FREE == 0)
                    || self.change_counted(|counted| {
                        counted
                            .checked_add(1)
                            .filter(|&value| value <= bound & !BOUNDED)
                    })
            } else {
                self.add()
            };
        if !released {
            return Err(Error::NotHeld);
        }
        cp!(PermitReleased);
        fence_after_rmw();
        self.waiters().wake_one(self.arena, me);
        Ok(())
    }

    /// Gives back what the dead had, and forgets that it waited.
    pub(crate) fn recover(&self, me: u32, dead: u32) {
        self.waiters().remove(self.arena, dead);
        for permit in self.permits() {
            let seen = permit.load(SeqCst);
            if seen & !OWNER_DIED == dead
                && permit
                    .compare_exchange(seen, FREE | OWNER_DIED, SeqCst, SeqCst)
                    .is_ok()
            {
                cp!(SweepPermit);
                fence_after_rmw();
                self.waiters().wake_one(self.arena, me);
            }
        }
        if self.is_free() {
            self.waiters().wake_one(self.arena, me);
        }
    }
}

const BOUNDED: u32 = 1 << 31;

impl Member {
    /// A new semaphore with so many permits; one that is `bounded` never gets more.
    pub fn create_semaphore(&mut self, value: u32, bounded: bool) -> Result<u64, Error> {
        if value > MAX_PERMITS {
            return Err(Error::BadCapacity);
        }
        let words = if value <= FEW { FEW } else { TAGGED };
        let (object, life) = self.claim_object(PERMITS_AT + words as usize * 4)?;
        let arena = &*self.arena;
        let semaphore = Semaphore::over(arena, object);
        let tagged = value.min(semaphore.room());
        for index in 0..semaphore.room() {
            let permit = if index < tagged { FREE } else { 0 };
            arena
                .u32(object.at + PERMITS_AT + index as usize * 4)
                .store(permit, SeqCst);
        }
        semaphore.used().store(tagged, SeqCst);
        semaphore.counted().store(value - tagged, SeqCst);
        let bound = if bounded {
            BOUNDED | (value - tagged)
        } else {
            0
        };
        semaphore.bound().store(bound, SeqCst);
        semaphore.waiters().clear(arena);
        object.set_kind(arena, Kind::Semaphore);
        Ok(self.bring_to_life(object, life))
    }

    fn semaphore(&mut self, handle: u64) -> Result<Semaphore<'_>, Error> {
        let object = self.open_kind(handle, Kind::Semaphore)?;
        Ok(Semaphore::over(&self.arena, object))
    }

    /// Takes a permit; false when none is free.
    pub fn acquire_permit(&mut self, handle: u64) -> Result<bool, Error> {
        let me = self.me;
        Ok(self.semaphore(handle)?.acquire(me))
    }

    /// Gives a permit back: one of ours, or one more than there were. A bounded semaphore with all permits free refuses.
    pub fn release_permit(&mut self, handle: u64) -> Result<(), Error> {
        let me = self.me;
        self.semaphore(handle)?.release(me)
    }

    /// Free permits.
    pub fn permits(&mut self, handle: u64) -> Result<u32, Error> {
        Ok(self.semaphore(handle)?.value())
    }

    /// Whether we have a permit whose owner before died with it.
    pub fn permit_owner_died(&mut self, handle: u64) -> Result<bool, Error> {
        let mine = self.me | OWNER_DIED;
        Ok(self
            .semaphore(handle)?
            .permits()
            .any(|permit| permit.load(SeqCst) == mine))
    }
}
