//! Queues that come and go, in the same memory, under the hands of others.

use crate::{arena, drain, explore, explore_deaths, message, mortal, take};
use loom::thread;
use manyhands_sync::Error;
use manyhands_sync::crash::Point;

/// Guarded by the look at the registration between reading a slot and publishing.
#[test]
fn a_put_that_comes_too_late_misses_the_next_queue() {
    explore(|| {
        let (arena, [mut me, mut one]) = arena(2);
        let queue = me.create_queue(1).unwrap();
        let other = thread::spawn(move || {
            let block = message(&mut one, 1);
            if one.put(queue, block) == Err(Error::BadQueue) {
                one.free(block).unwrap();
            }
        });
        me.destroy_queue(queue).unwrap();
        let next = me.create_queue(1).unwrap();
        other.join().unwrap();
        assert_eq!(drain(&mut me, next), []);
        assert_eq!(arena.owned(0).0, 0);
    });
}

/// Guarded alike, before a slot is claimed.
#[test]
fn a_take_that_comes_too_late_leaves_the_next_queue_alone() {
    explore(|| {
        let (arena, [mut me, mut one]) = arena(2);
        let queue = me.create_queue(1).unwrap();
        let other = thread::spawn(move || take(&mut one, queue));
        me.destroy_queue(queue).unwrap();
        let next = me.create_queue(1).unwrap();
        let block = message(&mut me, 2);
        assert!(me.put(next, block).unwrap());
        assert_eq!(other.join().unwrap(), None);
        assert_eq!(drain(&mut me, next), [2]);
        assert_eq!(arena.owned(0).0, 0);
    });
}

/// Guarded by the look at the registration after a slot is emptied: the destroyer sees the slot empty, or the consumer sees
/// the queue closing.
#[test]
fn a_consumer_and_a_destroyer_close_the_last_slot_between_them() {
    explore(|| {
        let (arena, [mut me, mut one]) = arena(2);
        let queue = me.create_queue(1).unwrap();
        let block = message(&mut me, 1);
        assert!(me.put(queue, block).unwrap());
        let other = thread::spawn(move || take(&mut one, queue));
        me.destroy_queue(queue).unwrap();
        other.join().unwrap();
        assert_eq!((arena.queues(), arena.owned(0).0), (0, 0));
    });
}

/// Guarded by the look at the registration before a slot is closed: the consumer helps to close, and may come late.
#[test]
fn a_closer_that_comes_too_late_leaves_the_next_queue_alone() {
    explore(|| {
        let (_arena, [mut me, mut one]) = arena(2);
        let queue = me.create_queue(2).unwrap();
        let block = message(&mut me, 1);
        assert!(me.put(queue, block).unwrap());
        let taken = one.take_begin(queue).unwrap().unwrap();
        let other = thread::spawn(move || {
            one.take_finish(queue, taken).unwrap();
            one.free(taken.block).unwrap();
        });
        me.destroy_queue(queue).unwrap();
        let next = me.create_queue(2);
        other.join().unwrap();
        // While the old memory is still being closed there is no entry left in this small table.
        let next = match next {
            Ok(next) => next,
            Err(error) => {
                assert_eq!(error, Error::QueuesFull);
                return;
            }
        };
        for number in [2, 3] {
            let block = message(&mut me, number);
            assert_eq!(me.put(next, block), Ok(true));
        }
        assert_eq!(drain(&mut me, next), [2, 3]);
    });
}

#[test]
fn a_queue_whose_destroyer_died_is_closed_by_its_sweep() {
    let points = [
        Point::QueueClosing,
        Point::QueueDrainSlot,
        Point::QueueDrainAdopted,
        Point::QueueDrainClosed,
        Point::QueueClosed,
    ];
    explore_deaths(&points, |point| {
        let (arena, [mut me, one, mut two]) = arena(2);
        let queue = me.create_queue(2).unwrap();
        let block = message(&mut me, 1);
        assert!(me.put(queue, block).unwrap());
        let dead = one.entry();
        let other = mortal(one, point, move |member| {
            member.destroy_queue(queue).unwrap()
        });
        let third = thread::spawn(move || {
            take(&mut two, queue);
        });
        let died = other.join().unwrap().is_none();
        third.join().unwrap();
        assert_eq!(me.bury(dead, false), died);
        assert_eq!((arena.queues(), arena.owned(0).0), (0, 0), "{point:?}");
    });
}

#[test]
fn a_queue_whose_creator_died_is_gone() {
    let points = [
        Point::QueueReserved,
        Point::QueueInitialised,
        Point::QueueLinked,
        Point::QueueOwned,
        Point::QueueReset,
        Point::QueueLive,
    ];
    explore_deaths(&points, |point| {
        let (arena, [mut me, one]) = arena(2);
        let dead = one.entry();
        let other = mortal(one, point, |member| member.create_queue(1).unwrap());
        me.bury(dead, false);
        assert!(
            other.join().unwrap().is_none(),
            "{point:?} is never reached"
        );
        assert!(me.bury(dead, false));
        assert_eq!((arena.queues(), arena.owned(0).0), (0, 0), "{point:?}");
        assert!(me.create_queue(1).is_ok());
    });
}
