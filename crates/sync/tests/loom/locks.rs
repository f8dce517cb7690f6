//! Locks and semaphores: one owner for each, whoever dies, and nobody sleeps beside what is free.

use crate::{arena, explore, explore_up_to, mortal};
use loom::thread;
use manyhands_sync::crash::Point;
use manyhands_sync::{Member, OWNER_DIED, Side};
use std::time::Duration;

const FOR_EVER: Duration = Duration::from_secs(1);
const FREE: Side = Side::Change(0);

fn acquire(member: &mut Member, lock: u64) {
    while !member.acquire(lock).unwrap() {
        member.wait_slice(lock, FREE, FOR_EVER).unwrap();
    }
}

fn acquire_permit(member: &mut Member, semaphore: u64) {
    while !member.acquire_permit(semaphore).unwrap() {
        member.wait_slice(semaphore, FREE, FOR_EVER).unwrap();
    }
}

/// Counts in a word that is not atomic.
fn count(member: &Member, block: u32) {
    let before = member.arena().model_read(block);
    member.arena().model_write(block, before + 1);
}

/// Guarded by the CAS of `acquire`, and by the store of `release`, which orders what the owner did before.
#[test]
fn a_lock_has_one_owner_who_sees_what_the_last_one_did() {
    explore(|| {
        let (arena, [mut me, mut one]) = arena(2);
        let (lock, block) = (me.create_lock().unwrap(), me.alloc(1).unwrap());
        arena.model_write(block, 0);
        one.hold(lock).unwrap();
        let other = thread::spawn(move || {
            acquire(&mut one, lock);
            count(&one, block);
            one.release_lock(lock).unwrap();
        });
        acquire(&mut me, lock);
        count(&me, block);
        me.release_lock(lock).unwrap();
        other.join().unwrap();
        assert_eq!(arena.model_read(block), 2);
    });
}

/// Guarded by `recover`, and by the ringing of all bells: the dead may have owed a wake-up.
#[test]
fn a_lock_of_the_dead_goes_to_who_waits_for_it() {
    let points = [
        (Point::LockAcquired, true),
        (Point::LockRelease, true),
        (Point::LockReleased, false),
        (Point::WakeFound, false),
        (Point::WakeCleared, false),
    ];
    for (point, had_it) in points {
        explore_up_to(1, move || {
            let (_arena, [mut me, one, mut two]) = arena(2);
            let (lock, dead) = (me.create_lock().unwrap(), one.entry());
            two.hold(lock).unwrap();
            let other = mortal(one, point, move |member| {
                if member.acquire(lock).unwrap() {
                    member.release_lock(lock).unwrap();
                }
            });
            let waiter = thread::spawn(move || {
                acquire(&mut two, lock);
                two.lock_state(lock).unwrap() & OWNER_DIED != 0
            });
            let died = other.join().unwrap().is_none();
            if died {
                assert!(me.bury(dead));
            }
            let told = waiter.join().unwrap();
            assert!(!told || had_it && died, "{point:?}");
        });
    }
}

/// Guarded by the order in `give_up`: first the bit is taken back, then it is asked whether the lock is free.
#[test]
fn a_loop_that_gives_up_passes_its_wake_on() {
    explore(|| {
        // Participant 1 wakes 3 before it wakes 2.
        let (_arena, [mut me, mut two, mut one]) = arena(2);
        let lock = me.create_lock().unwrap();
        assert!(me.acquire(lock).unwrap());
        two.hold(lock).unwrap();
        assert!(one.arm(lock, FREE).unwrap());
        // Something else has woken the loop. (A byte in the modelled pipe would wake every sleeper.)
        one.awake();
        let gives_up = thread::spawn(move || one.disarm(lock, FREE).unwrap());
        let waiter = thread::spawn(move || acquire(&mut two, lock));
        me.release_lock(lock).unwrap();
        gives_up.join().unwrap();
        waiter.join().unwrap();
    });
}

/// Guarded by the wake in `release`, which finds sleepers in every word of the bitmap.
#[test]
fn two_permits_wake_two_in_different_words() {
    explore_up_to(1, || {
        let (_arena, [mut me, mut one, mut two]) = arena(2);
        // Participant 2 wakes 1, which is in another word, and 3, which is in its own.
        let semaphore = me.create_semaphore(0, false).unwrap();
        one.hold(semaphore).unwrap();
        two.hold(semaphore).unwrap();
        let other = thread::spawn(move || {
            one.release_permit(semaphore).unwrap();
            one.release_permit(semaphore).unwrap();
        });
        let another = thread::spawn(move || acquire_permit(&mut two, semaphore));
        acquire_permit(&mut me, semaphore);
        other.join().unwrap();
        another.join().unwrap();
        assert_eq!(me.permits(semaphore).unwrap(), 0);
    });
}

/// Guarded by the CAS of each permit.
#[test]
fn a_permit_has_one_owner() {
    explore(|| {
        let (arena, [mut me, mut one]) = arena(2);
        let (semaphore, block) = (me.create_semaphore(1, true).unwrap(), me.alloc(1).unwrap());
        arena.model_write(block, 0);
        one.hold(semaphore).unwrap();
        let other = thread::spawn(move || {
            acquire_permit(&mut one, semaphore);
            count(&one, block);
            one.release_permit(semaphore).unwrap();
        });
        acquire_permit(&mut me, semaphore);
        count(&me, block);
        me.release_permit(semaphore).unwrap();
        other.join().unwrap();
        assert_eq!(arena.model_read(block), 2);
        assert_eq!(me.permits(semaphore).unwrap(), 1);
    });
}

#[test]
fn permits_of_the_dead_go_to_who_waits_for_them() {
    let points = [
        Point::PermitAcquired,
        Point::PermitRelease,
        Point::PermitReleased,
        Point::WakeCleared,
    ];
    for point in points {
        explore_up_to(1, move || {
            let (_arena, [mut me, one, mut two]) = arena(2);
            let (semaphore, dead) = (me.create_semaphore(1, false).unwrap(), one.entry());
            two.hold(semaphore).unwrap();
            let other = mortal(one, point, move |member| {
                if member.acquire_permit(semaphore).unwrap() {
                    member.release_permit(semaphore).unwrap();
                }
            });
            let waiter = thread::spawn(move || acquire_permit(&mut two, semaphore));
            if other.join().unwrap().is_none() {
                assert!(me.bury(dead));
            }
            waiter.join().unwrap();
            assert_eq!(me.permits(semaphore).unwrap(), 0, "{point:?}");
        });
    }
}
