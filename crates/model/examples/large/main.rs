//! Large configurations of the model, for `npm run model:large`: minutes of work and gigabytes of memory, so not part of
//! the tests. Prints size, time and verdict of each; an argument selects those whose name contains it.

mod endless;
mod objects;

use manyhands_model::{Protocol, Verdict, channel, explore, extents, holders, lease, tasks};
use std::process::ExitCode;

/// About 3 GB of fingerprints and states.
const LIMIT: usize = 60_000_000;

const CHANNEL: channel::Config = channel::Config::SMALL;
const EXTENTS: extents::Config = extents::Config {
    units: 5,
    size: 3,
    rounds: 2,
    respawns: 2,
    ..extents::Config::SMALL
};
const LEASE: lease::Config = lease::Config {
    workers: 2,
    tasks: 3,
    batches: 3,
    kills: 2,
    ..lease::Config::SMALL
};
const HOLDERS: holders::Config = holders::Config {
    receivers: 2,
    slots: 1,
    ..holders::Config::SMALL
};
const TASKS: tasks::Config = tasks::Config {
    consumers: 2,
    joiners: 1,
    ..tasks::Config::SMALL
};
struct Runner {
    wanted: String,
    ok: bool,
}

impl Runner {
    fn check<P: Protocol>(&mut self, name: &str, config: &P) {
        if !name.contains(&self.wanted) {
            return;
        }
        println!("{name}:");
        let report = explore(config, LIMIT);
        println!("  {report}");
        self.ok &= !matches!(report.verdict, Verdict::Violated(..));
    }
}

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let mut runner = Runner { wanted, ok: true };
    channels(&mut runner);
    runner.check("extents claimed twice", &EXTENTS);
    runner.check("lease with two deaths", &LEASE);
    let two_steals = lease::Config {
        steals: 2,
        announcements: 2,
        kills: 1,
        ..LEASE
    };
    runner.check("lease with two steals", &two_steals);
    runner.check("holders with a message sent on in a crowd", &HOLDERS);
    let dying_sweeper = holders::Config {
        latecomers: 0,
        sweepers: 2,
        kills: 2,
        ..HOLDERS
    };
    runner.check("holders with a dying sweeper", &dying_sweeper);
    runner.check("tasks with two consumers and two that join", &TASKS);
    let two_deaths = tasks::Config {
        joiners: 0,
        sweepers: 2,
        kills: 2,
        ..TASKS
    };
    runner.check("tasks with two consumers and two deaths", &two_deaths);
    let two_producers = tasks::Config {
        producers: 2,
        consumers: 1,
        joiners: 0,
        slots: 1,
        ..TASKS
    };
    runner.check("tasks with two producers and no room", &two_producers);
    objects::check(&mut runner);
    endless::check(&mut runner);
    if runner.ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn channels(runner: &mut Runner) {
    let deaths = channel::Config {
        capacity: 2,
        sweepers: 2,
        kills: 3,
        respawns: 1,
        ..CHANNEL
    };
    runner.check("channel with three deaths and a reused entry", &deaths);
    let two = channel::Config {
        consumers: 2,
        ..CHANNEL
    };
    runner.check("channel with two consumers", &two);
    let three = channel::Config {
        consumers: 3,
        messages: 1,
        ..CHANNEL
    };
    runner.check("channel with three consumers", &three);
    let dying_sweeper = channel::Config {
        sweepers: 2,
        kills: 2,
        messages: 1,
        ..two
    };
    runner.check(
        "channel with two consumers and a dying sweeper",
        &dying_sweeper,
    );
    let producers = channel::Config {
        producers: 2,
        ..CHANNEL
    };
    runner.check("channel with two producers", &producers);
    let both = channel::Config {
        producers: 2,
        consumers: 2,
        messages: 1,
        capacity: 2,
        ..CHANNEL
    };
    runner.check("channel with two of each", &both);
    let loops = channel::Config {
        event_loop: true,
        timeouts: 1,
        ..two
    };
    runner.check("channel with two event loops that give up", &loops);
}
