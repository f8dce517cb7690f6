//! Queues without a limit, and their end.

use crate::Runner;
use manyhands_model::segments;

const SEGMENTS: segments::Config = segments::Config {
    consumers: 2,
    ..segments::Config::SMALL
};

/// All of them.
pub(crate) fn check(runner: &mut Runner) {
    runner.check("segments with two consumers", &SEGMENTS);
    let shut = segments::Config {
        shuts: true,
        items: 1,
        ..SEGMENTS
    };
    runner.check("segments that are shut before two consumers", &shut);
    let many_shut = segments::Config {
        consumers: 1,
        items: 3,
        ..shut
    };
    runner.check("segments with more items that are shut", &many_shut);
    let two_deaths = segments::Config {
        pipe: true,
        consumers: 1,
        items: 3,
        sweepers: 2,
        kills: 2,
        ..SEGMENTS
    };
    runner.check("segments of a pipe with two deaths", &two_deaths);
    let producers = segments::Config {
        producers: 2,
        consumers: 1,
        items: 1,
        ..SEGMENTS
    };
    runner.check("segments with two producers and a death", &producers);
    let more_items = segments::Config {
        items: 2,
        segments: 4,
        kills: 0,
        ..producers
    };
    runner.check("segments with two producers that append", &more_items);
    let both = segments::Config {
        producers: 2,
        items: 1,
        slots: 2,
        ..SEGMENTS
    };
    runner.check("segments of two slots with two of each", &both);
}
