//! Every rule of the protocol is there for a reason: each is left out once, and the checker must find out.

mod bases;
#[path = "../support/mod.rs"]
mod support;

use bases::*;
use manyhands_model::{
    Bug, Kind, barrier, channel, condition, extents, holders, lease, permits, segments, tasks,
    waiters,
};

macro_rules! found {
    ($($name:ident: $bug:ident in $protocol:ident $base:ident is $kind:ident;)*) => {
        $(
            #[test]
            fn $name() {
                let config = $protocol::Config { bug: Some(Bug::$bug), ..$base };
                support::finds(&config, Bug::$bug, Kind::$kind);
            }
        )*

        fn test_of(bug: Bug) -> &'static str {
            match bug {
                $(Bug::$bug => stringify!($name),)*
            }
        }
    };
}

found! {
    a_sweep_that_rings_nobody: NoRingAll in channel CHANNEL is Hang;
    a_sweep_that_trusts_armed_flags: RingAllTrustsArmed in channel EVENT_LOOP is Hang;
    an_event_loop_that_arms_too_late: ArmAfterBit in channel EVENT_LOOP is Hang;
    a_consumer_that_does_not_look_again: NoConsumerRecheck in channel CHANNEL is Hang;
    a_producer_that_does_not_look_again: NoProducerRecheck in channel CHANNEL is Hang;
    a_put_that_rings_nobody: NoWakeAfterPut in channel CHANNEL is Hang;
    a_take_that_rings_nobody: NoWakeAfterTake in channel CHANNEL is Hang;
    a_wake_kept_by_one_that_gives_up: GiveUpKeepsWake in channel GIVING_UP is Hang;
    a_slot_emptied_before_adoption: NoAdoption in channel CHANNEL is FreedInUse;
    a_late_helper_that_does_not_look_again: LateHelp in channel TWO_LOOKERS is Hang;
    two_sweepers_of_one_entry: ParallelSweepers in channel REUSED_ENTRY is FreedInUse;
    entries_without_a_generation: NoGeneration in channel REUSED_ENTRY is FreedInUse;
    a_sweep_that_keeps_the_sweeps_of_the_dead: NoHandOver in channel REUSED_ENTRY is Unswept;
    blocks_freed_before_messages_are_given_back: FreeBeforeReturn in channel CHANNEL is FreedInUse;
    an_extent_freed_from_its_head: ExtentHeadFirst in extents EXTENTS is Leak;
    an_extent_claimed_from_its_tail: ExtentTailClaimedFirst in extents EXTENTS is Leak;
    pages_punched_after_the_units_are_free: PunchAfterFree in extents EXTENTS is FreedInUse;
    a_sweep_that_frees_units_of_others: SweepFreesBlindly in extents EXTENTS is Overlap;
    a_leased_block_adopted_by_its_taker: LeaseAdopted in lease LEASE is LeaseMoved;
    tasks_taken_back_by_a_plain_store: StealWithoutCas in lease LEASE is TaskTwice;
    a_batch_settled_before_the_queue_is_drained: SettleBeforeDrain in lease LEASE is WrongOutcome;
    a_batch_settled_before_its_worker_is_buried: SettleBeforeBurial in lease LEASE is FreedInUse;
    a_task_counted_before_its_reply_is_there: DoneBeforeReply in lease LEASE is WrongOutcome;
    a_batch_freed_while_it_is_announced: FreeWhenRead in lease LEASE is FreedInUse;
    a_batch_written_to_after_its_last_announcement: FinishAfterAnnouncement in lease LEASE is Leak;
    a_hold_that_leaves_no_trace: HoldWithoutActivity in holders HOLDERS is FreedInUse;
    an_end_that_looks_for_no_trace: EndIgnoresActivity in holders HOLDERS is FreedInUse;
    messages_looked_at_before_holders: CarriersBeforeHolders in holders HOLDERS is FreedInUse;
    a_message_off_the_list_before_its_object_is_held: UnlistBeforeHold in holders HOLDERS is FreedInUse;
    a_sender_that_lets_go_too_early: LetGoBeforeListed in holders HOLDERS is FreedInUse;
    a_bit_in_vain_that_keeps_an_object: NoSettleAfterWithdrawal in holders HOLDERS is Leak;
    a_sweep_that_forgets_objects: SweepForgetsObjects in holders HOLDERS is Leak;
    a_sweep_that_leaves_lists_behind: SweepLeavesLists in holders HOLDERS is Leak;
    an_item_counted_when_it_can_be_seen: PutCountedAfterPublishing in tasks TASKS is Miscount;
    puts_read_before_what_is_done: PutsReadFirst in tasks JOINER is JoinedEarly;
    accounts_put_right_after_redelivery: AccountsAfterRedelivery in tasks TASKS is JoinedEarly;
    a_pending_put_that_is_forgotten: PendingPutForgotten in tasks TASKS is Miscount;
    a_put_taken_for_unpublished_by_its_owner: PublishedByOwnerOnly in tasks TASKS is Miscount;
    items_of_the_dead_that_stay_unfinished: HandNotWrittenOff in tasks ONE_TASK is Hang;
    a_put_without_room_that_tells_nobody: NoTellAfterCancel in tasks NO_ROOM is Hang;
    a_joiner_that_does_not_look_again: NoJoinRecheck in tasks TASKS is Hang;
    a_zero_of_before_the_join: TellIgnoresJoins in tasks NO_DEATH is JoinedEarly;
    a_waiter_for_a_lock_that_does_not_look_again: NoLockRecheck in permits LOCK is Hang;
    a_lock_acquired_by_a_store: AcquireByStore in permits LOCK is Exclusion;
    a_release_that_wakes_nobody: ReleaseWakesNobody in permits LOCK is Hang;
    a_waker_that_gives_up: WakeGivesUp in permits LOCK_OF_LOOPS is Hang;
    a_wait_that_ends_without_a_last_try: LeaveWithoutTry in permits LOCK_OF_THREE is Hang;
    a_loop_that_gives_up_and_looks_too_early: DisarmLooksFirst in permits LOCK_OF_LOOPS is Hang;
    a_bit_of_a_loop_taken_by_who_blocks_in_it: BlockingTakesBit in permits LOCK_OF_LOOPS is Hang;
    permits_kept_by_the_dead: SweepKeepsPermits in permits SEMAPHORE is PermitLost;
    permits_of_the_living_freed_by_a_sweep: SweepFreesAny in permits MORTAL_LOCK is Exclusion;
    a_death_that_the_next_owner_is_not_told: SweepHidesDeath in permits LOCK is Untold;
    a_bit_of_the_dead_that_stays: SweepLeavesBit in permits MORTAL_LOCK is Hang;
    a_wake_that_dies_with_the_woken: SweepPassesNothingOn in permits LOCK is Hang;
    a_wake_that_dies_with_the_waker: SweepRingsNoWaiter in permits LOCK is Hang;
    a_word_marked_too_late: WordMarkedLate in waiters UNSWEPT_WAITERS is Hang;
    a_mark_taken_back: MarkTakenBack in waiters UNSWEPT_WAITERS is Hang;
    a_waker_that_looks_into_one_word: OneWordLookedAt in waiters UNSWEPT_WAITERS is Hang;
    a_waker_that_wakes_too_early: WakeBeforeChange in waiters UNSWEPT_WAITERS is Hang;
    a_sweep_that_knows_one_word: SweepKnowsOneWord in waiters WAITERS is Leak;
    a_wait_that_begins_without_the_lock: WaitsAfterUnlock in condition CONDITION is NotificationLost;
    a_waiter_that_does_not_look_whether_it_is_notified: NoConditionRecheck in condition CONDITION is Hang;
    a_notification_kept_by_one_that_gives_up: GiveUpKeepsNotification in condition LEAVING is NotificationLost;
    a_notification_taken_by_one_that_is_aborted: AbortTakesFirst in condition LEAVING is NotificationLost;
    a_notification_taken_without_the_lock: NotificationTakenEarly in condition CONDITION is Hang;
    a_notification_dropped_by_a_sweep: SweepDropsNotifications in condition CONDITION is NotificationLost;
    a_notification_taken_by_a_sweep_that_dies: SweepTakesFirst in condition SWEPT_TWICE is NotificationLost;
    a_notification_for_the_dead: DeadStillWaits in condition CONDITION is NotificationLost;
    a_party_that_is_inside_too_late: InsideAfterArrival in barrier OWN_BARRIER is Unbroken;
    two_parties_that_take_themselves_for_the_last: LastByAnotherLook in barrier BARRIER is ActionTwice;
    a_passage_after_a_break: PassIgnoresBreak in barrier MADE_BARRIER is Disagreement;
    a_passage_after_a_reset: PassIgnoresGeneration in barrier MADE_BARRIER is Disagreement;
    a_party_that_counts_changes_too_late: ChangesReadLate in barrier BARRIER is Hang;
    a_party_that_does_not_look_again: NoBarrierRecheck in barrier BARRIER is Hang;
    a_party_that_breaks_what_it_is_not_in: GiveUpBreaksAny in barrier LATE_PARTY is Disagreement;
    a_reset_that_nobody_is_told_of: ResetLeavesNoMark in barrier MADE_BARRIER is PassedEarly;
    a_death_that_breaks_nothing: SweepBreaksNothing in barrier BARRIER is Unbroken;
    a_break_that_dies_with_its_party: SweepTellsOnlyItsBreak in barrier MADE_BARRIER is Hang;
    an_end_that_leaves_the_next_place_open: EndLeavesOpen in segments SHUT is EndedEarly;
    an_end_though_a_message_may_come_back: EndIgnoresTaken in segments SHUT_FOR_TWO is EndedEarly;
    an_end_of_a_pipe_by_looking: EndOfPipeByLooking in segments PIPE_OF_TWO is EndedEarly;
    a_writer_that_leaves_silently: WriterLeavesSilently in segments PIPE is Hang;
    a_reader_that_no_sweep_tells: SweepTellsNoReader in segments PIPE is Hang;
    a_segment_freed_before_it_is_finished: RetiresUnfinished in segments TWO_READERS is FreedInUse;
    a_segment_used_again_in_its_old_turn: TurnKept in segments TWO_WRITERS is FreedInUse;
    an_end_though_a_message_was_put_back: EndLooksForTakenOnly in segments PIPE_OF_TWO is EndedEarly;
    a_linked_segment_freed_by_a_sweep: SweepFreesLinked in segments SEGMENTS is FreedInUse;
    a_segment_that_nobody_finishes: SweepLeavesSegments in segments SEGMENTS is Leak;
    a_maker_taken_for_a_party: CreatorForgotten in barrier BARRIER_SWEPT_TWICE is BrokenInVain;
}

#[test]
fn no_two_bugs_share_a_test() {
    let mut names: Vec<_> = Bug::ALL.iter().map(|&bug| test_of(bug)).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Bug::ALL.len());
}
