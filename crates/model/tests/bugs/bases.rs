//! The configurations in which rules are left out: each as small as the bug allows.

use manyhands_model::{
    barrier, channel, condition, extents, holders, lease, permits, segments, tasks, waiters,
};

pub(crate) const CHANNEL: channel::Config = channel::Config::SMALL;
pub(crate) const EVENT_LOOP: channel::Config = channel::Config {
    event_loop: true,
    ..CHANNEL
};
pub(crate) const REUSED_ENTRY: channel::Config = channel::Config {
    sweepers: 2,
    messages: 1,
    kills: 2,
    respawns: 1,
    ..CHANNEL
};
pub(crate) const GIVING_UP: channel::Config = channel::Config {
    consumers: 2,
    kills: 0,
    timeouts: 1,
    ..CHANNEL
};
pub(crate) const TWO_LOOKERS: channel::Config = channel::Config {
    consumers: 2,
    messages: 1,
    respawns: 1,
    ..CHANNEL
};
pub(crate) const EXTENTS: extents::Config = extents::Config::SMALL;
pub(crate) const LEASE: lease::Config = lease::Config {
    workers: 2,
    ..lease::Config::SMALL
};
pub(crate) const HOLDERS: holders::Config = holders::Config::SMALL;
pub(crate) const TASKS: tasks::Config = tasks::Config::SMALL;
pub(crate) const JOINER: tasks::Config = tasks::Config {
    joiners: 1,
    joining_producers: false,
    kills: 0,
    ..TASKS
};
pub(crate) const NO_ROOM: tasks::Config = tasks::Config { slots: 1, ..JOINER };
pub(crate) const ONE_TASK: tasks::Config = tasks::Config { puts: 1, ..TASKS };
pub(crate) const NO_DEATH: tasks::Config = tasks::Config { kills: 0, ..TASKS };
pub(crate) const LOCK: permits::Config = permits::Config::SMALL;
pub(crate) const LOCK_OF_THREE: permits::Config = permits::Config {
    takers: 3,
    kills: 0,
    timeouts: 1,
    ..LOCK
};
pub(crate) const MORTAL_LOCK: permits::Config = permits::Config { takers: 3, ..LOCK };
pub(crate) const LOCK_OF_LOOPS: permits::Config = permits::Config {
    event_loop: true,
    interludes: 1,
    ..LOCK_OF_THREE
};
pub(crate) const SEMAPHORE: permits::Config = permits::Config {
    lock: false,
    permits: 2,
    room: 2,
    takers: 3,
    ..LOCK
};
pub(crate) const WAITERS: waiters::Config = waiters::Config::SMALL;
pub(crate) const UNSWEPT_WAITERS: waiters::Config = waiters::Config {
    kills: 0,
    sweepers: 0,
    ..WAITERS
};
pub(crate) const CONDITION: condition::Config = condition::Config::SMALL;
pub(crate) const LEAVING: condition::Config = condition::Config {
    timeouts: 1,
    aborts: 1,
    ..CONDITION
};
pub(crate) const SWEPT_TWICE: condition::Config = condition::Config {
    kills: 2,
    sweepers: 2,
    ..CONDITION
};
pub(crate) const BARRIER: barrier::Config = barrier::Config::SMALL;
pub(crate) const OWN_BARRIER: barrier::Config = barrier::Config {
    party_made_it: true,
    ..BARRIER
};
pub(crate) const MADE_BARRIER: barrier::Config = barrier::Config {
    maker: true,
    aborts: 1,
    resets: 1,
    ..BARRIER
};
pub(crate) const LATE_PARTY: barrier::Config = barrier::Config {
    timeouts: 1,
    ..BARRIER
};
pub(crate) const BARRIER_SWEPT_TWICE: barrier::Config = barrier::Config {
    kills: 2,
    sweepers: 2,
    rounds: 1,
    ..MADE_BARRIER
};
pub(crate) const SEGMENTS: segments::Config = segments::Config::SMALL;
pub(crate) const TWO_READERS: segments::Config = segments::Config {
    consumers: 2,
    items: 2,
    ..SEGMENTS
};
pub(crate) const TWO_WRITERS: segments::Config = segments::Config {
    producers: 2,
    items: 2,
    sweepers: 0,
    kills: 0,
    ..SEGMENTS
};
pub(crate) const SHUT: segments::Config = segments::Config {
    shuts: true,
    items: 2,
    ..SEGMENTS
};
pub(crate) const PIPE: segments::Config = segments::Config {
    pipe: true,
    items: 1,
    ..SEGMENTS
};
pub(crate) const SHUT_FOR_TWO: segments::Config = segments::Config {
    consumers: 2,
    items: 1,
    ..SHUT
};
pub(crate) const PIPE_OF_TWO: segments::Config = segments::Config {
    consumers: 2,
    ..PIPE
};
