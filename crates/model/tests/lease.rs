//! Batches that stay the pool's while workers run them: small configurations, all of them exhausted.

mod support;

use manyhands_model::lease::Config;

const BASE: Config = Config::SMALL;

holds! {
    one_worker_that_dies: BASE;
    one_worker_with_two_batches_at_hand: Config { tasks: 3, batch: 1, batches: 3, ..BASE };
    one_worker_that_dies_twice: Config { tasks: 3, batches: 3, steals: 2, announcements: 2, kills: 2, respawns: 2, ..BASE };
    two_workers_that_share: Config { workers: 2, ..BASE };
    two_workers_and_tasks_taken_back_twice: Config { workers: 2, steals: 2, announcements: 2, ..BASE };
    two_workers_and_three_tasks: Config { workers: 2, tasks: 3, ..BASE };
}
