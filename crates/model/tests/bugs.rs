//! Every rule of the protocol is there for a reason: each is left out once, and the checker must find out.

mod support;

use manyhands_model::{Bug, Kind, channel, extents, lease, registry};

const CHANNEL: channel::Config = channel::Config {
    producers: 1,
    consumers: 1,
    sweepers: 1,
    capacity: 1,
    messages: 2,
    chain: 1,
    kills: 1,
    respawns: 0,
    timeouts: 0,
    event_loop: false,
    bug: None,
};
const EVENT_LOOP: channel::Config = channel::Config {
    event_loop: true,
    ..CHANNEL
};
const REUSED_ENTRY: channel::Config = channel::Config {
    sweepers: 2,
    messages: 1,
    kills: 2,
    respawns: 1,
    ..CHANNEL
};
const GIVING_UP: channel::Config = channel::Config {
    consumers: 2,
    kills: 0,
    timeouts: 1,
    ..CHANNEL
};
const TWO_LOOKERS: channel::Config = channel::Config {
    consumers: 2,
    messages: 1,
    respawns: 1,
    ..CHANNEL
};
const EXTENTS: extents::Config = extents::Config {
    workers: 2,
    sweepers: 2,
    units: 3,
    size: 2,
    rounds: 1,
    kills: 2,
    respawns: 1,
    bug: None,
};
const LEASE: lease::Config = lease::Config {
    workers: 2,
    tasks: 2,
    batch: 2,
    batches: 2,
    ahead: 2,
    announcements: 1,
    steals: 1,
    kills: 1,
    respawns: 1,
    large_replies: true,
    bug: None,
};
const REGISTRY: registry::Config = registry::Config {
    queues: 2,
    producers: 1,
    consumers: 1,
    sweepers: 1,
    slots: 1,
    rounds: 1,
    kills: 1,
    bug: None,
};
const TWO_SLEEPERS: registry::Config = registry::Config {
    consumers: 2,
    kills: 0,
    sweepers: 0,
    ..REGISTRY
};

/// One test per bug. The `match` has no arm for "others": a new bug without a test does not compile.
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
    a_queue_that_lives_before_it_is_set_up: LiveBeforeReset in registry REGISTRY is Corrupt;
    queue_memory_given_back: QueueBlockReused in registry REGISTRY is FreedInUse;
    a_queue_unregistered_before_it_is_closed: FreeBeforeClose in registry REGISTRY is FreedInUse;
    an_operation_that_comes_too_late: StaleOperation in registry REGISTRY is Corrupt;
    a_closer_that_comes_too_late: StaleClose in registry REGISTRY is Lost;
    a_sleeper_that_comes_too_late: StaleWait in registry REGISTRY is Hang;
    a_wake_kept_by_a_sleeper_of_the_last_queue: GoneKeepsWake in registry TWO_SLEEPERS is Hang;
}

#[test]
fn no_two_bugs_share_a_test() {
    let mut names: Vec<_> = Bug::ALL.iter().map(|&bug| test_of(bug)).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Bug::ALL.len());
}
