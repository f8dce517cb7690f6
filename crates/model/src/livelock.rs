//! States from which nobody ever comes to rest again, though no fault happens any more.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use crate::explore::{Moves, Protocol};
use crate::fingerprint::{Ready, fingerprint};

/// How many of the reachable states of a protocol that holds can never come to rest again by steps alone; `None` when there
/// are more than `limit` states. A loop of steps that can be left is none: schedulers are fair, and so is contention.
pub fn livelocks<P: Protocol>(protocol: &P, limit: usize) -> Option<usize> {
    let mut numbers = HashMap::<u64, u32, BuildHasherDefault<Ready>>::default();
    let start = protocol.start();
    numbers.insert(fingerprint(&start), 0);
    let mut frontier = vec![start];
    // Steps backwards, and the states in which nobody can move.
    let mut before: Vec<Vec<u32>> = vec![vec![]];
    let mut rests = vec![];
    while let Some(state) = frontier.pop() {
        let here = numbers[&fingerprint(&state)];
        let mut moves = Moves::new(false);
        protocol.moves(&state, &mut moves);
        let mut moved = false;
        for (next, is_step) in moves.into_states() {
            let count = numbers.len() as u32;
            let there = *numbers.entry(fingerprint(&next)).or_insert(count);
            if there == count {
                before.push(vec![]);
                frontier.push(next);
            }
            if is_step {
                moved = true;
                before[there as usize].push(here);
            }
        }
        if !moved {
            rests.push(here);
        }
        if numbers.len() > limit {
            return None;
        }
    }
    let mut comes_to_rest = vec![false; before.len()];
    while let Some(state) = rests.pop() {
        if !std::mem::replace(&mut comes_to_rest[state as usize], true) {
            rests.append(&mut before[state as usize]);
        }
    }
    Some(comes_to_rest.iter().filter(|rests| !**rests).count())
}
