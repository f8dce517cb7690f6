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
use crate::barrier::Barrier;
use crate::condition::Condition;
use crate::crash::cp;
use crate::error::Error;
use crate::event::Event;
use crate::lock::Lock;
use crate::member::Member;
use crate::objects::{Kind, Object};
use crate::participants::{ARMED_AT, BELL_AT, CPU_AT, SLEEPING_AT};
use crate::prim::{
    Ordering::{Relaxed, SeqCst},
    fence_after_rmw, spin_hint,
};
use crate::queue::Queue;
use crate::semaphore::Semaphore;
use crate::tasks::Tasks;
use crate::waiters::Waiters;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// No native call blocks longer: JavaScript must get the chance to end its thread.
const SLICE: Duration = Duration::from_millis(50);
const MAX_SPIN: Duration = Duration::from_micros(20);

/// A spin shorter than this catches nothing.
const MIN_SPIN: Duration = Duration::from_micros(1);
/// A trial spins so long: as long as it takes to wake somebody who sleeps, and his answer.
const TRIAL_SPIN: Duration = Duration::from_micros(60);
/// Waits of one trial: enough for the other side to come to one of its own.
const TRIAL_WAITS: u32 = 24;
/// Waits between trials, at first and at most.
const PATIENCE: (u32, u32) = (16, 128);

/// How long spinning is worth it: doubled when it caught the message, halved when it did not. When nothing is left of it,
/// two that answer each other both sleep, and no answer comes sooner than a wake-up takes: so now and then, less often
/// after each time in vain, some waits in a row spin longer than that.
#[derive(Debug)]
pub(crate) struct SpinBudget {
    now: Duration,
    /// Waits left of a trial.
    trial: u32,
    /// Waits since the last one, and how many it takes to try again.
    idle: u32,
    patience: u32,
    alone: bool,
}

impl SpinBudget {
    pub(crate) fn new() -> Self {
        Self {
            now: MAX_SPIN,
            trial: 0,
            idle: 0,
            patience: PATIENCE.0,
            alone: cfg!(loom) || manyhands_os::available_cpus() < 2,
        }
    }

    /// How long to spin for the next wait.
    fn next(&mut self) -> Option<Duration> {
        if self.now >= MIN_SPIN {
            return Some(self.now);
        }
        if self.trial == 0 {
            self.idle += 1;
            if self.idle < self.patience {
                return None;
            }
            self.idle = 0;
            self.patience = (self.patience * 2).min(PATIENCE.1);
            self.trial = TRIAL_WAITS;
        }
        self.trial -= 1;
        Some(TRIAL_SPIN)
    }

    /// Spins until `ready` or the budget is used up.
    fn spin(&mut self, ready: impl Fn() -> bool) -> bool {
        if self.alone {
            return false;
        }
        let Some(most) = self.next() else {
            return false;
        };
        let start = Instant::now();
        loop {
            for _ in 0..32 {
                if ready() {
                    self.caught(start.elapsed());
                    return true;
                }
                spin_hint();
            }
            if start.elapsed() >= most {
                self.now /= 2;
                return false;
            }
        }
    }

    fn caught(&mut self, after: Duration) {
        // A trial may catch what was no faster than a wake-up.
        if after <= MAX_SPIN {
            self.now = (self.now * 2).clamp(2 * MIN_SPIN, MAX_SPIN);
            self.patience = PATIENCE.0;
        }
    }
}

/// What one waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Until a queue has a message, or none will come.
    Take,
    /// Until a queue has room, or takes no more.
    Put,
    /// Until a lock or a permit of a semaphore is free, an event was set, a condition notified us, or a barrier changed. The
    /// number is what one has seen of the event or the barrier, or the notifications one knows of.
    Change(u32),
    /// Until no task of a queue is unfinished, or none was since that was `seen` so often.
    Done(u32),
}

impl Side {
    /// The side with this number, for callers that know numbers only.
    pub fn numbered(number: u32, seen: u32) -> Self {
        match number {
            0 => Self::Take,
            1 => Self::Put,
            3 => Self::Done(seen),
            _ => Self::Change(seen),
        }
    }
}

/// A held object, seen by somebody who waits for it.
enum Awaited<'a> {
    Message(Queue<'a>),
    Room(Queue<'a>),
    Done(Tasks<'a>, u32),
    Lock(Lock<'a>),
    Permit(Semaphore<'a>),
    Event(Event<'a>, u32),
    Notification(Condition<'a>, u32),
    Barrier(Barrier<'a>, u32),
}

impl<'a> Awaited<'a> {
    fn of(arena: &'a Arena, object: Object, side: Side) -> Result<Self, Error> {
        Ok(match (side, object.kind(arena)) {
            (Side::Take, _) => Self::Message(Queue::of(arena, object)?),
            (Side::Put, _) => Self::Room(Queue::of(arena, object)?),
            (Side::Done(seen), _) => {
                let tasks = Queue::of(arena, object)?.tasks()?;
                Self::Done(tasks.ok_or(Error::BadHandle)?, seen)
            }
            (Side::Change(_), Some(Kind::Lock)) => Self::Lock(Lock::over(arena, object)),
            (Side::Change(_), Some(Kind::Semaphore)) => {
                Self::Permit(Semaphore::over(arena, object))
            }
            (Side::Change(seen), Some(Kind::Event)) => {
                Self::Event(Event::over(arena, object), seen)
            }
            (Side::Change(seen), Some(Kind::Condition)) => {
                Self::Notification(Condition::over(arena, object), seen)
            }
            (Side::Change(seen), Some(Kind::Barrier)) => {
                Self::Barrier(Barrier::over(arena, object), seen)
            }
            (Side::Change(_), Some(Kind::Queue | Kind::Segment | Kind::Memory) | None) => {
                return Err(Error::BadHandle);
            }
        })
    }

    /// Whether the operation would find something, if only that there is nothing to wait for any more.
    fn ready(&self, me: u32) -> bool {
        match self {
            Self::Message(queue) => queue.ready(),
            Self::Room(queue) => queue.has_room(),
            Self::Done(tasks, seen) => tasks.all_done_since(*seen),
            Self::Lock(lock) => lock.is_free(),
            Self::Permit(semaphore) => semaphore.is_free(),
            Self::Event(event, seen) => event.was_set_since(*seen),
            Self::Notification(condition, known) => condition.is_notified(me, *known),
            Self::Barrier(barrier, seen) => barrier.changed_since(*seen),
        }
    }

    fn waiters(&self) -> Waiters {
        match self {
            Self::Message(queue) => queue.consumers(),
            Self::Room(queue) => queue.producers(),
            Self::Done(tasks, _) => tasks.joiners(),
            Self::Lock(lock) => lock.waiters(),
            Self::Permit(semaphore) => semaphore.waiters(),
            Self::Event(event, _) => event.waiters(),
            Self::Notification(condition, _) => condition.waiters(),
            Self::Barrier(barrier, _) => barrier.waiters(),
        }
    }

    /// Withdraws a sleeper that goes and looks itself.
    fn withdraw(&self, arena: &Arena, me: u32) {
        self.waiters().remove(arena, me);
    }

    /// Withdraws a sleeper that gives up: a wake-up that was already spent on it is the next one's. Whether there is
    /// anything to be woken for is asked after that: before, the wake-up might still come.
    fn give_up(&self, arena: &Arena, me: u32) {
        if !self.waiters().remove(arena, me) && self.ready(me) {
            self.waiters().wake_one(arena, me);
        }
    }
}

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
        if awaited.ready(me) {
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
