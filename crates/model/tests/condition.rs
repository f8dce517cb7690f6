//! Conditions: small configurations, all of them exhausted.

mod support;

use manyhands_model::condition::Config;

const BASE: Config = Config::SMALL;

holds! {
    one_of_two_is_notified: BASE;
    both_are_notified: Config { tokens: 2, ..BASE };
    the_lock_comes_back_last: Config { lock_last: true, ..BASE };
    three_and_two_notifications: Config { waiters: 3, tokens: 2, ..BASE };
    two_who_notify: Config { notifiers: 2, ..BASE };
    one_gives_up: Config { timeouts: 1, ..BASE };
    one_is_aborted: Config { aborts: 1, ..BASE };
    one_is_aborted_and_one_gives_up: Config { waiters: 3, sweepers: 0, kills: 0, aborts: 1, timeouts: 1, ..BASE };
    a_sweeper_dies: Config { kills: 2, sweepers: 2, ..BASE };
    a_sweeper_dies_and_the_lock_comes_back_last: Config { kills: 2, sweepers: 2, lock_last: true, ..BASE };
    three_of_whom_one_is_aborted: Config { waiters: 3, aborts: 1, timeouts: 1, ..BASE };
    two_die: Config { waiters: 3, kills: 2, ..BASE };
    an_aborted_one_and_a_sweeper_die: Config { kills: 2, sweepers: 2, aborts: 1, ..BASE };
}
