//! Unfinished tasks that are counted while others die: small configurations, all of them exhausted.

mod support;

use manyhands_model::tasks::Config;

const BASE: Config = Config::SMALL;

holds! {
    a_producer_that_joins: BASE;
    a_queue_without_room: Config { slots: 1, ..BASE };
    a_joiner: Config { joiners: 1, joining_producers: false, ..BASE };
    a_joiner_and_a_producer_that_joins: Config { joiners: 1, puts: 1, ..BASE };
    two_consumers: Config { consumers: 2, ..BASE };
    a_joiner_and_a_queue_without_room: Config { slots: 1, joiners: 1, joining_producers: false, ..BASE };
    two_joiners: Config { joiners: 2, puts: 1, joining_producers: false, ..BASE };
    two_deaths: Config { kills: 2, sweepers: 2, puts: 1, ..BASE };
    two_producers: Config { producers: 2, puts: 1, ..BASE };
}
