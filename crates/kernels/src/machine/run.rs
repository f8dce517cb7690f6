//! One run of a program's steps over one block.

use super::ahead::Ahead;
use super::bound::Bound;
use super::registers::Registers;
use crate::GROUP;
use crate::isa::Level;
use crate::program::Step;

/// One run over one block.
pub(super) struct Run<'a> {
    pub(super) registers: &'a mut Registers,
    pub(super) bound: &'a Bound,
    pub(super) start: usize,
    pub(super) stop: &'a dyn Fn() -> bool,
    pub(super) ahead: Ahead<'a>,
    /// The program's.
    pub(super) level: Level,
}

impl Run<'_> {
    /// False: stopped.
    ///
    /// # Safety
    /// The steps belong to the program that the registers were made for.
    pub(super) unsafe fn steps(&mut self, steps: &[Step], groups: usize, lanes: usize) -> bool {
        for step in steps {
            self.ahead.ask();
            // SAFETY: `Program::parse` checked every register number against the table's length; each register has
            // `BLOCK` lanes of 8 bytes, or `NARROW_BLOCK` of 2, and a destination is never an operand.
            unsafe {
                match step {
                    Step::Gather {
                        body,
                        dst,
                        index,
                        captured,
                    } => {
                        let array = &self.bound.captured()[*captured as usize];
                        body(
                            self.at(*dst),
                            self.at(*index),
                            array.data,
                            array.length,
                            groups,
                        );
                    }
                    Step::Iota { dst } => {
                        // Exact: both numbers and their sum are below 2^53.
                        let (lanes, first) = (self.at(*dst).cast::<f64>(), self.start as f64);
                        for lane in 0..(groups * GROUP) as i32 {
                            *lanes.add(lane as usize) = first + f64::from(lane);
                        }
                    }
                    Step::Loop(looping) => {
                        if !self.looping(looping, lanes) {
                            return false;
                        }
                    }
                    Step::Op { .. } | Step::Unary { .. } | Step::Binary { .. } => {
                        let ran = step.run_on(|register| self.at(register), groups);
                        debug_assert!(ran, "a step of registers");
                    }
                }
            }
        }
        true
    }

    /// # Safety
    /// `register` is below the table's length.
    #[inline(always)]
    pub(super) unsafe fn at(&self, register: u32) -> *mut u8 {
        // SAFETY: promised by the caller.
        unsafe { *self.registers.table.get_unchecked(register as usize) }
    }
}
