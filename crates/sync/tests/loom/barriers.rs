//! Barriers: a generation passes or breaks, for all its parties, and nobody waits for the dead.

use crate::{arena, explore, explore_deaths, explore_up_to, mortal};
use loom::thread;
use manyhands_sync::crash::Point;
use manyhands_sync::{Error, Member, Passage, Side};
use std::time::Duration;

const FOR_EVER: Duration = Duration::from_secs(1);

fn await_change(member: &mut Member, barrier: u64, seen: u32) {
    let side = Side::Change(seen);
    member.wait_slice(barrier, side, FOR_EVER).unwrap();
}

fn changes(member: &mut Member, barrier: u64) -> u32 {
    member.barrier_state(barrier).unwrap().3
}

/// Waits as a party; `act` is done by the last one.
fn pass(member: &mut Member, barrier: u64, act: impl Fn(&Member)) -> Result<(), Error> {
    let outcome = loop {
        let seen = changes(member, barrier);
        match member.arrive(barrier) {
            Ok(Some((generation, 1))) => {
                act(member);
                let passed = member.pass(barrier, generation).unwrap();
                break if passed { Ok(()) } else { Err(Error::Broken) };
            }
            Ok(Some((generation, _))) => break await_passage(member, barrier, generation),
            Ok(None) => await_change(member, barrier, seen),
            Err(error) => break Err(error),
        }
    };
    member.go_on(barrier).unwrap();
    outcome
}

fn await_passage(member: &mut Member, barrier: u64, generation: u32) -> Result<(), Error> {
    loop {
        let seen = changes(member, barrier);
        match member.passage(barrier, generation).unwrap() {
            Passage::Waiting => await_change(member, barrier, seen),
            Passage::Passed => return Ok(()),
            Passage::Broken => return Err(Error::Broken),
        }
    }
}

/// Guarded by the count of changes, which a party reads before it looks what became of its generation.
#[test]
fn two_parties_go_on_after_the_action() {
    explore(|| {
        let (arena, [mut me, mut one]) = arena(2);
        let barrier = me.create_barrier(2, 0).unwrap();
        let block = me.alloc(1).unwrap();
        arena.model_write(block, 0);
        one.hold(barrier).unwrap();
        let action = move |member: &Member| member.arena().model_write(block, 7);
        let other = thread::spawn(move || {
            pass(&mut one, barrier, action).unwrap();
            one.arena().model_read(block)
        });
        pass(&mut me, barrier, action).unwrap();
        assert_eq!((arena.model_read(block), other.join().unwrap()), (7, 7));
    });
}

/// Guarded by the generation in the CAS of `give_up_passage`.
#[test]
fn who_gives_up_and_who_passes_agree() {
    explore(|| {
        let (_arena, [mut me, mut one]) = arena(2);
        let barrier = me.create_barrier(2, 0).unwrap();
        let (generation, _) = me.arrive(barrier).unwrap().unwrap();
        one.hold(barrier).unwrap();
        let other = thread::spawn(move || pass(&mut one, barrier, |_| ()));
        let passage = me.give_up_passage(barrier, generation).unwrap();
        let expected = match other.join().unwrap() {
            Ok(()) => Passage::Passed,
            Err(_) => Passage::Broken,
        };
        assert_eq!(passage, expected);
        let (_, _, broken, _) = me.barrier_state(barrier).unwrap();
        assert_eq!(broken, expected == Passage::Broken);
    });
}

/// Guarded by `recover`.
#[test]
fn nobody_waits_for_a_dead_party() {
    let points = [
        Point::BarrierArrives,
        Point::BarrierArrived,
        Point::BarrierChanged,
        Point::WakeAllCleared,
    ];
    for point in points {
        explore_up_to(1, move || {
            let (_arena, [mut me, one, mut two]) = arena(2);
            let (barrier, dead) = (me.create_barrier(2, 0).unwrap(), one.entry());
            two.hold(barrier).unwrap();
            let other = mortal(one, point, move |member| {
                pass(member, barrier, |_| ()).is_ok()
            });
            let party = thread::spawn(move || pass(&mut two, barrier, |_| ()).is_ok());
            let first = other.join().unwrap();
            if first.is_none() {
                assert!(me.bury(dead));
                let (_, _, broken, _) = me.barrier_state(barrier).unwrap();
                assert!(broken, "{point:?}");
            }
            let second = party.join().unwrap();
            assert!(first.is_none() || first == Some(second), "{point:?}");
        });
    }
}

/// Guarded by the telling in `recover`, also when the barrier was broken before.
#[test]
fn a_break_of_which_the_dead_told_nobody_is_told() {
    explore(|| {
        let (_arena, [mut me, one, mut two]) = arena(2);
        let (barrier, dead) = (me.create_barrier(2, 0).unwrap(), one.entry());
        let (generation, _) = two.arrive(barrier).unwrap().unwrap();
        let other = mortal(one, Point::BarrierChanged, move |member| {
            member.break_barrier(barrier).unwrap();
        });
        let party = thread::spawn(move || await_passage(&mut two, barrier, generation));
        assert!(other.join().unwrap().is_none());
        assert!(me.bury(dead));
        assert_eq!(party.join().unwrap(), Err(Error::Broken));
    });
}

/// Guarded by what a sweep leaves in the place of the creator.
#[test]
fn the_death_of_its_creator_breaks_nothing_however_often_it_is_swept() {
    let points = [
        Point::SweepBarrier,
        Point::SweepBarrierLeft,
        Point::SweepHolder,
    ];
    explore_deaths(&points, |point| {
        let (arena, [mut me, one, mut two]) = arena(2);
        let (creator, sweeper) = (two.entry(), one.entry());
        let barrier = two.create_barrier(2, 0).unwrap();
        me.hold(barrier).unwrap();
        arena.model_death(creator);
        let first = mortal(one, point, move |member| member.bury(creator));
        assert!(
            first.join().unwrap().is_none(),
            "{point:?} is never reached"
        );
        assert!(me.bury(sweeper));
        assert!(me.bury(creator));
        let (_, _, broken, _) = me.barrier_state(barrier).unwrap();
        assert!(!broken, "{point:?}");
    });
}
