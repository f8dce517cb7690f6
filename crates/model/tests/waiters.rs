//! Bitmaps of waiters with more than one word: small configurations, all of them exhausted.

mod support;

use manyhands_model::waiters::Config;

const BASE: Config = Config::SMALL;

holds! {
    two_words_and_two_sleepers: BASE;
    two_words_and_three_sleepers: Config { sleepers: 3, ..BASE };
    two_words_and_three_sleepers_one_of_whom_gives_up: Config { sleepers: 3, sweepers: 0, kills: 0, timeouts: 1, ..BASE };
    two_words_and_two_deaths: Config { wakers: 1, sweepers: 2, kills: 2, ..BASE };
    two_words_and_two_who_die_or_give_up: Config { timeouts: 1, ..BASE };
    three_words_and_three_sleepers: Config { words: 3, sleepers: 3, wakers: 1, ..BASE };
    three_words_and_two_wakers: Config { words: 3, sleepers: 3, sweepers: 0, kills: 0, ..BASE };
    a_flag_that_wakes_all: Config { flag: true, ..BASE };
    a_flag_that_wakes_three: Config { flag: true, sleepers: 3, wakers: 1, ..BASE };
    a_flag_of_three_words: Config { flag: true, words: 3, sleepers: 3, wakers: 1, ..BASE };
}
