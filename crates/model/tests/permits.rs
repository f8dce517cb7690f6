//! Locks and semaphores: small configurations, all of them exhausted.

mod support;

use manyhands_model::permits::Config;

const LOCK: Config = Config {
    rounds: 2,
    ..Config::SMALL
};
const SEMAPHORE: Config = Config {
    lock: false,
    permits: 2,
    room: 2,
    takers: 3,
    rounds: 1,
    ..LOCK
};

holds! {
    a_lock_of_two: LOCK;
    a_lock_of_three: Config { takers: 3, rounds: 1, ..LOCK };
    a_lock_with_two_deaths: Config { kills: 2, sweepers: 2, rounds: 1, ..LOCK };
    a_lock_of_three_one_of_whom_gives_up: Config { takers: 3, rounds: 1, kills: 0, timeouts: 1, ..LOCK };
    a_lock_of_three_acquired_twice: Config { takers: 3, ..LOCK };
    a_lock_of_two_who_give_up_or_die: Config { timeouts: 1, ..LOCK };
    a_lock_of_event_loops: Config { event_loop: true, timeouts: 1, ..LOCK };
    a_lock_of_three_event_loops: Config { event_loop: true, takers: 3, rounds: 1, timeouts: 1, ..LOCK };
    a_lock_of_event_loops_that_block_too: Config { event_loop: true, kills: 0, interludes: 2, timeouts: 1, ..LOCK };
    two_permits_of_three: SEMAPHORE;
    two_permits_and_two_deaths: Config { sweepers: 2, kills: 2, ..SEMAPHORE };
    two_permits_of_event_loops: Config { event_loop: true, timeouts: 1, ..SEMAPHORE };
    one_permit_in_a_word_and_one_counted: Config { permits: 1, room: 1, counted: 1, ..SEMAPHORE };
    permits_that_others_give: Config { permits: 0, takers: 2, givers: 2, ..SEMAPHORE };
    more_permits_than_words: Config { permits: 0, room: 1, takers: 2, givers: 2, kills: 0, ..SEMAPHORE };
}
