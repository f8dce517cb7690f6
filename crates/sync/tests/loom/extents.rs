//! Runs of units.

use crate::{arena, explore, explore_deaths, mortal};
use loom::thread;
use manyhands_sync::crash::Point;
use manyhands_sync::layout::{HEADER_BYTES, UNIT_BYTES, UNIT_HANDLES};
use manyhands_sync::{Error, Member};

/// Two units.
const PAYLOAD: usize = (2 * UNIT_BYTES - HEADER_BYTES) as usize;

fn use_extent(member: &mut Member, number: u32) {
    match member.alloc(PAYLOAD) {
        Ok(head) => {
            let arena = member.arena().clone();
            for unit in [head, head + UNIT_HANDLES] {
                arena.model_write(unit, number);
            }
            for unit in [head, head + UNIT_HANDLES] {
                assert_eq!(arena.model_read(unit), number);
            }
            member.free(head).unwrap();
        }
        Err(error) => assert_eq!(error, Error::ArenaFull),
    }
}

/// Guarded by Release in `free_units` and Acquire in `claim_units`.
#[test]
fn a_unit_belongs_to_one_extent() {
    explore(|| {
        let (arena, [mut one, mut two]) = arena(3);
        let other = thread::spawn(move || use_extent(&mut two, 2));
        use_extent(&mut one, 1);
        use_extent(&mut one, 3);
        other.join().unwrap();
        assert_eq!(arena.owned(0).0, 0);
        let all = one.alloc((3 * UNIT_BYTES - HEADER_BYTES) as usize);
        assert!(all.is_ok(), "a unit is lost");
    });
}

#[test]
fn units_of_the_dead_are_free_again() {
    let points = [
        Point::ExtentHead,
        Point::ExtentUnit,
        Point::ExtentClaimed,
        Point::ExtentFreeUnit,
        Point::ExtentFreeHead,
        Point::ExtentFreed,
    ];
    explore_deaths(&points, |point| {
        let (arena, [one, mut two]) = arena(3);
        let dead = one.entry();
        let other = mortal(one, point, |member| use_extent(member, 1));
        use_extent(&mut two, 2);
        other.join().unwrap();
        two.bury(dead);
        assert_eq!(arena.owned(0).0, 0);
        let all = two.alloc((3 * UNIT_BYTES - HEADER_BYTES) as usize);
        assert!(all.is_ok(), "{point:?}: a unit is lost");
    });
}
