//! Shared objects that are held, carried, ended and made anew: small configurations, all of them exhausted.

mod support;

use manyhands_model::holders::Config;

const BASE: Config = Config::SMALL;

holds! {
    one_message: BASE;
    sent_on: Config { receivers: 2, latecomers: 0, ..BASE };
    sent_on_in_a_crowd: Config { receivers: 2, latecomers: 0, slots: 0, ..BASE };
    one_listed_and_one_not: Config { receivers: 2, makers: 0, slots: 1, ..BASE };
    a_crowd_and_a_latecomer: Config { slots: 0, ..BASE };
    two_deaths: Config { latecomers: 0, kills: 2, sweepers: 2, ..BASE };
    two_latecomers: Config { latecomers: 2, makers: 1, receivers: 1, ..BASE };
}
