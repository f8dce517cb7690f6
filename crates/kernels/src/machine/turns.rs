//! The steps of a program take turns: after a few groups already where arrays are too long for the caches.
//!
//! In turns after whole blocks memory would only be read while the first step runs, and only be written while the last one
//! does. Here both happen all the time, which is up to a third faster where little is computed. In the caches nothing is
//! waited for, and going from step to step takes as long as some groups.

use super::Machine;
use super::bound::Bound;
use crate::prefetch::Asking;
use crate::processor::outruns_guesses;
use crate::program::{Program, Step};
use crate::streaming::LINE;
use crate::{BLOCK, GROUP, ops};

/// Groups of one turn in the caches: what registers have room for.
const IN_CACHES: usize = BLOCK / GROUP;

/// Columns of fewer bytes are taken to be in the caches.
const SHORT_BYTES: usize = 16 * 1024 * 1024;

/// With so many steps and more, going from one to the next costs more than memory waits.
const MANY: usize = 16;

/// Groups of one turn of so many steps. Through memory their results still wait in the processor when the next step begins;
/// processors with room for more take longer turns. With `stream`, results go to memory.
pub(super) fn turn(steps: usize, bound: &Bound, stream: bool) -> usize {
    if !stream && bound.bytes() < SHORT_BYTES {
        return IN_CACHES;
    }
    match (steps, outruns_guesses()) {
        (MANY.., _) => IN_CACHES,
        (_, true) => 4,
        (_, false) => 2,
    }
}

impl Machine {
    /// Runs the program over the elements `start .. start + n`, which are whole groups. The last step is `tail`, which stores
    /// at `place` and on, `bytes` for each element; with none it always gets the same place.
    ///
    /// # Safety
    /// As for [`super::Loan::block`], but for the size of `n`; the program's course is [`crate::program::Course::Turns`], and
    /// the place has room for the results and is apart from what is read.
    #[allow(clippy::too_many_arguments, reason = "one call site")]
    pub(super) unsafe fn run_in_turns(
        &mut self,
        program: &Program,
        bound: &Bound,
        start: usize,
        n: usize,
        tail: ops::Op,
        place: *mut u8,
        bytes: usize,
    ) {
        let Some((Step::Op { operands: last, .. }, before)) = program.steps.split_last() else {
            return;
        };
        // SAFETY: the caller's promise about columns.
        unsafe { self.registers.point_at(bound, start, n) };
        let asking = Asking::new();
        let first_column = program.temporaries + program.constants.len();
        for done in (0..n).step_by(self.turn * GROUP) {
            let elements = (n - done).min(self.turn * GROUP);
            let groups = elements / GROUP;
            let table = &mut self.registers.table;
            let at = |register: u32| table[register as usize];
            for step in before {
                // SAFETY: as in `Run::steps`; the columns have that many more elements.
                let ran = unsafe { step.run_on(at, groups) };
                debug_assert!(ran, "a program of this course has no other steps");
            }
            let [a, b, c, d] = last.map(at);
            // SAFETY: likewise; the place is as long as what is read.
            unsafe { tail(place.add(done * bytes), a, b, c, d, groups) };
            for (column, pointer) in bound.columns().iter().zip(&mut table[first_column..]) {
                let width = elements * column.kind.bytes();
                *pointer = pointer.wrapping_add(width);
                for line in (0..width).step_by(LINE) {
                    asking.line(pointer.wrapping_add(self.ahead + line));
                }
            }
        }
    }
}
