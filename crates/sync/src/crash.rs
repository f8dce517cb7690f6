//! Armed crash points: in test builds a participant can be killed at any named step. Products compile them away.

/// Dies here when armed (`crash::arm`). `$at` is an `Arena`, `$me` the participant.
#[cfg(feature = "crashpoints")]
macro_rules! cp {
    ($at:expr, $me:expr, $name:ident) => {
        $crate::crash::hit($at, $me, $crate::crash::Point::$name)
    };
}
#[cfg(not(feature = "crashpoints"))]
macro_rules! cp {
    ($at:expr, $me:expr, $name:ident) => {
        // Mentions the operands so that both builds type-check alike; costs nothing.
        let _ = (&$at, $me, $crate::crash::Point::$name);
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
    PutPublish, PutPublished, PutAdvanced, PutHelp, WakeFound, WakeCleared, WakeRung,
    TakeClaim, TakeClaimed, TakeAdvanced, TakeHelp, RedeliverClaim, RedeliverClaimed, RedeliverDone,
    AdoptBlock, TakeFinish, TakeFinished, ChainFree,
    WaitRegistered, WaitArmed, WaitWoken, WaitLeft,
    QueueReserved, QueueInitialised, QueueLinked, QueueOwned, QueueReset, QueueLive,
    QueueClosing, QueueDrainSlot, QueueDrainAdopted, QueueDrainClosed, QueueClosed,
    JoinHeld, JoinWritten, Joined, Reserved, LeaveBegun, LeaveSwept, LeaveReleased,
    SweepMarked, SweepExclusive, SweepEpoch, SweepSlot, SweepSlotBack, SweepQueues, SweepBitmap,
    SweepBlock, SweepBlockFreed, SweepExtentUnit, SweepEntries, SweepRung, SweepFreed,
}

#[cfg(feature = "crashpoints")]
pub use armed::{arm, hit};

#[cfg(feature = "crashpoints")]
mod armed {
    use super::Point;
    use crate::arena::Arena;
    use crate::participants::ARMED_CRASH_AT;
    use crate::prim::Ordering::Relaxed;

    /// Lets `participant` die when it reaches `point` for the `nth` time (1 = first); 0 disarms.
    pub fn arm(arena: &Arena, participant: u32, point: Point, nth: u32) {
        let word = if nth == 0 {
            0
        } else {
            (point as u32 + 1) << 16 | nth
        };
        arena
            .participant(participant, ARMED_CRASH_AT)
            .store(word, Relaxed);
    }

    /// The step itself.
    pub fn hit(arena: &Arena, me: u32, point: Point) {
        let word = arena.participant(me, ARMED_CRASH_AT);
        let armed = word.load(Relaxed);
        if armed >> 16 == point as u32 + 1 {
            if armed & 0xffff <= 1 {
                // SAFETY: raising a signal touches no memory; SIGKILL does not return.
                unsafe { libc::raise(libc::SIGKILL) };
            }
            word.store(armed - 1, Relaxed);
        }
    }
}
