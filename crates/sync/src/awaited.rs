//! What one can wait for: a side of a shared object, when it is ready, and who waits for it.

use crate::arena::Arena;
use crate::barrier::Barrier;
use crate::condition::Condition;
use crate::error::Error;
use crate::event::Event;
use crate::lock::Lock;
use crate::objects::{Kind, Object};
use crate::queue::Queue;
use crate::semaphore::Semaphore;
use crate::tasks::Tasks;
use crate::waiters::Waiters;

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
pub(crate) enum Awaited<'a> {
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
    pub(crate) fn of(arena: &'a Arena, object: Object, side: Side) -> Result<Self, Error> {
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
    pub(crate) fn ready(&self, me: u32) -> bool {
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

    /// Whether it would never become ready, so that the operation has to report that.
    pub(crate) fn is_stuck(&self) -> bool {
        matches!(self, Self::Message(queue) if queue.is_stuck())
    }

    pub(crate) fn waiters(&self) -> Waiters {
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
    pub(crate) fn withdraw(&self, arena: &Arena, me: u32) {
        self.waiters().remove(arena, me);
    }

    /// Withdraws a sleeper that gives up: a wake-up that was already spent on it is the next one's. Whether there is
    /// anything to be woken for is asked after that: before, the wake-up might still come.
    pub(crate) fn give_up(&self, arena: &Arena, me: u32) {
        if !self.waiters().remove(arena, me) && self.ready(me) {
            self.waiters().wake_one(arena, me);
        }
    }
}
