//! The core under loom: the real code of this crate, two or three threads, every interleaving with up to two preemptions
//! and every value that weak memory allows a load to see. A participant "dies" by stopping at an armed step; the others
//! learn of it from the modelled kernel. Payloads are not atomic: an access that no owner word orders fails the test, and
//! so does a sleeper that nobody wakes (a deadlock).
//!
//! Run with `RUSTFLAGS="--cfg loom" cargo test --release -p manyhands-sync --test loom`.
#![cfg(loom)]
#![allow(clippy::unwrap_used, clippy::disallowed_types, reason = "tests")]

mod barriers;
mod blocks;
mod conditions;
mod ends;
mod events;
mod extents;
mod locks;
mod objects;
mod participants;
mod queue;
mod sleep;
mod tasks;

use loom::thread::{self, JoinHandle};
use manyhands_sync::crash::{Killed, Point, arm};
use manyhands_sync::{Arena, Error, Member};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Explores every execution of `body` with up to two preemptions.
fn explore(body: impl Fn() + Sync + Send + 'static) {
    explore_up_to(2, body);
}

/// Explores every execution with so many preemptions; a thread that blocks is none.
fn explore_up_to(preemptions: usize, body: impl Fn() + Sync + Send + 'static) {
    let executions = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&executions);
    let body = move || {
        count.fetch_add(1, Relaxed);
        body();
    };
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(preemptions));
    builder.max_branches = 50_000;
    builder.check(body);
    println!("{} executions", executions.load(Relaxed));
}

/// Explores once for every step a participant can die at.
fn explore_deaths(points: &[Point], body: impl Fn(Point) + Sync + Send + Copy + 'static) {
    for &point in points {
        explore(move || body(point));
    }
}

/// A participant in a thread of its own that dies at its first visit of a step. The result is `None` then.
fn mortal<T: 'static>(
    mut member: Member,
    point: Point,
    life: impl FnOnce(&mut Member) -> T + 'static,
) -> JoinHandle<Option<T>> {
    thread::spawn(move || {
        arm(point, 1);
        let outcome = catch_unwind(AssertUnwindSafe(|| life(&mut member)));
        arm(point, 0);
        match outcome {
            Ok(value) => Some(value),
            Err(cause) if cause.is::<Killed>() => {
                member.arena().model_death(member.entry());
                None
            }
            Err(cause) => resume_unwind(cause),
        }
    })
}

/// A small arena with participants in it.
fn arena<const N: usize>(units: u32) -> (Arc<Arena>, [Member; N]) {
    let arena = Arc::new(Arena::modelled(units));
    let members = std::array::from_fn(|_| arena.join().unwrap());
    (arena, members)
}

/// A message that carries a number.
fn message(member: &mut Member, number: u32) -> u32 {
    let block = member.alloc(1).unwrap();
    member.arena().model_write(block, number);
    block
}

/// Takes a message, reads its number and frees it; `None` when the queue is empty or gone.
fn take(member: &mut Member, queue: u64) -> Option<u32> {
    let block = match member.take(queue) {
        Ok(found) => found?,
        Err(Error::BadHandle) => return None,
        Err(error) => panic!("{error}"),
    };
    let number = member.arena().model_read(block);
    member.free(block).unwrap();
    Some(number)
}

fn drain(member: &mut Member, queue: u64) -> Vec<u32> {
    std::iter::from_fn(|| take(member, queue)).collect()
}
