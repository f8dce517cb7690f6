//! Events: a flag, and a count of its changes, so that whoever waits learns of a flag that was set and cleared meanwhile.
//!
//! Word (u64): `changes:32 << 32 | set:1`. Changes count how often the flag went up.

use crate::arena::Arena;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::member::Member;
use crate::objects::{Kind, Object};
use crate::prim::{AtomicU64, Ordering::SeqCst, fence_after_rmw};
use crate::waiters::Waiters;

const SET: u64 = 1;
const CHANGE: u64 = 1 << 32;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Event<'a> {
    arena: &'a Arena,
    object: Object,
}

impl<'a> Event<'a> {
    pub(crate) fn over(arena: &'a Arena, object: Object) -> Self {
        Self { arena, object }
    }

    fn word(&self) -> &'a AtomicU64 {
        self.arena.u64(self.object.at + STATE_AT)
    }

    pub(crate) fn waiters(&self) -> Waiters {
        Waiters::at(self.object.at + WAITERS_AT)
    }

    /// Whether the flag is up, or was since its changes were `seen`.
    pub(crate) fn was_set_since(&self, seen: u32) -> bool {
        let word = self.word().load(SeqCst);
        word & SET != 0 || (word >> 32) as u32 != seen
    }

    fn change(&self, change: impl Fn(u64) -> u64) {
        let word = self.word();
        let mut seen = word.load(SeqCst);
        while let Err(now) = word.compare_exchange(seen, change(seen), SeqCst, SeqCst) {
            seen = now;
        }
    }

    fn set(&self) {
        self.change(|word| {
            if word & SET == 0 {
                word.wrapping_add(CHANGE) | SET
            } else {
                word
            }
        });
        cp!(EventSet);
        fence_after_rmw();
        self.waiters().wake_all(self.arena);
    }

    pub(crate) fn recover(&self, dead: u32) {
        self.waiters().remove(self.arena, dead);
    }
}

impl Member {
    /// A new event that is not set.
    pub fn create_event(&mut self) -> Result<u64, Error> {
        let (object, life) = self.claim_object(SMALL_OBJECT_BYTES)?;
        let arena = &*self.arena;
        let event = Event::over(arena, object);
        event.word().store(0, SeqCst);
        event.waiters().clear(arena);
        object.set_kind(arena, Kind::Event);
        Ok(self.bring_to_life(object, life))
    }

    fn event(&mut self, handle: u64) -> Result<Event<'_>, Error> {
        let object = self.open_kind(handle, Kind::Event)?;
        Ok(Event::over(&self.arena, object))
    }

    /// Puts the flag up and wakes everybody who waits, or takes it down.
    pub fn set_event(&mut self, handle: u64, up: bool) -> Result<(), Error> {
        let event = self.event(handle)?;
        if up {
            event.set();
        } else {
            event.change(|word| word & !SET);
        }
        Ok(())
    }

    /// Whether the flag is up, and how often it went up.
    pub fn event_state(&mut self, handle: u64) -> Result<(bool, u32), Error> {
        let word = self.event(handle)?.word().load(SeqCst);
        Ok((word & SET != 0, (word >> 32) as u32))
    }
}
