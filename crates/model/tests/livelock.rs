//! The search for livelocks itself: it finds a loop that nothing leaves, and none that can be left.

use manyhands_model::explore::Moves;
use manyhands_model::{Protocol, Violation, livelocks};

/// States are numbers; each has so many steps, and faults that nobody can rely on.
struct Graph {
    steps: &'static [(u8, u8)],
    faults: &'static [(u8, u8)],
}

impl Protocol for Graph {
    type State = u8;

    fn start(&self) -> u8 {
        0
    }

    fn moves(&self, state: &u8, moves: &mut Moves<u8>) {
        for &(_, to) in self.steps.iter().filter(|(from, _)| from == state) {
            moves.step(|| format!("to {to}"), Ok(to));
        }
        for &(_, to) in self.faults.iter().filter(|(from, _)| from == state) {
            moves.fault(|| format!("to {to}"), Ok(to));
        }
    }

    fn at_rest(&self, _: &u8) -> Result<(), Violation> {
        Ok(())
    }

    fn describe(&self, state: &u8) -> String {
        state.to_string()
    }
}

#[test]
fn a_loop_that_nothing_leaves_is_found() {
    let steps = &[(0, 1), (0, 2), (2, 3), (3, 2)];
    let graph = Graph { steps, faults: &[] };
    assert_eq!(livelocks(&graph, 10), Some(2));
}

#[test]
fn a_loop_that_only_a_fault_leaves_is_found() {
    let steps = &[(0, 2), (2, 0)];
    let faults = &[(2, 1)];
    assert_eq!(livelocks(&Graph { steps, faults }, 10), Some(2));
}

#[test]
fn a_loop_that_can_be_left_is_none() {
    let steps = &[(0, 2), (2, 0), (2, 1)];
    let graph = Graph { steps, faults: &[] };
    assert_eq!(livelocks(&graph, 10), Some(0));
}

#[test]
fn more_states_than_the_limit_say_nothing() {
    let steps = &[(0, 1), (1, 2), (2, 3)];
    let graph = Graph { steps, faults: &[] };
    assert_eq!(livelocks(&graph, 2), None);
}
