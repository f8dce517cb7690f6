//! Queues that come and go in the same memory: small configurations, all of them exhausted.

mod support;

use manyhands_model::registry::Config;

const BASE: Config = Config {
    queues: 2,
    producers: 1,
    consumers: 1,
    sweepers: 1,
    slots: 1,
    rounds: 1,
    kills: 1,
    bug: None,
};

holds! {
    one_queue_after_the_other: BASE;
    three_queues_in_a_row: Config { queues: 3, ..BASE };
    users_that_come_back: Config { rounds: 2, slots: 2, ..BASE };
    two_consumers: Config { consumers: 2, ..BASE };
    two_producers_without_a_death: Config { producers: 2, kills: 0, sweepers: 0, ..BASE };
    a_sweeper_that_dies: Config { sweepers: 2, kills: 2, ..BASE };
}
