//! Random words of the arena are damaged while participants work on it: every operation ends, with a result or an error;
//! nothing crashes, hangs or touches memory outside of the mapping. Each round is a process of its own, so that its end
//! shows which of these happened. `FLIP_SEED` and `FLIP_ROUNDS` choose others than the usual rounds.
#![allow(
    clippy::disallowed_types,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests"
)]

mod damage;
mod random;
mod work;

use manyhands_sync::Arena;
use random::Random;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};

const ROUNDS: u64 = 20;
const WORKERS: u64 = 3;
/// Longer than any machine needs for a round.
const SECONDS: u32 = 60;

fn main() -> ExitCode {
    if let Ok(seed) = std::env::var("FLIP_ROUND") {
        round(seed.parse().unwrap());
        return ExitCode::SUCCESS;
    }
    let number = |name, usual| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let (first, rounds) = (number("FLIP_SEED", 1), number("FLIP_ROUNDS", ROUNDS));
    println!("\nrunning 1 test, seeds {first} to {}", first + rounds - 1);
    let failed: Vec<String> = (first..first + rounds).filter_map(run).collect();
    for failure in &failed {
        println!("{failure}");
    }
    let (passed, failures) = (u32::from(failed.is_empty()), u32::from(!failed.is_empty()));
    let verdict = if failed.is_empty() { "ok" } else { "FAILED" };
    println!("test damaged words end in errors, never in a crash or a hang ... {verdict}\n");
    println!("test result: {verdict}. {passed} passed; {failures} failed");
    ExitCode::from(failures as u8)
}

/// Runs one round in a process of its own; says how it failed.
fn run(seed: u64) -> Option<String> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command
        .env("FLIP_ROUND", seed.to_string())
        .output()
        .unwrap();
    if output.status.success() {
        return None;
    }
    let how = match output.status.signal() {
        Some(libc::SIGALRM) => "hangs".to_owned(),
        Some(signal) => format!("is killed by signal {signal}"),
        None => format!("fails: {}", String::from_utf8_lossy(&output.stderr)),
    };
    Some(format!("seed {seed} {how}"))
}

fn round(seed: u64) {
    // SAFETY: alarm only arms a timer; its default action ends the process.
    unsafe { libc::alarm(SECONDS) };
    let arena = Arc::new(Arena::create().unwrap());
    let (over, flips) = (AtomicBool::new(false), AtomicU32::new(0));
    let results = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                let (arena, flips) = (&arena, &flips);
                scope.spawn(move || work::run(arena, Random::new(seed * 16 + worker), flips))
            })
            .collect();
        let damage =
            scope.spawn(|| damage::run(&arena, Random::new(seed * 16 + WORKERS), &over, &flips));
        let results: Vec<_> = workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .collect();
        over.store(true, SeqCst);
        damage.join().unwrap();
        results
    });
    let flips = flips.into_inner();
    // A round in which nothing was damaged, or nothing worked, would say nothing.
    let (done, refused) = results
        .iter()
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(
        flips > 0 && done > 0 && refused > 0,
        "{flips} flips, {done} done, {refused} refused"
    );
}
