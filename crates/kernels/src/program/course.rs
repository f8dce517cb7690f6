//! How a program goes through long arrays.

use super::Step;
use crate::BLOCK;
use crate::ops::Tail;
use crate::processor::outruns_guesses;

/// Enough that going from one block to the next costs nothing.
const LONG_BLOCK: usize = 32 * BLOCK;
/// With more steps than this, most processors get more of memory if they ask before each of them than after a turn of all.
const MOST_TURNS: usize = 5;

/// Which way, where its last step keeps no results in a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Course {
    /// Its only step reads nothing but columns, which are as long as the arrays.
    Straight,
    /// Its steps take turns after some groups.
    Turns,
    /// Its steps take turns after whole blocks.
    Blocks,
}

impl Course {
    pub(super) fn of(steps: &[Step], tail: Option<Tail>, first_column: usize) -> Self {
        if let ([Step::Op { operands, .. }], Some(tail)) = (steps, tail)
            && operands[..tail.operands()]
                .iter()
                .all(|&operand| operand as usize >= first_column)
        {
            return Self::Straight;
        }
        let fits = |step: &Step| {
            matches!(
                step,
                Step::Op { .. } | Step::Unary { .. } | Step::Binary { .. }
            )
        };
        let pays = steps.len() <= MOST_TURNS || outruns_guesses();
        if tail.is_some() && pays && steps.iter().all(fits) {
            Self::Turns
        } else {
            Self::Blocks
        }
    }

    /// Elements that may be run at once.
    pub(crate) fn reach(self) -> usize {
        if self == Self::Blocks {
            BLOCK
        } else {
            LONG_BLOCK
        }
    }
}
