//! One queue with blocks, death, sweep, sleeping and reuse of entries: small configurations, all of them exhausted.

mod support;

use manyhands_model::channel::Config;

const BASE: Config = Config::SMALL;

holds! {
    a_full_queue_with_one_death: BASE;
    a_ring_that_wraps_around: Config { capacity: 2, messages: 3, ..BASE };
    a_ring_with_a_spare_slot: Config { capacity: 3, messages: 3, ..BASE };
    messages_of_two_blocks: Config { capacity: 2, chain: 2, ..BASE };
    messages_of_two_blocks_and_a_sweeper_that_dies: Config { chain: 2, messages: 1, kills: 2, sweepers: 2, ..BASE };
    an_entry_that_is_used_again: Config { respawns: 1, ..BASE };
    an_entry_that_is_used_again_after_its_sweeper_died: Config { messages: 1, kills: 2, sweepers: 2, respawns: 1, ..BASE };
    two_consumers: Config { consumers: 2, messages: 1, ..BASE };
    two_consumers_and_an_entry_used_again: Config { consumers: 2, messages: 1, respawns: 1, ..BASE };
    two_consumers_one_of_which_gives_up: Config { consumers: 2, kills: 0, timeouts: 1, ..BASE };
    two_producers: Config { producers: 2, capacity: 2, messages: 1, ..BASE };
    two_producers_and_two_consumers: Config { producers: 2, consumers: 2, capacity: 2, messages: 1, kills: 0, ..BASE };
    an_event_loop_that_gives_up: Config { event_loop: true, respawns: 1, timeouts: 1, ..BASE };
    two_event_loops: Config { consumers: 2, messages: 1, event_loop: true, ..BASE };
}
