//! Barriers: small configurations, all of them exhausted.

mod support;

use manyhands_model::barrier::Config;

const BASE: Config = Config::SMALL;
const MADE: Config = Config {
    maker: true,
    ..BASE
};

holds! {
    two_parties: BASE;
    three_parties: Config { parties: 3, ..BASE };
    three_rounds: Config { rounds: 3, ..BASE };
    a_party_that_made_it: Config { party_made_it: true, ..BASE };
    a_maker_that_is_no_party: MADE;
    a_maker_that_resets: Config { resets: 1, ..MADE };
    a_maker_that_aborts_and_resets: Config { aborts: 1, resets: 1, ..MADE };
    a_party_that_gives_up: Config { timeouts: 1, ..BASE };
    a_party_that_gives_up_and_a_maker_that_resets: Config { timeouts: 1, resets: 1, rounds: 1, ..MADE };
    a_party_that_leaves: Config { leaves: 1, kills: 0, ..BASE };
    two_deaths: Config { kills: 2, sweepers: 2, ..BASE };
    a_maker_and_a_sweeper_die: Config { kills: 2, sweepers: 2, resets: 1, rounds: 1, ..MADE };
    a_party_that_made_it_and_a_sweeper_die: Config { kills: 2, sweepers: 2, party_made_it: true, ..BASE };
}
