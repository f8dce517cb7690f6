//! Entries: joining, reserving, leaving, burying.

use crate::{arena, drain, explore, explore_deaths, message, mortal};
use loom::thread;
use manyhands_sync::crash::Point;

/// Guarded by the CAS from FREE.
#[test]
fn an_entry_is_given_to_one_participant() {
    explore(|| {
        let (arena, [me]) = arena(1);
        let shared = arena.clone();
        let other = thread::spawn(move || shared.join().unwrap());
        let reserved = me.reserve().unwrap();
        let other = other.join().unwrap();
        let child = arena.join_reserved(reserved).unwrap();
        assert_ne!(other.entry(), child.entry());
        assert_eq!(arena.participants(), 3);
        other.leave();
        child.leave();
        me.leave();
        assert_eq!(arena.participants(), 0);
    });
}

/// Guarded by the CAS from DEAD to SWEEPING with a new generation: the straggler of two sweepers must not touch what the
/// next participant in this entry owns.
#[test]
fn an_entry_has_one_sweeper() {
    explore(|| {
        let (arena, [mut me, mut one, two]) = arena(1);
        let dead = two.entry();
        let mut doomed = two;
        message(&mut doomed, 1);
        arena.model_death(dead);
        let other = thread::spawn(move || {
            one.bury(dead);
        });
        if me.bury(dead) {
            arena.model_revival(dead);
            let mut next = arena.join().unwrap();
            assert_eq!(next.entry(), dead);
            let block = message(&mut next, 2);
            other.join().unwrap();
            assert_eq!(next.owner(block), Ok(dead));
        } else {
            other.join().unwrap();
        }
    });
}

/// Guarded by steps that may be repeated, and by giving up the sweeps of the dead (SWEEPING(dead) back to DEAD).
#[test]
fn a_sweep_whose_sweeper_died_is_done_again() {
    let points = [
        Point::SweepMarked,
        Point::SweepExclusive,
        Point::SweepEpoch,
        Point::SweepSlot,
        Point::SweepSlotBack,
        Point::SweepBitmap,
        Point::SweepBlock,
        Point::SweepBlockFreed,
        Point::SweepRung,
        Point::SweepFreed,
    ];
    explore_deaths(&points, |point| {
        let (arena, [mut me, one, mut two]) = arena(2);
        let queue = me.create_queue(1).unwrap();
        let block = message(&mut me, 1);
        assert!(me.put(queue, block).unwrap());
        let (sweeper, dead) = (one.entry(), two.entry());
        message(&mut two, 2);
        assert!(two.take_begin(queue).unwrap().is_some());
        arena.model_death(dead);
        let other = mortal(one, point, move |member| member.bury(dead));
        me.bury(dead);
        let died = other.join().unwrap().is_none();
        assert_eq!(me.bury(sweeper), died, "{point:?}");
        assert!(me.bury(dead), "{point:?}: never swept");
        assert_eq!(drain(&mut me, queue), [1], "{point:?}");
        assert_eq!(arena.owned(0).0, 0, "{point:?}");
        assert_eq!(arena.participants(), if died { 1 } else { 2 });
    });
}

#[test]
fn who_dies_while_leaving_is_buried() {
    let points = [
        Point::LeaveBegun,
        Point::LeaveSwept,
        Point::LeaveReleased,
        Point::SweepRung,
    ];
    explore_deaths(&points, |point| {
        let (arena, [mut me, one]) = arena(1);
        let gone = one.entry();
        let other = thread::spawn({
            let arena = arena.clone();
            move || {
                manyhands_sync::crash::arm(point, 1);
                let mut one = one;
                message(&mut one, 1);
                let life = std::panic::AssertUnwindSafe(|| one.leave());
                assert!(
                    std::panic::catch_unwind(life).is_err(),
                    "{point:?} is never reached"
                );
                arena.model_death(gone);
            }
        });
        me.bury(gone);
        other.join().unwrap();
        assert!(me.bury(gone), "{point:?}");
        assert_eq!(
            (arena.owned(0).0, arena.participants()),
            (0, 1),
            "{point:?}"
        );
    });
}
