//! Conditions: a notification comes to one who waits, and to another one when that dies or gives up.

use crate::{arena, explore, explore_up_to, mortal};
use loom::thread;
use manyhands_sync::crash::Point;
use manyhands_sync::{Member, Side};
use std::time::Duration;

const FOR_EVER: Duration = Duration::from_secs(1);

fn acquire(member: &mut Member, lock: u64) {
    while !member.acquire(lock).unwrap() {
        let free = Side::Change(0);
        member.wait_slice(lock, free, FOR_EVER).unwrap();
    }
}

/// Waits until it is notified, and takes the notification.
fn await_notification(member: &mut Member, condition: u64) {
    while !member.take_notification(condition).unwrap() {
        let notified = Side::Change(0);
        member.wait_slice(condition, notified, FOR_EVER).unwrap();
    }
}

/// Guarded by `begin_wait` before the lock is given up, and by the look at the own word before each sleep.
#[test]
fn who_waits_for_what_the_lock_guards_is_notified_of_it() {
    explore(|| {
        let (arena, [mut me, mut one]) = arena(3);
        let lock = me.create_lock().unwrap();
        let condition = me.create_condition(lock, 0).unwrap();
        let flag = me.alloc(1).unwrap();
        arena.model_write(flag, 0);
        one.hold(lock).unwrap();
        one.hold(condition).unwrap();
        let other = thread::spawn(move || {
            acquire(&mut one, lock);
            while one.arena().model_read(flag) == 0 {
                one.begin_wait(condition).unwrap();
                one.release_lock(lock).unwrap();
                await_notification(&mut one, condition);
                acquire(&mut one, lock);
            }
            one.release_lock(lock).unwrap();
        });
        acquire(&mut me, lock);
        arena.model_write(flag, 1);
        me.notify(condition, 1).unwrap();
        me.release_lock(lock).unwrap();
        other.join().unwrap();
    });
}

/// Guarded by the CAS of the word of each participant: it waits, or it is notified.
#[test]
fn who_gives_up_is_notified_or_not() {
    explore(|| {
        let (_arena, [mut me, mut one]) = arena(3);
        let lock = me.create_lock().unwrap();
        let condition = me.create_condition(lock, 0).unwrap();
        one.begin_wait(condition).unwrap();
        let other = thread::spawn(move || {
            let notified = one.give_up_wait(condition).unwrap();
            assert_eq!(one.take_notification(condition), Ok(notified));
            u32::from(notified)
        });
        let sent = me.notify(condition, 1).unwrap();
        assert_eq!(other.join().unwrap(), sent);
    });
}

/// Guarded by `recover`, which passes on before it takes.
#[test]
fn a_notification_of_the_dead_is_passed_on() {
    let points = [
        Point::WaitRegistered,
        Point::WaitWoken,
        Point::WaitLeft,
        Point::ConditionNotified,
    ];
    for point in points {
        explore_up_to(1, move || {
            let (_arena, [mut me, mut one, mut two]) = arena(3);
            let lock = me.create_lock().unwrap();
            let condition = me.create_condition(lock, 0).unwrap();
            let dead = one.entry();
            one.begin_wait(condition).unwrap();
            two.begin_wait(condition).unwrap();
            let first = mortal(one, point, move |member| {
                await_notification(member, condition);
                // It has gone on, and notifies the next one.
                member.notify(condition, 1).unwrap();
            });
            let second = thread::spawn(move || await_notification(&mut two, condition));
            assert_eq!(me.notify(condition, 1), Ok(1));
            if first.join().unwrap().is_none() {
                assert!(me.bury(dead));
            }
            second.join().unwrap();
        });
    }
}
