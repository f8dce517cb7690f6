//! Extents of contiguous units: small configurations, all of them exhausted.

mod support;

use manyhands_model::extents::Config;

const BASE: Config = Config::SMALL;

holds! {
    two_claimers_that_overlap: BASE;
    larger_extents: Config { units: 4, size: 3, ..BASE };
    extents_side_by_side: Config { units: 6, size: 3, ..BASE };
    three_claimers: Config { workers: 3, sweepers: 1, kills: 1, ..BASE };
    extents_that_are_claimed_again: Config { rounds: 2, units: 4, ..BASE };
}
