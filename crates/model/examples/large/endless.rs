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
        items: 2,
        ..SEGMENTS
    };
    runner.check("segments that are shut", &shut);
    let two_deaths = segments::Config {
        pipe: true,
        items: 1,
        sweepers: 2,
        kills: 2,
        ..SEGMENTS
    };
    runner.check("segments of a pipe with two deaths", &two_deaths);
    let producers = segments::Config {
        producers: 2,
        items: 2,
        consumers: 1,
        segments: 4,
        ..SEGMENTS
    };
    runner.check("segments with two producers", &producers);
    let both = segments::Config {
        producers: 2,
        items: 1,
        slots: 2,
        ..SEGMENTS
    };
    runner.check("segments of two slots with two of each", &both);
}
