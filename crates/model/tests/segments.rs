//! Queues without a limit and their end: small configurations, all of them exhausted.

mod support;

use manyhands_model::segments::Config;

const BASE: Config = Config::SMALL;

holds! {
    segments_of_one_slot: BASE;
    segments_of_two_slots: Config { slots: 2, ..BASE };
    a_queue_that_is_shut: Config { shuts: true, items: 2, ..BASE };
    two_consumers: Config { consumers: 2, items: 2, ..BASE };
    two_consumers_of_a_queue_that_is_shut: Config { consumers: 2, shuts: true, items: 2, kills: 0, ..BASE };
    two_producers: Config { producers: 2, items: 1, ..BASE };
    two_producers_of_two_items: Config { producers: 2, items: 2, kills: 0, segments: 4, ..BASE };
    two_deaths: Config { kills: 2, sweepers: 2, items: 2, ..BASE };
    a_pipe_with_two_readers: Config { pipe: true, consumers: 2, items: 1, ..BASE };
    a_pipe_with_two_writers: Config { pipe: true, producers: 2, items: 1, ..BASE };
    a_pipe: Config { pipe: true, items: 2, ..BASE };
}
