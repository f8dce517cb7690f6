//! A storm of deaths: processes and threads that put, take and sweep are killed, stopped and given up at random instants
//! and at random crash points. Every message is accounted for, and nothing may be left behind.
//!
//! `cargo test --release -p manyhands-sync --test storm -- SECONDS` runs longer; `SEED=n` repeats the choices (though
//! never the instants).
#![allow(
    clippy::disallowed_types,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests"
)]

mod chance;
mod ledger;
mod message;
mod report;
mod roles;
mod round;
#[path = "../support/mod.rs"]
mod support;

use chance::Chance;
use message::Shape;
use report::Report;
use round::{End, Plan, Storm};
use std::time::{Duration, SystemTime};

const SECONDS: u32 = 12;

const PLANS: [Plan; 12] = [
    Plan::new(1, Shape::Small, End::Drained),
    Plan::new(1, Shape::Chain, End::Destroyed),
    Plan::new(2, Shape::Extent, End::Drained),
    Plan::new(7, Shape::Classes, End::Destroyed),
    Plan::new(1024, Shape::Small, End::Drained),
    Plan::new(0, Shape::Small, End::Drained),
    Plan::new(7, Shape::Chain, End::Drained),
    Plan::new(1, Shape::Extent, End::Drained),
    Plan::new(2, Shape::Small, End::Destroyed),
    Plan::new(7, Shape::Small, End::Drained),
    Plan::new(1024, Shape::SmallChain, End::Drained),
    Plan::new(0, Shape::Classes, End::Destroyed),
];

fn main() {
    if let Some(role) = support::role() {
        roles::play(&role);
        return;
    }
    // Arguments of the usual test harness are not ours.
    let seconds = std::env::args()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(SECONDS);
    support::watchdog(seconds * 4 + 120);
    let seed = std::env::var("SEED").map_or_else(|_| now(), |seed| seed.parse().unwrap());
    let mut storm = Storm::new(Chance::new(seed));
    let mut total = Report::default();
    let lasts = Duration::from_secs(10.min(seconds.into())) / PLANS.len() as u32;
    let rounds = (Duration::from_secs(seconds.into()).as_millis() / lasts.as_millis()).max(1);
    for &plan in PLANS.iter().cycle().take(rounds as usize) {
        let report = storm.run(plan, lasts);
        if !report.is_clean() {
            println!("storm: {plan:?}: {report}");
        }
        total += report;
    }
    println!("storm: {total} (SEED={seed})");
    assert!(total.is_clean(), "the storm left damage");
    assert!(total.kills > 0 && total.messages > 0, "there was no storm");
}

fn now() -> u32 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(1, |since| since.subsec_nanos())
}
