//! What the dead had goes to the living, at once where their end is known.

use crate::roles;
use crate::scene::scene;
use crate::support::{bury_all, spawn, was_killed};
use manyhands_sync::crash::Point;
use manyhands_sync::{Error, OWNER_DIED};

/// Two die with a lock, a permit, a notification and as parties; so may their sweeper. What they had goes to the living.
pub(super) fn heirs(crash: Option<(Point, u32)>) -> bool {
    let mut scene = scene();
    let me = &mut scene.me;
    let locks = [me.create_lock().unwrap(), me.create_lock().unwrap()];
    let semaphore = me.create_semaphore(2, true).unwrap();
    let condition = me.create_condition(locks[0], 1).unwrap();
    let barrier = me.create_barrier(4, 0).unwrap();
    for lock in locks {
        let mut numbers = scene.numbers().to_vec();
        numbers.extend([lock, semaphore, condition, barrier]);
        assert!(was_killed(spawn("heirless", &scene.arena, &numbers, None)));
    }
    let me = &mut scene.me;
    // They are dead, but who notifies does not know.
    assert_eq!(me.notify(condition, 2), Ok(2));
    for _ in 0..2 {
        me.begin_wait(condition).unwrap();
    }
    assert!(!me.acquire(locks[0]).unwrap() && !me.acquire_permit(semaphore).unwrap());
    let killed = was_killed(spawn("sweeper", &scene.arena, &scene.numbers(), crash));
    let me = &mut scene.me;
    bury_all(me, &[]);
    let what = format!("heirs {crash:?}");
    for lock in locks {
        assert_eq!(me.lock_state(lock), Ok(OWNER_DIED), "{what}");
        assert!(
            me.acquire(lock).unwrap(),
            "{what}: a lock stays with the dead"
        );
        me.release_lock(lock).unwrap();
        assert_eq!(me.lock_state(lock), Ok(0), "{what}");
    }
    assert_eq!(me.permits(semaphore), Ok(2), "{what}");
    assert!(me.acquire_permit(semaphore).unwrap() && me.permit_owner_died(semaphore).unwrap());
    me.release_permit(semaphore).unwrap();
    assert!(!me.permit_owner_died(semaphore).unwrap(), "{what}");
    for _ in 0..2 {
        assert!(me.take_notification(condition).unwrap(), "{what}: lost");
    }
    assert!(!me.take_notification(condition).unwrap(), "{what}: doubled");
    assert_eq!(me.arrive(barrier), Err(Error::Broken), "{what}");
    me.reset_barrier(barrier).unwrap();
    assert_eq!(me.arrive(barrier), Ok(Some((1, 0))), "{what}");
    for object in [locks[0], locks[1], semaphore, condition, barrier] {
        me.let_go(object).unwrap();
    }
    scene.check(&what);
    killed
}

/// A child dies while a program it is just starting still holds its lifeline: who has waited for the child buries it at once.
pub(super) fn outlived(crash: Option<(Point, u32)>) -> bool {
    if crash.is_some() {
        return false;
    }
    let mut scene = scene();
    let child = scene.me.reserve().unwrap();
    let mut numbers = scene.numbers();
    numbers[3] = child.bits().into();
    assert!(was_killed(spawn("forking", &scene.arena, &numbers, None)));
    assert!(!scene.me.bury(child.number()), "the lifeline is not held");
    assert!(scene.me.bury_child(child), "a child that was waited for");
    let heir = scene.board.get(roles::HEIR).cast_signed();
    // SAFETY: kill takes two integers; the heir waits for this signal.
    assert_eq!(unsafe { libc::kill(heir, libc::SIGKILL) }, 0);
    scene.check("outlived");
    false
}
