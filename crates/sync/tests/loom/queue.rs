//! Putting, taking and redelivery.

use crate::{arena, drain, explore, explore_deaths, message, mortal, take};
use loom::thread;
use manyhands_sync::crash::Point;

/// Guarded by the Release of the CAS that publishes.
#[test]
fn what_two_producers_put_is_delivered_once() {
    explore(|| {
        let (_arena, [mut me, mut one, mut two]) = arena(2);
        let queue = me.create_queue(2).unwrap();
        for member in [&mut one, &mut two] {
            member.hold(queue).unwrap();
        }
        let (first, second) = (message(&mut one, 0), message(&mut two, 0));
        let other = thread::spawn(move || {
            one.arena().model_write(first, 1);
            assert!(one.put(queue, first).unwrap());
        });
        let another = thread::spawn(move || {
            two.arena().model_write(second, 2);
            assert!(two.put(queue, second).unwrap());
        });
        let mut got: Vec<u32> = take(&mut me, queue).into_iter().collect();
        other.join().unwrap();
        another.join().unwrap();
        got.extend(drain(&mut me, queue));
        got.sort_unstable();
        assert_eq!(got, [1, 2]);
    });
}

/// Guarded by the CAS that claims a slot.
#[test]
fn what_two_consumers_take_is_taken_once() {
    explore(|| {
        let (_arena, [mut me, mut one, mut two]) = arena(2);
        let queue = me.create_queue(2).unwrap();
        for number in [1, 2] {
            let block = message(&mut me, number);
            assert!(me.put(queue, block).unwrap());
        }
        let other = thread::spawn(move || take(&mut one, queue));
        let another = thread::spawn(move || take(&mut two, queue));
        let mut got = vec![other.join().unwrap(), another.join().unwrap()];
        got.sort_unstable();
        assert_eq!(got, [Some(1), Some(2)]);
    });
}

/// Guarded by the turn in every slot word: here each slot is used again.
#[test]
fn a_full_ring_refuses_and_goes_on() {
    explore(|| {
        let (arena, [mut me, mut one]) = arena(2);
        let queue = me.create_queue(1).unwrap();
        let other = thread::spawn(move || {
            let mut put = vec![];
            for number in [1, 2] {
                let block = message(&mut one, number);
                if one.put(queue, block).unwrap() {
                    put.push(number);
                } else {
                    one.free(block).unwrap();
                }
            }
            put
        });
        let mut got: Vec<u32> = take(&mut me, queue).into_iter().collect();
        let put = other.join().unwrap();
        got.extend(drain(&mut me, queue));
        assert_eq!(got, put);
        assert_eq!(arena.owned(0).0, 0);
    });
}

#[test]
fn a_dead_producer_leaves_a_whole_message_or_none() {
    let points = [
        Point::SmallClaimed,
        Point::PutPublish,
        Point::PutPublished,
        Point::PutAdvanced,
    ];
    explore_deaths(&points, |point| {
        let (arena, [mut me, one]) = arena(2);
        let (queue, dead) = (me.create_queue(1).unwrap(), one.entry());
        let other = mortal(one, point, move |member| {
            let block = message(member, 1);
            member.put(queue, block).unwrap()
        });
        let mut got: Vec<u32> = take(&mut me, queue).into_iter().collect();
        assert!(
            other.join().unwrap().is_none(),
            "{point:?} is never reached"
        );
        assert!(me.bury(dead));
        // What the sweep has freed is used again.
        let next = message(&mut me, 2);
        got.extend(drain(&mut me, queue));
        me.free(next).unwrap();
        let published = matches!(point, Point::PutPublished | Point::PutAdvanced);
        assert_eq!(got, vec![1; usize::from(published)], "{point:?}");
        assert_eq!(arena.owned(0).0, 0, "{point:?}");
    });
}

/// Guarded by Release in `take_over`: who sees the slot empty sees the new owner.
#[test]
fn what_a_dead_consumer_held_is_delivered_again() {
    let points = [
        Point::TakeClaim,
        Point::TakeClaimed,
        Point::TakeAdvanced,
        Point::AdoptBlock,
        Point::TakeFinish,
    ];
    explore_deaths(&points, |point| {
        let (arena, [mut me, one, mut two]) = arena(2);
        let (queue, dead) = (me.create_queue(1).unwrap(), one.entry());
        let block = message(&mut me, 1);
        assert!(me.put(queue, block).unwrap());
        let other = mortal(one, point, move |member| take(member, queue));
        let third = thread::spawn(move || take(&mut two, queue));
        let died = other.join().unwrap();
        let mut got: Vec<u32> = third.join().unwrap().into_iter().collect();
        match died {
            None => assert!(me.bury(dead)),
            Some(number) => got.extend(number),
        }
        got.extend(drain(&mut me, queue));
        assert_eq!(got, [1], "{point:?}");
        assert_eq!(arena.owned(0).0, 0, "{point:?}");
    });
}

/// A message that is adopted by a living consumer while its dead producer is swept stays the consumer's.
#[test]
fn a_sweep_frees_nothing_that_somebody_took() {
    explore(|| {
        let (arena, [mut me, mut one, mut two]) = arena(2);
        let queue = me.create_queue(1).unwrap();
        let block = message(&mut one, 1);
        assert!(one.put(queue, block).unwrap());
        let dead = one.entry();
        arena.model_death(dead);
        let other = thread::spawn(move || {
            let block = two.take(queue).unwrap().unwrap();
            let number = two.arena().model_read(block);
            assert_eq!(two.owner(block), Ok(two.entry()));
            two.free(block).unwrap();
            number
        });
        assert!(me.bury(dead));
        let block = message(&mut me, 2);
        assert_eq!(other.join().unwrap(), 1);
        assert_eq!(arena.model_read(block), 2);
    });
}

/// Guarded by the second look of `take` after it has advanced head for somebody else.
#[test]
fn a_late_helper_does_not_hide_a_redelivered_message() {
    explore(|| {
        let (arena, [mut me, mut one, doomed]) = arena(2);
        let queue = me.create_queue(1).unwrap();
        let block = message(&mut me, 1);
        assert!(me.put(queue, block).unwrap());
        let gone = doomed.entry();
        let dying = mortal(doomed, Point::TakeClaimed, move |member| {
            take(member, queue)
        });
        assert!(dying.join().unwrap().is_none());
        // Head still points to the slot that the dead had taken.
        let helper = thread::spawn(move || take(&mut one, queue));
        let sweeper = thread::spawn(move || {
            assert!(me.bury(gone));
            let got = take(&mut me, queue);
            (me, got)
        });
        let helped = helper.join().unwrap();
        let (mut me, looked) = sweeper.join().unwrap();
        let mut got: Vec<u32> = helped.into_iter().chain(looked).collect();
        got.extend(drain(&mut me, queue));
        assert_eq!(got, [1]);
        assert_eq!(arena.owned(0).0, 0);
    });
}
