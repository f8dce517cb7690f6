//! Sleeping and waking: nobody sleeps beside what it waits for. A lost wake-up is a deadlock here.

use crate::{arena, drain, explore, explore_up_to, message, mortal, take};
use loom::thread;
use manyhands_sync::crash::Point;
use manyhands_sync::{Error, Member, Side};
use std::time::Duration;

const FOR_EVER: Duration = Duration::from_secs(1);

/// Waits until it gets a message.
fn receive(member: &mut Member, queue: u64) -> u32 {
    loop {
        if let Some(number) = take(member, queue) {
            return number;
        }
        member.wait_slice(queue, Side::Take, FOR_EVER).unwrap();
    }
}

fn send(member: &mut Member, queue: u64, number: u32) {
    let block = message(member, number);
    while !member.put(queue, block).unwrap() {
        member.wait_slice(queue, Side::Put, FOR_EVER).unwrap();
    }
}

/// An event loop that waits until it gets a message.
fn receive_in_loop(member: &mut Member, queue: u64) -> u32 {
    loop {
        if let Some(number) = take(member, queue) {
            return number;
        }
        if member.arm(queue, Side::Take).unwrap() {
            member.arena().model_event_loop(member.entry());
            member.awake();
        }
    }
}

/// Guarded by sequentially consistent accesses, or fences: a put publishes and then looks for sleepers, a sleeper sets its
/// bit and then looks for messages; one of them must see the other.
#[test]
fn a_consumer_never_sleeps_beside_a_message() {
    explore(|| {
        let (_arena, [mut me, mut one]) = arena(2);
        let queue = me.create_queue(1).unwrap();
        let other = thread::spawn(move || send(&mut one, queue, 1));
        assert_eq!(receive(&mut me, queue), 1);
        other.join().unwrap();
    });
}

/// Guarded by the wake in `put`.
#[test]
fn two_messages_wake_two_consumers() {
    explore_up_to(1, || {
        let (_arena, [mut me, mut one, mut two]) = arena(2);
        let queue = me.create_queue(2).unwrap();
        let other = thread::spawn(move || receive(&mut one, queue));
        let another = thread::spawn(move || receive(&mut two, queue));
        send(&mut me, queue, 1);
        send(&mut me, queue, 2);
        assert_eq!(other.join().unwrap() + another.join().unwrap(), 3);
    });
}

/// Guarded alike in `finish` and `wait_slice`.
#[test]
fn a_producer_never_sleeps_beside_room() {
    explore(|| {
        let (_arena, [mut me, mut one]) = arena(2);
        let queue = me.create_queue(1).unwrap();
        send(&mut me, queue, 1);
        let other = thread::spawn(move || send(&mut one, queue, 2));
        assert_eq!(take(&mut me, queue), Some(1));
        other.join().unwrap();
        assert_eq!(take(&mut me, queue), Some(2));
    });
}

/// Guarded by the order in `arm`: flag, bit, look again. With the flag after the bit, the ringer of the first message could
/// spend the second registration on a loop that is not armed yet.
#[test]
fn an_event_loop_never_sleeps_beside_a_message() {
    explore(|| {
        let (_arena, [mut me, mut one]) = arena(2);
        let queue = me.create_queue(2).unwrap();
        let other = thread::spawn(move || {
            send(&mut one, queue, 1);
            send(&mut one, queue, 2);
        });
        assert_eq!(receive_in_loop(&mut me, queue), 1);
        assert_eq!(receive_in_loop(&mut me, queue), 2);
        other.join().unwrap();
    });
}

/// Guarded by the ringing of all bells at the end of a sweep.
#[test]
fn a_wake_that_the_dead_owed_is_made_good() {
    let points = [
        Point::PutPublished,
        Point::PutAdvanced,
        Point::WakeFound,
        Point::WakeCleared,
    ];
    for point in points {
        explore_up_to(1, move || {
            let (_arena, [mut me, one, mut two]) = arena(2);
            let (queue, dead) = (me.create_queue(1).unwrap(), one.entry());
            let other = mortal(one, point, move |member| send(member, queue, 1));
            let sleeper = thread::spawn(move || receive(&mut two, queue));
            if other.join().unwrap().is_none() {
                assert!(me.bury(dead));
            }
            assert_eq!(sleeper.join().unwrap(), 1, "{point:?}");
        });
    }
}

/// Guarded by `ring_all_after_death`, which writes the byte whatever ARMED says.
#[test]
fn a_byte_that_the_dead_owed_is_made_good() {
    explore(|| {
        let (_arena, [mut me, one, mut two]) = arena(2);
        let (queue, dead, sleeper) = (me.create_queue(1).unwrap(), one.entry(), two.entry());
        let other = mortal(one, Point::WakeCleared, move |member| {
            let arena = member.arena().clone();
            let block = message(member, 1);
            let put = std::panic::AssertUnwindSafe(|| member.put(queue, block));
            if let Err(cause) = std::panic::catch_unwind(put) {
                arena.model_dying_ring(sleeper);
                std::panic::resume_unwind(cause);
            }
        });
        let event_loop = thread::spawn(move || receive_in_loop(&mut two, queue));
        if other.join().unwrap().is_none() {
            assert!(me.bury(dead));
        }
        assert_eq!(event_loop.join().unwrap(), 1);
    });
}

/// Guarded by the look at the registration after the sleeper's bit is set.
#[test]
fn nobody_sleeps_on_a_queue_that_is_gone() {
    explore(|| {
        let (_arena, [mut me, mut one]) = arena(2);
        let queue = me.create_queue(1).unwrap();
        let other = thread::spawn(move || {
            loop {
                match one.wait_slice(queue, Side::Take, FOR_EVER) {
                    Err(Error::BadHandle) => return,
                    outcome => drop(outcome.unwrap()),
                }
            }
        });
        me.destroy_queue(queue).unwrap();
        let next = me.create_queue(1).unwrap();
        other.join().unwrap();
        assert_eq!(drain(&mut me, next), []);
    });
}
