//! Armed crash points: in test builds a participant can be killed at any named step. Products compile them away.

/// Dies here when this process is armed for it (`crash::arm`).
#[cfg(feature = "crashpoints")]
macro_rules! cp {
    ($name:ident) => {
        $crate::crash::hit($crate::crash::Point::$name)
    };
}
#[cfg(not(feature = "crashpoints"))]
macro_rules! cp {
    ($name:ident) => {
        // Mentions the name so that both builds check it; costs nothing.
        let _ = $crate::crash::Point::$name;
    };
}
pub(crate) use cp;

macro_rules! points {
    ($($name:ident),* $(,)?) => {
        /// Every step a participant can be killed at.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each name is a step; the step itself is commented where it is")]
        pub enum Point { $($name),* }
        /// All points, for tests that enumerate them.
        pub const POINTS: &[Point] = &[$(Point::$name),*];
    };
}

points! {
    SmallClaim, SmallClaimed, SmallFree, SmallFreed,
    ExtentHead, ExtentUnit, ExtentClaimed, ExtentRollback, ExtentFreeUnit, ExtentFreeHead, ExtentFreed,
    SlabZeroed, SlabMarked, GrowBefore, GrowAfter,
    PutPublish, PutPublished, PutAdvanced, PutHelp, WakeFound, WakeCleared, WakeAllCleared, WakeRung,
    TakeClaim, TakeClaimed, TakeAdvanced, TakeHelp, RedeliverClaim, RedeliverClaimed, RedeliverDone,
    AdoptBlock, TakeAdopted, TakeFinish, TakeFinished, ChainFree,
    WaitRegistered, WaitArmed, WaitWoken, WaitLeft,
    ObjectClaim, ObjectClaimed, ObjectBuilt, ObjectLive, ObjectUnheld, ObjectDying, ObjectEmptied, ObjectFreed,
    BodyLinked, BodyGiven, BodyTaken, BodyUnlinked, HoldMarked, HoldWithdrawn, HoldBegun, HoldEnded,
    CarrierMarked, CarrierListed, CarrierUnlisted,
    SegmentBuilt, SegmentLinked, SegmentLive, SegmentDying, SegmentUnlinked, SegmentFreed, SegmentShut,
    QueueInitialised, QueueReset, QueueFlagged, QueueShut, QueueDrainAdopted, QueueDrainEmptied,
    LockAcquire, LockAcquired, LockRelease, LockReleased, PermitAcquire, PermitAcquired, PermitRelease, PermitAdd,
    PermitReleased, EventSet, ConditionWaits, ConditionNotified, BarrierArrives, BarrierArrived, BarrierChanged,
    TaskCounted, TaskCancelled, TaskTakes, TaskTaken, TaskDone, TaskZero, TaskWrittenOff, TaskHandedOver,
    SweepTaskPut, SweepTaskTaken,
    ObjectLinks, ObjectLinked, ObjectUnlinked, SweepLock, SweepPermit, SweepCondition, SweepPassedOn, SweepBarrier, SweepBarrierLeft,
    JoinHeld, JoinWritten, Joined, Reserved, LeaveBegun, LeaveSwept, LeaveReleased,
    SweepMarked, SweepExclusive, SweepEpoch, SweepSlot, SweepSlotBack, SweepBitmap, SweepSegment, SweepDying, SweepHolder,
    SweepBlock, SweepBlockFreed, SweepExtentUnit, SweepEntries, SweepRung, SweepFreed,
}

#[cfg(all(feature = "crashpoints", loom))]
pub use armed::Killed;
#[cfg(feature = "crashpoints")]
pub use armed::{arm, hit};

#[cfg(all(feature = "crashpoints", loom))]
mod armed {
    use super::Point;
    use std::cell::Cell;

    /// Carried by the unwinding of a thread that "dies".
    #[derive(Debug)]
    pub struct Killed;

    loom::thread_local! {
        static ARMED: Cell<Option<(Point, u32)>> = Cell::new(None);
    }

    /// Lets this thread stop when it reaches `point` for the `nth` time.
    pub fn arm(point: Point, nth: u32) {
        ARMED.with(|armed| armed.set((nth > 0).then_some((point, nth))));
    }

    /// The step itself.
    pub fn hit(point: Point) {
        let Some((armed, nth)) = ARMED.with(Cell::get) else {
            return;
        };
        if armed == point {
            arm(armed, nth - 1);
            if nth == 1 {
                std::panic::resume_unwind(Box::new(Killed));
            }
        }
    }
}

#[cfg(all(feature = "crashpoints", not(loom)))]
mod armed {
    use super::Point;
    use crate::prim::{Ordering::Relaxed, PlainStatic};

    /// `(point + 1) << 16 | visits left`; private to the process, 0 = not armed.
    static ARMED: PlainStatic = PlainStatic::new(0);

    /// Lets this process die when it reaches `point` for the `nth` time (1 = first); 0 disarms.
    pub fn arm(point: Point, nth: u32) {
        ARMED.store(
            if nth == 0 {
                0
            } else {
                (point as u32 + 1) << 16 | nth & 0xffff
            },
            Relaxed,
        );
    }

    /// The step itself.
    #[inline]
    pub fn hit(point: Point) {
        let armed = ARMED.load(Relaxed);
        if armed >> 16 == point as u32 + 1 {
            if armed & 0xffff <= 1 {
                // SAFETY: raising a signal touches no memory; SIGKILL does not return.
                unsafe { libc::raise(libc::SIGKILL) };
            }
            ARMED.store(armed - 1, Relaxed);
        }
    }
}
