//! Events: whoever waits learns of a flag that went up, also when it is down again.

use crate::{arena, explore, explore_up_to, mortal};
use loom::thread;
use manyhands_sync::crash::Point;
use manyhands_sync::{Member, Side};
use std::time::Duration;

const FOR_EVER: Duration = Duration::from_secs(1);

/// Waits until the flag is up, or was since its changes were 0.
fn await_flag(member: &mut Member, event: u64) {
    while member.event_state(event).unwrap() == (false, 0) {
        member.wait_slice(event, Side::Change(0), FOR_EVER).unwrap();
    }
}

/// Guarded by `wake_all`, which empties each word of the bitmap after the flag is up.
#[test]
fn a_flag_wakes_everybody() {
    explore_up_to(1, || {
        let (_arena, [mut me, mut one, mut two]) = arena(2);
        let event = me.create_event().unwrap();
        for member in [&mut one, &mut two] {
            member.hold(event).unwrap();
        }
        let other = thread::spawn(move || await_flag(&mut one, event));
        let another = thread::spawn(move || await_flag(&mut two, event));
        me.set_event(event, true).unwrap();
        other.join().unwrap();
        another.join().unwrap();
    });
}

/// Guarded by the count of changes.
#[test]
fn a_flag_that_is_down_again_was_up() {
    explore(|| {
        let (_arena, [mut me, mut one]) = arena(2);
        let event = me.create_event().unwrap();
        one.hold(event).unwrap();
        let other = thread::spawn(move || await_flag(&mut one, event));
        me.set_event(event, true).unwrap();
        me.set_event(event, false).unwrap();
        other.join().unwrap();
    });
}

/// Guarded by the ringing of all bells.
#[test]
fn a_flag_of_the_dead_wakes_all_the_same() {
    for point in [Point::EventSet, Point::WakeAllCleared] {
        explore_up_to(1, move || {
            let (_arena, [mut me, one, mut two]) = arena(2);
            let (event, dead) = (me.create_event().unwrap(), one.entry());
            two.hold(event).unwrap();
            let other = mortal(one, point, move |member| {
                member.set_event(event, true).unwrap();
            });
            let waiter = thread::spawn(move || await_flag(&mut two, event));
            if other.join().unwrap().is_none() {
                assert!(me.bury(dead));
            }
            waiter.join().unwrap();
        });
    }
}
