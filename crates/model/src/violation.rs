//! What a configuration can be convicted of.

use std::fmt;

/// The invariant that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A published message is neither delivered nor in the queue.
    Lost,
    /// A message was delivered a second time, or without having been published.
    Duplicate,
    /// First deliveries of one producer's messages are out of order.
    Order,
    /// Something is owned though nobody can reach it any more.
    Leak,
    /// Something was freed, or given away, that another still uses.
    FreedInUse,
    /// Somebody sleeps though its condition holds, and nobody will ring.
    Hang,
    /// A dead participant is never swept.
    Unswept,
    /// A slot, an entry or an extent holds something the protocol never writes.
    Corrupt,
    /// A leased block changed its owner.
    LeaseMoved,
    /// One unit belongs to two extents.
    Overlap,
    /// A task was started twice or settled twice.
    TaskTwice,
    /// A task was never settled.
    TaskLost,
    /// A task was settled with the wrong outcome.
    WrongOutcome,
    /// The accounts of a queue do not say how many tasks are unfinished.
    Miscount,
    /// A join returned though at no moment since it began all tasks were done.
    JoinedEarly,
    /// More have a permit than there are permits.
    Exclusion,
    /// A permit is neither free nor anybody's.
    PermitLost,
    /// Who acquired something is told wrongly whether the owner before died with it.
    Untold,
    /// A notification came to nobody, though somebody waited for it.
    NotificationLost,
    /// The action of a barrier ran twice in one generation.
    ActionTwice,
    /// A party went on before all had come.
    PassedEarly,
    /// A generation passed for some of its parties and broke for others.
    Disagreement,
    /// A party died, and the barrier did not break.
    Unbroken,
    /// A barrier broke at the death of somebody who was no party.
    BrokenInVain,
    /// The end of a queue was told though something was still to be taken, or came after it.
    EndedEarly,
    /// Some reachable state can never come to rest again.
    Livelock,
}

/// A broken invariant and where it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which invariant.
    pub kind: Kind,
    /// Which message, block or process.
    pub detail: String,
}

impl Violation {
    /// A violation of `kind`, seen at `detail`.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.detail)
    }
}
