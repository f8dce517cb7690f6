//! Every role is killed at every step, at its first and second visit; afterwards nothing may be lost, duplicated, leaked
//! or stuck. Each crash point must be hit.
#![allow(
    clippy::disallowed_types,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests"
)]

mod roles;
mod scenarios;
mod scene;
#[path = "../support/mod.rs"]
mod support;

use manyhands_sync::crash::POINTS;
use scenarios::{SCENARIOS, Scenario};
use std::process::{Command, Stdio};

const SCENARIO: &str = "CORE_TEST_SCENARIO";

fn main() {
    support::watchdog(170);
    if let Some(role) = support::role() {
        roles::play(role);
        return;
    }
    if let Ok(name) = std::env::var(SCENARIO) {
        let &(_, scenario) = SCENARIOS.iter().find(|(known, _)| *known == name).unwrap();
        run(&name, scenario);
        return;
    }
    let mut hits = vec![[0u32; 2]; POINTS.len()];
    for (name, _) in SCENARIOS {
        // A process of its own for each: an arena stays mapped until its process ends.
        let output = Command::new(std::env::current_exe().unwrap())
            .env(SCENARIO, name)
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success(), "the {name} scenario failed");
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let (point, nth) = line.split_once(' ').unwrap();
            let (point, nth): (usize, usize) = (point.parse().unwrap(), nth.parse().unwrap());
            hits[point][nth - 1] += 1;
        }
    }
    let missed: Vec<_> = POINTS
        .iter()
        .filter(|&&point| hits[point as usize].contains(&0))
        .collect();
    assert!(missed.is_empty(), "never hit twice: {missed:?} ({hits:?})");
    let kills: u32 = hits.iter().flatten().sum();
    println!(
        "crash: {} points, {kills} kills, lost 0, duplicated 0, leaked 0",
        POINTS.len()
    );
}

/// Prints each point and visit at which the scenario let somebody die.
fn run(name: &str, scenario: Scenario) {
    assert!(!scenario(None), "the {name} scenario dies by itself");
    for &point in POINTS {
        for nth in [1, 2] {
            if !scenario(Some((point, nth))) {
                break;
            }
            println!("{} {nth}", point as u32);
        }
    }
}
