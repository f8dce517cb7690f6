//! The rules of the protocol, each as the bug that leaving it out would be.

macro_rules! bugs {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A seeded bug: the checker must find every one of them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Bug { $($(#[$doc])* $name,)* }

        impl Bug {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

bugs! {
    // Sleeping and waking.
    /// A sweep rings nobody, though the dead may have owed somebody a wake.
    NoRingAll,
    /// The ring of a sweep skips a doorbell whose armed flag a dead ringer had cleared already.
    RingAllTrustsArmed,
    /// An event loop arms its doorbell only after its waiter bit can be seen.
    ArmAfterBit,
    /// A consumer sleeps without looking again after setting its bit.
    NoConsumerRecheck,
    /// A producer sleeps without looking again after setting its bit.
    NoProducerRecheck,
    /// Nobody is rung after a put.
    NoWakeAfterPut,
    /// No producer is rung after a take.
    NoWakeAfterTake,
    /// A consumer that gives up keeps the wake that was meant for somebody who takes.
    GiveUpKeepsWake,
    // Taking and sweeping.
    /// A slot is emptied before the blocks of its message belong to the consumer.
    NoAdoption,
    /// A consumer moves head past a taken slot and does not look whether it is ready again.
    LateHelp,
    /// Two sweepers work on one entry, the slower one still when the entry is reused.
    ParallelSweepers,
    /// The entry word carries no generation, so that a late claim hits the next process.
    NoGeneration,
    /// An entry is freed while another entry still names it as its sweeper.
    NoHandOver,
    /// A sweep frees blocks before it has given back the messages the dead was taking.
    FreeBeforeReturn,
    // Extents.
    /// An extent is freed from its head on.
    ExtentHeadFirst,
    /// The following units are claimed before the head.
    ExtentTailClaimedFirst,
    /// Pages are punched out after the units were given back.
    PunchAfterFree,
    /// A sweeper frees the units of an extent without looking whether they still belong to it.
    SweepFreesBlindly,
    // Leases.
    /// Taking a leased block makes the worker its owner.
    LeaseAdopted,
    /// The pool takes back unstarted tasks with a plain store.
    StealWithoutCas,
    /// The pool settles a dead worker's batch before it has drained the results.
    SettleBeforeDrain,
    /// The pool settles a dead worker's batches, and frees them, before it has emptied its inbox.
    SettleBeforeBurial,
    /// A worker counts a task as done before its reply is written.
    DoneBeforeReply,
    /// The pool frees a batch once all replies are read, though it may be announced once more.
    FreeWhenRead,
    /// A worker writes into a batch after it has announced it for the last time.
    FinishAfterAnnouncement,
    // Shared objects.
    /// Who begins to hold an object leaves no trace in its life word.
    HoldWithoutActivity,
    /// Who ends an object does not look whether its life word has changed.
    EndIgnoresActivity,
    /// Who looks whether an object can end looks at the messages before the holders.
    CarriersBeforeHolders,
    /// A receiver takes the message off the list before it holds the object.
    UnlistBeforeHold,
    /// A sender lets go before the object lists its message.
    LetGoBeforeListed,
    /// Who has set a bit in vain does not look whether it kept an object from ending.
    NoSettleAfterWithdrawal,
    /// A sweep does not look whether objects can end.
    SweepForgetsObjects,
    /// A sweep frees messages without taking them off the lists.
    SweepLeavesLists,
    // Unfinished tasks.
    /// An item counts as put only after it was published.
    PutCountedAfterPublishing,
    /// Who reads the accounts reads what was put before what is done.
    PutsReadFirst,
    /// A sweep gives back what the dead was taking before it puts its accounts right.
    AccountsAfterRedelivery,
    /// A sweep does not look at a put that the dead had counted and perhaps not published.
    PendingPutForgotten,
    /// A sweep looks who owns the block of a pending put, not whether a slot holds it.
    PublishedByOwnerOnly,
    /// A sweep does not count as done what the dead got.
    HandNotWrittenOff,
    /// A put that finds no room tells nobody that it does not count any more.
    NoTellAfterCancel,
    /// A joiner sleeps without looking again after setting its bit.
    NoJoinRecheck,
    /// Who has seen zero says so though a join began since: the zero was before it.
    TellIgnoresJoins,
    // Locks and semaphores.
    /// A waiter sleeps without looking again after setting its bit.
    NoLockRecheck,
    /// Who finds a permit free takes it with a plain store.
    AcquireByStore,
    /// Nobody is woken after a release.
    ReleaseWakesNobody,
    /// A waker that finds its bit cleared by another looks for no other bit.
    WakeGivesUp,
    /// A thread whose time is over does not try once more, though it may have been woken.
    LeaveWithoutTry,
    /// An event loop that gives up looks for a free permit before it takes its bit back.
    DisarmLooksFirst,
    /// Who blocks in an event loop takes back the bit with which the loop itself waits.
    BlockingTakesBit,
    /// A sweep does not give back what the dead had.
    SweepKeepsPermits,
    /// A sweep frees words whoever they name.
    SweepFreesAny,
    /// A sweep leaves no trace of the death in what it frees.
    SweepHidesDeath,
    /// A sweep leaves the bit of the dead set.
    SweepLeavesBit,
    /// A sweep wakes nobody in the place of a dead that was woken.
    SweepPassesNothingOn,
    /// A sweep wakes one who waits, but does not ring everybody.
    SweepRingsNoWaiter,
    // Bitmaps of more than one word.
    /// A sleeper marks its word as used only after it has looked again.
    WordMarkedLate,
    /// A waker takes back the mark of a word that it finds empty.
    MarkTakenBack,
    /// A waker looks into one word only.
    OneWordLookedAt,
    /// A waker wakes before there is what it wakes for.
    WakeBeforeChange,
    /// A sweep takes only bits of the first word back.
    SweepKnowsOneWord,
    // Conditions.
    /// Who waits counts as waiting only after it has given up the lock.
    WaitsAfterUnlock,
    /// A waiter sleeps without looking whether it is notified already.
    NoConditionRecheck,
    /// Who gives up does not look whether it was notified at the last moment.
    GiveUpKeepsNotification,
    /// An aborted waiter takes its notification before it passes it on.
    AbortTakesFirst,
    /// A notified waiter takes its notification before it has the lock again.
    NotificationTakenEarly,
    /// A sweep does not pass on what the dead was notified of.
    SweepDropsNotifications,
    /// A sweep takes the notification of the dead before it passes it on.
    SweepTakesFirst,
    /// A sweep lets the dead go on counting as waiting.
    DeadStillWaits,
    // Barriers.
    /// A party is known to be inside only after it has arrived.
    InsideAfterArrival,
    /// Who finds the barrier full after it has arrived takes itself for the last one.
    LastByAnotherLook,
    /// The last party lets all pass though the barrier was broken meanwhile.
    PassIgnoresBreak,
    /// The last party lets all pass though its generation was reset meanwhile.
    PassIgnoresGeneration,
    /// A party counts the changes after its attempt, not before.
    ChangesReadLate,
    /// A party sleeps without looking again after setting its bit.
    NoBarrierRecheck,
    /// Who gives up breaks the barrier though its generation has passed.
    GiveUpBreaksAny,
    /// A reset leaves no mark for those who waited.
    ResetLeavesNoMark,
    /// A sweep does not break the barrier of a party.
    SweepBreaksNothing,
    /// A sweep tells nobody when the barrier was broken already, perhaps by the dead.
    SweepTellsOnlyItsBreak,
    /// A sweep forgets who made the barrier before its work is done.
    CreatorForgotten,
    // Segments, and the end of a queue.
    /// A consumer says that a shut queue is at its end without closing the place of the next item.
    EndLeavesOpen,
    /// A consumer says so though another has a message that may come back.
    EndIgnoresTaken,
    /// A consumer looks for messages that another has, not for those that a sweep has just put back.
    EndLooksForTakenOnly,
    /// The end of a pipe is when nothing was there after all producers had gone.
    EndOfPipeByLooking,
    /// Nobody is told that the last producer has let go.
    WriterLeavesSilently,
    /// A sweep rings nobody who waits for the end of a pipe.
    SweepTellsNoReader,
    /// A segment is freed as soon as consumers are beyond it.
    RetiresUnfinished,
    /// A segment is used again in the turn it had.
    TurnKept,
    /// A sweep frees the segment that the dead was making though it is linked.
    SweepFreesLinked,
    /// A sweep leaves the segment that the dead was making.
    SweepLeavesSegments,
}
