//! Shared objects: they live while somebody holds them, and end once.

use crate::{arena, explore, explore_deaths, message, mortal};
use loom::thread;
use manyhands_sync::crash::Point;

/// Guarded by the activity in the life word: whoever begins to hold makes the CAS of whoever ends fail.
#[test]
fn an_object_ends_with_its_last_holder() {
    explore(|| {
        let (arena, [mut me, mut one]) = arena(2);
        let queue = me.create_queue(1).unwrap();
        let other = thread::spawn(move || {
            if one.hold(queue).is_ok() {
                // It holds it: so it exists, and takes messages.
                let block = message(&mut one, 1);
                assert_eq!(one.put(queue, block), Ok(true));
                one.let_go(queue).unwrap();
            }
        });
        me.let_go(queue).unwrap();
        other.join().unwrap();
        assert_eq!((arena.objects(), arena.owned(0).0), ((0, 0), 0));
    });
}

/// Guarded by the generation in the handle.
#[test]
fn a_handle_of_the_past_never_means_the_next_object() {
    explore(|| {
        let (_arena, [mut me, mut one]) = arena(3);
        let queue = me.create_queue(1).unwrap();
        let other = thread::spawn(move || one.take(queue).ok().flatten().is_some());
        me.let_go(queue).unwrap();
        if let Ok(next) = me.create_queue(1) {
            let block = message(&mut me, 2);
            assert_eq!(me.put(next, block), Ok(true));
            assert!(
                !other.join().unwrap(),
                "it took what was put into another queue"
            );
            assert_eq!(me.take(next), Ok(Some(block)));
        } else {
            other.join().unwrap();
        }
    });
}

#[test]
fn an_object_whose_creator_died_is_gone() {
    let points = [
        Point::ObjectClaim,
        Point::ObjectClaimed,
        Point::QueueReset,
        Point::ObjectBuilt,
        Point::ObjectLive,
    ];
    explore_deaths(&points, |point| {
        let (arena, [mut me, one]) = arena(2);
        let dead = one.entry();
        let other = mortal(one, point, |member| member.create_queue(1).unwrap());
        me.bury(dead);
        assert!(
            other.join().unwrap().is_none(),
            "{point:?} is never reached"
        );
        assert!(me.bury(dead));
        assert_eq!(
            (arena.objects(), arena.owned(0).0),
            ((0, 0), 0),
            "{point:?}"
        );
        assert!(me.create_queue(1).is_ok());
    });
}

#[test]
fn an_object_whose_holder_died_ends_all_the_same() {
    let points = [
        Point::HoldMarked,
        Point::HoldBegun,
        Point::HoldEnded,
        Point::ObjectUnheld,
        Point::ObjectDying,
        Point::ObjectEmptied,
        Point::ObjectFreed,
    ];
    explore_deaths(&points, |point| {
        let (arena, [mut me, one]) = arena(2);
        let (queue, dead) = (me.create_queue(1).unwrap(), one.entry());
        let block = message(&mut me, 1);
        assert_eq!(me.put(queue, block), Ok(true));
        let other = mortal(one, point, move |member| {
            if member.hold(queue).is_ok() {
                member.let_go(queue).unwrap();
            }
        });
        me.let_go(queue).unwrap();
        if other.join().unwrap().is_none() {
            assert!(me.bury(dead));
        }
        assert_eq!(
            (arena.objects(), arena.owned(0).0),
            ((0, 0), 0),
            "{point:?}"
        );
    });
}
