//! Owner words of small blocks.

use crate::{arena, explore, explore_deaths, message, mortal};
use loom::thread;
use manyhands_sync::Error;
use manyhands_sync::crash::Point;
use manyhands_sync::layout::{CLASS_BYTES, UNIT_BYTES};

/// Guarded by Release in `release_block` and Acquire in `claim_small`.
#[test]
fn a_block_has_one_owner_who_sees_it_left_alone() {
    explore(|| {
        let (arena, [mut one, mut two]) = arena(1);
        let block = message(&mut one, 0);
        one.free(block).unwrap();
        let life = |number: u32| {
            let arena = arena.clone();
            move |member: &mut manyhands_sync::Member| {
                for _ in 0..2 {
                    match member.alloc(1) {
                        Ok(block) => {
                            arena.model_write(block, number);
                            assert_eq!(arena.model_read(block), number);
                            member.free(block).unwrap();
                        }
                        Err(error) => assert_eq!(error, Error::ArenaFull),
                    }
                }
            }
        };
        let (first, second) = (life(1), life(2));
        let other = thread::spawn(move || second(&mut two));
        first(&mut one);
        other.join().unwrap();
        assert_eq!(arena.owned(0).0, 0);
    });
}

#[test]
fn blocks_of_the_dead_are_free_again() {
    let points = [
        Point::SmallClaim,
        Point::SmallClaimed,
        Point::SmallFree,
        Point::SmallFreed,
    ];
    explore_deaths(&points, |point| {
        let (arena, [mut one, mut two]) = arena(1);
        let dead = one.entry();
        // Now it knows all blocks and finds one without a search.
        let block = message(&mut one, 0);
        one.free(block).unwrap();
        let other = mortal(one, point, |member| {
            let block = message(member, 1);
            member.free(block).unwrap();
        });
        let block = two.alloc(1).ok();
        let died = other.join().unwrap().is_none();
        assert!(died, "{point:?} is never reached");
        assert!(two.bury(dead));
        if let Some(block) = block {
            arena.model_write(block, 2);
            two.free(block).unwrap();
        }
        assert_eq!(arena.owned(0).0, 0);
        // A search gives up early and asks for new memory, of which there is none here: it goes on at the next call.
        let found = (0..64).filter(|_| two.alloc(1).is_ok()).count();
        assert_eq!(found, (UNIT_BYTES / CLASS_BYTES[0]) as usize, "{point:?}");
    });
}
