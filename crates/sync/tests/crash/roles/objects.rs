//! Those who use locks and their like.

use super::Stage;
use crate::support::die;
use manyhands_sync::{Error, Passage, Side};

/// Uses locks and their like, with somebody who sleeps on each.
pub(super) fn locks(mut stage: Stage) {
    let me = &mut stage.me;
    let mut other = me.arena().join().unwrap();
    let seen = Side::Change(0);
    for _ in 0..2 {
        let lock = me.create_lock().unwrap();
        assert!(me.acquire(lock).unwrap());
        assert!(other.arm(lock, seen).unwrap());
        assert!(!other.acquire(lock).unwrap());
        assert_eq!(other.release_lock(lock), Err(Error::NotHeld));
        me.release_lock(lock).unwrap();
        assert!(!other.arm(lock, seen).unwrap());

        let semaphore = me.create_semaphore(1, false).unwrap();
        assert!(me.acquire_permit(semaphore).unwrap());
        assert!(other.arm(semaphore, seen).unwrap());
        assert!(!other.acquire_permit(semaphore).unwrap());
        me.release_permit(semaphore).unwrap();
        me.release_permit(semaphore).unwrap();
        assert!(other.acquire_permit(semaphore).unwrap());
        assert_eq!(me.permits(semaphore), Ok(1));
        let bounded = me.create_semaphore(1, true).unwrap();
        assert_eq!(me.release_permit(bounded), Err(Error::NotHeld));

        let event = me.create_event().unwrap();
        assert!(other.arm(event, seen).unwrap());
        me.set_event(event, true).unwrap();
        me.set_event(event, false).unwrap();
        assert_eq!(me.event_state(event), Ok((false, 1)));
        assert!(!other.arm(event, seen).unwrap());

        let condition = me.create_condition(lock, 1).unwrap();
        me.let_go(lock).unwrap();
        other.let_go(lock).unwrap();
        assert_eq!(other.linked(condition), Ok((lock, 1)));
        other.begin_wait(condition).unwrap();
        other.begin_wait(condition).unwrap();
        assert!(other.arm(condition, seen).unwrap());
        assert_eq!(me.notify(condition, 1), Ok(1));
        assert!(other.take_notification(condition).unwrap());
        assert!(!other.give_up_wait(condition).unwrap());
        assert!(!other.take_notification(condition).unwrap());
        assert_eq!(me.notify(condition, 9), Ok(0));

        let barrier = me.create_barrier(2, 0).unwrap();
        assert_eq!(me.arrive(barrier), Ok(Some((0, 0))));
        assert!(me.arm(barrier, seen).unwrap());
        assert_eq!(other.arrive(barrier), Ok(Some((0, 1))));
        assert_eq!(me.arrive(barrier), Ok(None));
        assert!(other.pass(barrier, 0).unwrap());
        assert_eq!(me.passage(barrier, 0), Ok(Passage::Passed));
        assert_eq!(me.arrive(barrier), Ok(Some((1, 0))));
        me.reset_barrier(barrier).unwrap();
        assert_eq!(me.passage(barrier, 1), Ok(Passage::Broken));
        me.go_on(barrier).unwrap();
        other.go_on(barrier).unwrap();
        me.break_barrier(barrier).unwrap();
        assert_eq!(other.arrive(barrier), Err(Error::Broken));

        for object in [semaphore, bounded, event, condition, barrier] {
            me.let_go(object).unwrap();
        }
        for object in [semaphore, event, condition, barrier] {
            other.let_go(object).unwrap();
        }
        assert!(!me.holds(lock) && me.hold(lock) == Err(Error::BadHandle));
    }
    other.leave();
    stage.me.leave();
}

/// Dies with a lock, a permit, a wait for a notification, and as a party of a barrier.
pub(super) fn heirless(mut stage: Stage) {
    let [lock, semaphore, condition, barrier] = stage.objects[..] else {
        panic!("objects")
    };
    let me = &mut stage.me;
    assert!(me.acquire(lock).unwrap());
    assert!(me.acquire_permit(semaphore).unwrap());
    me.begin_wait(condition).unwrap();
    assert!(me.arrive(barrier).unwrap().is_some());
    die();
}
