//! Tasks of a queue: whoever waits until all are done hears of it. A lost wake-up is a deadlock here.

use crate::{arena, explore, explore_up_to, message, mortal, take};
use loom::thread;
use manyhands_sync::crash::Point;
use manyhands_sync::{Member, Side};
use std::time::Duration;

const FOR_EVER: Duration = Duration::from_secs(1);

/// Waits until nothing is unfinished, or was not since it began to.
fn join(member: &mut Member, queue: u64) {
    let seen = member.begin_join(queue).unwrap();
    loop {
        let (unfinished, zeros) = member.task_state(queue).unwrap();
        if unfinished == 0 || zeros != seen {
            return;
        }
        member
            .wait_slice(queue, Side::Done(seen), FOR_EVER)
            .unwrap();
    }
}

fn put(member: &mut Member, queue: u64) {
    let block = message(member, 1);
    assert!(member.put(queue, block).unwrap());
}

/// Guarded by sequentially consistent accesses, or fences: what is done is counted before sleepers are looked for, a
/// sleeper sets its bit before it counts.
#[test]
fn a_joiner_never_sleeps_beside_finished_tasks() {
    explore(|| {
        let (_arena, [mut me, mut one]) = arena(4);
        let queue = me.create_counted_queue(1).unwrap();
        put(&mut me, queue);
        let other = thread::spawn(move || {
            assert_eq!(take(&mut one, queue), Some(1));
            one.task_done(queue).unwrap();
        });
        join(&mut me, queue);
        other.join().unwrap();
        assert_eq!(me.task_state(queue).unwrap().0, 0);
        me.let_go(queue).unwrap();
    });
}

/// Guarded by the order of the sums: what a consumer puts before it says that it is done is never missed.
#[test]
fn nobody_joins_while_one_task_makes_another() {
    explore(|| {
        let (_arena, [mut me, mut one]) = arena(4);
        let queue = me.create_counted_queue(1).unwrap();
        put(&mut one, queue);
        let other = thread::spawn(move || {
            assert_eq!(take(&mut one, queue), Some(1));
            put(&mut one, queue);
            one.task_done(queue).unwrap();
        });
        assert_ne!(me.task_state(queue), Ok((0, 0)));
        other.join().unwrap();
        assert_eq!(me.task_state(queue), Ok((1, 0)));
        me.let_go(queue).unwrap();
    });
}

/// Guarded by the count of those who began to wait, in the word of the zeros.
#[test]
fn nobody_joins_on_a_zero_from_before() {
    explore(|| {
        let (_arena, [mut me, mut one]) = arena(4);
        let queue = me.create_counted_queue(2).unwrap();
        put(&mut me, queue);
        let other = thread::spawn(move || {
            assert_eq!(take(&mut one, queue), Some(1));
            one.task_done(queue).unwrap();
        });
        put(&mut me, queue);
        let seen = me.begin_join(queue).unwrap();
        assert_eq!(
            me.wait_slice(queue, Side::Done(seen), Duration::ZERO),
            Ok(false)
        );
        other.join().unwrap();
        assert_eq!(
            me.wait_slice(queue, Side::Done(seen), Duration::ZERO),
            Ok(false)
        );
        me.let_go(queue).unwrap();
    });
}

/// Guarded by the look at the sleepers after a put was taken back.
#[test]
fn a_put_that_found_no_room_lets_nobody_sleep() {
    explore(|| {
        let (_arena, [mut me, mut one]) = arena(4);
        let queue = me.create_counted_queue(1).unwrap();
        put(&mut me, queue);
        // It is done before anybody was given it: nothing is unfinished, and there is no room.
        me.task_done(queue).unwrap();
        let other = thread::spawn(move || {
            let block = message(&mut one, 2);
            assert!(!one.put(queue, block).unwrap());
            one.free(block).unwrap();
        });
        join(&mut me, queue);
        other.join().unwrap();
        me.let_go(queue).unwrap();
    });
}

/// Guarded by the sweep, which counts as done what the dead had in hand and tells those who wait.
#[test]
fn what_the_dead_had_in_hand_is_done() {
    let points = [
        Point::TakeClaimed,
        Point::TaskTakes,
        Point::TaskTaken,
        Point::TakeFinished,
        Point::TaskDone,
        Point::TaskZero,
        Point::WakeAllCleared,
    ];
    for point in points {
        explore_up_to(1, move || {
            let (_arena, [mut me, one, mut two]) = arena(4);
            let (queue, dead) = (me.create_counted_queue(1).unwrap(), one.entry());
            put(&mut me, queue);
            let other = mortal(one, point, move |member| {
                assert_eq!(take(member, queue), Some(1));
                member.task_done(queue).unwrap();
            });
            let sleeper = thread::spawn(move || join(&mut two, queue));
            if other.join().unwrap().is_none() {
                assert!(me.bury(dead));
            }
            // What was not delivered is delivered again.
            let (unfinished, _) = me.task_state(queue).unwrap();
            if take(&mut me, queue).is_some() {
                assert_eq!(unfinished, 1, "{point:?}");
                me.task_done(queue).unwrap();
            }
            assert_eq!(me.task_state(queue).unwrap().0, 0, "{point:?}");
            sleeper.join().unwrap();
            me.let_go(queue).unwrap();
        });
    }
}
