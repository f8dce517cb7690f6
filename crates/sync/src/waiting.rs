//! Waiting for a shared object: spin shortly if that has paid lately, then sleep on the own bell in slices of at most 50 ms; or
//! let an event loop sleep on its doorbell pipe.
//!
//! | waiter | waker |
//! |--------|-------|
//! | 1. set own bit in the object's bitmap | 1. publish (or empty a slot) |
//! | 2. SLEEPING = 1 (or ARMED = 1), fence | 2. fence, clear one bit of the bitmap |
//! | 3. re-check the object| 3. BELL += 1 |
//! | 4. futex wait(BELL == seen before 1) (or return to the loop) | 4. wake if SLEEPING (write a byte if ARMED) |

use crate::arena::Arena;
use crate::awaited::{Awaited, Side};
use crate::crash::cp;
use crate::error::Error;
use crate::member::Member;
use crate::participants::{ARMED_AT, BELL_AT, CPU_AT, SLEEPING_AT};
use crate::prim::{
    Ordering::{Relaxed, SeqCst},
    fence_after_rmw,
};
use std::sync::Arc;
use std::time::Duration;

/// No native call blocks longer: JavaScript must get the chance to end its thread.
const SLICE: Duration = Duration::from_millis(50);

/// An event loop that looks has other things to do.
const LONGEST_LOOK: Duration = Duration::from_micros(20);

impl Member {
    /// Blocks for at most one slice (50 ms) until the object is probably ready. The caller re-tries its operation in any
    /// case, and calls again.
    pub fn wait_slice(&mut self, handle: u64, side: Side, limit: Duration) -> Result<bool, Error> {
        let object = self.open(handle)?;
        let arena = Arc::clone(&self.arena);
        let awaited = Awaited::of(&arena, object, side)?;
        let me = self.me;
        if awaited.ready(me) || (!limit.is_zero() && self.spin.spin(|| awaited.ready(me))) {
            return Ok(true);
        }
        if limit.is_zero() {
            return Ok(false);
        }
        let bell = arena.participant(self.me, BELL_AT);
        let seen = bell.load(SeqCst);
        let sleeping = arena.participant(self.me, SLEEPING_AT);
        sleeping.store(1, SeqCst);
        // An event loop that waits for the same has set our bit, and goes on waiting after this slice.
        let is_armed = awaited.waiters().has(&arena, me);
        awaited.waiters().add(&arena, self.me);
        cp!(WaitRegistered);
        fence_after_rmw();
        if !awaited.ready(me) {
            arena.wait(bell, seen, limit.min(SLICE));
            cp!(WaitWoken);
        }
        sleeping.store(0, SeqCst);
        if !is_armed {
            awaited.withdraw(&arena, self.me);
        }
        cp!(WaitLeft);
        // What ended meanwhile is reported by the next operation.
        Ok(awaited.ready(me))
    }

    /// Looks for at most so long, and 20 us, whether the object is probably ready, without sleeping or being told.
    pub fn look(&mut self, handle: u64, side: Side, most: Duration) -> Result<bool, Error> {
        let object = self.open(handle)?;
        let awaited = Awaited::of(&self.arena, object, side)?;
        let me = self.me;
        let most = most.min(LONGEST_LOOK);
        Ok(self.spin.look(most, || awaited.ready(me)))
    }

    /// Lets the event loop sleep until the object is ready: a byte arrives in the doorbell pipe then. False when it is ready
    /// already: nothing is armed for it then.
    pub fn arm(&mut self, handle: u64, side: Side) -> Result<bool, Error> {
        let object = self.open(handle)?;
        let arena = &*self.arena;
        let awaited = Awaited::of(arena, object, side)?;
        let me = self.me;
        self.note_cpu();
        arena.participant(self.me, ARMED_AT).store(1, SeqCst);
        awaited.waiters().add(arena, self.me);
        cp!(WaitArmed);
        fence_after_rmw();
        if awaited.ready(me) || awaited.is_stuck() {
            awaited.withdraw(arena, self.me);
            return Ok(false);
        }
        Ok(true)
    }

    /// Takes back `arm`. If a wake-up was already spent on us, somebody else gets it.
    pub fn disarm(&mut self, handle: u64, side: Side) -> Result<(), Error> {
        let object = self.open(handle)?;
        let awaited = Awaited::of(&self.arena, object, side)?;
        awaited.give_up(&self.arena, self.me);
        Ok(())
    }

    /// The event loop is awake: no more bytes, please.
    pub fn awake(&self) {
        self.note_cpu();
        self.arena.participant(self.me, ARMED_AT).store(0, SeqCst);
    }

    /// Whether another participant was last seen on the CPU that this one is on: then it cannot run before this one pauses.
    /// A hint, either way.
    pub fn is_beside(&self, entry: u32) -> Result<bool, Error> {
        if !Arena::is_entry(entry) {
            return Err(Error::BadEntry);
        }
        let here = self.note_cpu();
        Ok(self.arena.participant(entry, CPU_AT).load(Relaxed) == here)
    }

    /// Tells the others where this participant runs now.
    fn note_cpu(&self) -> u32 {
        if cfg!(loom) {
            // No order depends on it: to the models it would only be one more word to try out.
            return 0;
        }
        let here = manyhands_os::current_cpu() + 1;
        self.arena.participant(self.me, CPU_AT).store(here, Relaxed);
        here
    }

    /// Wakes a participant, whatever it waits for.
    pub fn ring(&self, entry: u32) -> Result<(), Error> {
        if !crate::arena::Arena::is_entry(entry) {
            return Err(Error::BadEntry);
        }
        self.arena.ring_participant(entry);
        Ok(())
    }
}
