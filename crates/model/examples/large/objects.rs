//! Locks, semaphores, bitmaps of waiters, conditions and barriers.

use crate::Runner;
use manyhands_model::{barrier, condition, permits, waiters};

const PERMITS: permits::Config = permits::Config {
    takers: 3,
    rounds: 2,
    sweepers: 2,
    kills: 2,
    timeouts: 1,
    ..permits::Config::SMALL
};
const WAITERS: waiters::Config = waiters::Config {
    words: 3,
    sleepers: 3,
    ..waiters::Config::SMALL
};
const CONDITION: condition::Config = condition::Config {
    waiters: 3,
    tokens: 2,
    sweepers: 2,
    kills: 2,
    timeouts: 1,
    aborts: 1,
    ..condition::Config::SMALL
};
const BARRIER: barrier::Config = barrier::Config {
    parties: 3,
    sweepers: 2,
    kills: 2,
    ..barrier::Config::SMALL
};
/// All of them.
pub(crate) fn check(runner: &mut Runner) {
    runner.check("permits of a lock with two deaths", &PERMITS);
    let loops = permits::Config {
        event_loop: true,
        interludes: 2,
        timeouts: 2,
        sweepers: 1,
        kills: 1,
        ..PERMITS
    };
    runner.check("permits of a lock of event loops", &loops);
    let semaphore = permits::Config {
        lock: false,
        permits: 2,
        room: 2,
        counted: 1,
        takers: 4,
        rounds: 1,
        ..PERMITS
    };
    runner.check("permits of a semaphore with two deaths", &semaphore);
    let three_words = permits::Config {
        lock: false,
        permits: 1,
        room: 3,
        takers: 3,
        rounds: 1,
        givers: 1,
        sweepers: 1,
        kills: 1,
        ..PERMITS
    };
    runner.check("permits that are added", &three_words);
    runner.check("waiters in three words with one death", &WAITERS);
    let two_deaths = waiters::Config {
        words: 2,
        wakers: 1,
        sweepers: 2,
        kills: 2,
        timeouts: 1,
        ..WAITERS
    };
    runner.check("waiters in two words with two deaths", &two_deaths);
    runner.check("condition with two deaths", &CONDITION);
    let two_notifiers = condition::Config {
        notifiers: 2,
        sweepers: 1,
        kills: 1,
        ..CONDITION
    };
    runner.check("condition with two who notify", &two_notifiers);
    runner.check("barrier of three with two deaths", &BARRIER);
    let reset = barrier::Config {
        rounds: 1,
        maker: true,
        resets: 1,
        timeouts: 1,
        sweepers: 1,
        kills: 1,
        ..BARRIER
    };
    runner.check("barrier of three that is reset", &reset);
    let abort = barrier::Config {
        parties: 2,
        rounds: 2,
        aborts: 1,
        sweepers: 2,
        kills: 2,
        timeouts: 0,
        ..reset
    };
    runner.check("barrier of two that is aborted and reset", &abort);
}
