//! The block machine: runs a program over blocks of elements, one instruction at a time over all lanes of the block.

mod ahead;
mod bound;
mod delivery;
mod looping;
mod packing;
mod registers;
mod run;
mod turns;

pub(crate) use ahead::shares;
pub use bound::{Bound, Mismatch};

use crate::element::Target;
use crate::isa::Levels;
use crate::lane_sum::LaneSum;
use crate::program::{Course, Lane, Program, Step};
use crate::reading::Reading;
use crate::streaming::{LINE, fence};
use crate::{BLOCK, GROUP, NARROW_BLOCK, ops};
use ahead::{Ahead, FAR, NEAR};
use delivery::deliver;
use ops::Adding;
use registers::Registers;
use run::Run;
use turns::turn;

/// The results of one block, as long as the block.
#[derive(Clone, Copy, Debug)]
pub enum Lanes<'a> {
    /// Numbers.
    F64(&'a [f64]),
    /// int32 numbers.
    I32(&'a [i32]),
    /// uint32 numbers.
    U32(&'a [u32]),
    /// BigInts modulo 2^64.
    I64(&'a [i64]),
    /// Booleans, 0 or 1.
    Bool(&'a [u8]),
}

/// The registers of one thread for one program.
#[derive(Debug)]
pub struct Machine {
    registers: Registers,
    /// How far ahead memory is asked.
    ahead: usize,
    /// Groups after which the steps of a program take turns, if it is of [`Course::Turns`].
    turn: usize,
}

/// A machine on loan from its program.
pub struct Loan<'p> {
    program: &'p Program,
    machine: Option<Machine>,
}

impl Program {
    /// A machine for this program; it goes back when the loan is dropped, and its memory with the program.
    pub fn machine(&self) -> Loan<'_> {
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        Loan {
            program: self,
            machine: Some(idle.unwrap_or_else(|| Machine::new(self))),
        }
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        if let (Some(machine), Ok(mut idle)) = (self.machine.take(), self.program.idle.lock()) {
            idle.push(machine);
        }
    }
}

impl Loan<'_> {
    /// Runs the program over the elements `start .. start + n` and gives the block of results, valid until the next run.
    /// `stop` is asked now and then by loops that run long; `None`: it said so, or the results are in 16-bit lanes, which
    /// only maps store.
    ///
    /// # Safety
    /// The memory of every column and captured array of `bound` is alive and may be read; `n <= BLOCK`, and
    /// `start + n` is within `bound`'s length. `bound` was made for this program.
    pub unsafe fn block(
        &mut self,
        bound: &Bound,
        start: usize,
        n: usize,
        stop: &dyn Fn() -> bool,
    ) -> Option<Lanes<'_>> {
        let program = self.program;
        let machine = self.machine.as_mut()?;
        machine.ahead = FAR;
        // SAFETY: promised by the caller.
        let ran = unsafe { machine.run(program, bound, start, n, stop) };
        if !ran {
            return None;
        }
        let source = machine.registers.table[program.result as usize].cast_const();
        // SAFETY: every register has `BLOCK` lanes, initialised, aligned for all of them; a column read directly has at
        // least `n` (or is staged), and its kind has the width of the lane.
        Some(unsafe {
            match program.lane {
                Lane::F64 => Lanes::F64(std::slice::from_raw_parts(source.cast(), n)),
                Lane::I32 => Lanes::I32(std::slice::from_raw_parts(source.cast(), n)),
                Lane::U32 => Lanes::U32(std::slice::from_raw_parts(source.cast(), n)),
                Lane::I64 => Lanes::I64(std::slice::from_raw_parts(source.cast(), n)),
                Lane::Bool => Lanes::Bool(std::slice::from_raw_parts(source, n)),
                Lane::I16 | Lane::U16 => return None,
            }
        })
    }

    /// Runs the program over the elements `start .. start + n` and adds up the results, in as many lanes as a group has;
    /// `n` is whole groups, and nothing unless the program can add up. False: `stop` said so.
    ///
    /// # Safety
    /// As for [`Loan::block`], but for the size of `n`.
    pub(crate) unsafe fn add_up(
        &mut self,
        bound: &Bound,
        start: usize,
        n: usize,
        sum: &mut LaneSum,
        stop: &dyn Fn() -> bool,
    ) -> bool {
        let program = self.program;
        let (Some(machine), Some(tail)) = (
            self.machine.as_mut(),
            program.tail.and_then(ops::Tail::summed),
        ) else {
            return n == 0;
        };
        machine.ahead = FAR;
        machine.turn = turn(program.steps.len(), bound, false);
        let reading = if program.course == Course::Straight {
            Reading::onwards(bound.columns().len())
        } else {
            Reading::Nothing
        };
        let mut adding = Adding {
            sum: sum.clone(),
            reading,
        };
        let place = std::ptr::from_mut(&mut adding).cast();
        let reach = program.course.reach();
        for at in (start..start + n).step_by(reach) {
            let n = reach.min(start + n - at);
            // SAFETY: promised by the caller; the body adds to what `place` is.
            if !unsafe { machine.run_storing(program, bound, at, n, stop, tail, place, 0) } {
                return false;
            }
        }
        *sum = adding.sum;
        true
    }

    /// Runs the program over `start .. end` and stores the results in the same places of `target`. With `stream`, stores go
    /// past the caches. False: `stop` said so, and part of the results is missing.
    ///
    /// # Safety
    /// As for [`Loan::block`]; `target` may be written in that range by this thread alone, has room for it, and overlaps a
    /// column only where both begin at the same address with elements of the same width.
    pub unsafe fn map(
        &mut self,
        bound: &Bound,
        target: Target,
        start: usize,
        end: usize,
        stream: bool,
        stop: &dyn Fn() -> bool,
    ) -> bool {
        let program = self.program;
        let Some(machine) = self.machine.as_mut() else {
            return false;
        };
        let Some(store) = ops::store(program.lane, program.range, target.kind) else {
            return false;
        };
        let store = store.at(program.level);
        let bytes = target.kind.bytes();
        let same_form = program.lane.is_form_of(target.kind);
        // The last instruction may write straight to the target, unless the target is also read.
        let apart = !bound.overlaps(target.data, target.length * bytes);
        machine.ahead = if stream { FAR } else { NEAR };
        machine.turn = turn(program.steps.len(), bound, stream);
        let result = program.result as usize;
        let own = machine.registers.table[result];
        let direct =
            same_form && apart && !stream && !program.loops && result < program.temporaries;
        let tail = program
            .tail
            .filter(|_| apart)
            .and_then(|tail| tail.into(target.kind, program.range, stream));
        // Registers and the stage have room for so many.
        let block = if program.narrow && bytes <= 2 {
            NARROW_BLOCK
        } else {
            BLOCK
        };
        // SAFETY: within the target, by the caller's promise.
        let first = unsafe { target.data.add(start * bytes) };
        // Blocks that begin with a line of the caches are read and written fastest; the columns mostly lie alike.
        let lead = first.align_offset(LINE) / bytes % block;
        let mut at = start;
        while at < end {
            // SAFETY: within the target, by the caller's promise.
            let place = unsafe { target.data.add(at * bytes) };
            let tail = tail.filter(|_| !stream || (place as usize).is_multiple_of(LINE));
            let reach = tail.map_or(block, |_| program.course.reach().max(block));
            let most = if at == start && lead > 0 { lead } else { reach };
            let left = most.min(end - at);
            // The stage of a column has room for no more than a block.
            let n = if left > block {
                left - left % GROUP
            } else {
                left
            };
            if let (Some(tail), true) = (tail, n.is_multiple_of(GROUP)) {
                // SAFETY: promised by the caller; the place has room for whole groups, and no column lies there.
                if !unsafe { machine.run_storing(program, bound, at, n, stop, tail, place, bytes) }
                {
                    return false;
                }
                at += n;
                continue;
            }
            let whole = n == block;
            if direct && whole {
                machine.registers.table[result] = place;
            }
            // SAFETY: promised by the caller.
            let ran = unsafe { machine.run(program, bound, at, n, stop) };
            let from = machine.registers.table[result];
            if direct {
                machine.registers.table[result] = own;
            }
            if !ran {
                return false;
            }
            if !(direct && whole) {
                // SAFETY: `from` has whole groups; the stage has room for a block of any kind.
                unsafe {
                    deliver(
                        store,
                        same_form,
                        from,
                        machine.registers.stage(),
                        place,
                        n,
                        bytes,
                        stream.then_some(program.level),
                    );
                };
            }
            at += n;
        }
        if stream {
            fence();
        }
        true
    }
}

impl Machine {
    fn new(program: &Program) -> Self {
        Self {
            registers: Registers::new(program),
            ahead: FAR,
            turn: 1,
        }
    }

    /// # Safety
    /// As for [`Loan::block`].
    unsafe fn run(
        &mut self,
        program: &Program,
        bound: &Bound,
        start: usize,
        n: usize,
        stop: &dyn Fn() -> bool,
    ) -> bool {
        // SAFETY: promised by the caller.
        unsafe { self.run_steps(program, &program.steps, bound, start, n, stop) }
    }

    /// The same, but the last step stores its results at `place`, `bytes` for each; with none it adds them to what is there.
    ///
    /// # Safety
    /// As for [`Loan::block`]; `tail` is the program's, and `place` has room for the results and is apart from what is read.
    #[allow(clippy::too_many_arguments, reason = "one call site")]
    unsafe fn run_storing(
        &mut self,
        program: &Program,
        bound: &Bound,
        start: usize,
        n: usize,
        stop: &dyn Fn() -> bool,
        tail: Levels<ops::Op>,
        place: *mut u8,
        bytes: usize,
    ) -> bool {
        let tail = tail.at(program.level);
        if program.course == Course::Turns {
            // SAFETY: promised by the caller; results are stored in whole groups.
            unsafe { self.run_in_turns(program, bound, start, n, tail, place, bytes) };
            return true;
        }
        let Some((Step::Op { operands, .. }, before)) = program.steps.split_last() else {
            return false;
        };
        // SAFETY: promised by the caller.
        if !unsafe { self.run_steps(program, before, bound, start, n, stop) } {
            return false;
        }
        let [a, b, c, d] = operands.map(|operand| self.registers.table[operand as usize]);
        // SAFETY: the program was checked against its registers, which point at whole blocks.
        unsafe { tail(place, a, b, c, d, n / GROUP) };
        true
    }

    /// # Safety
    /// As for [`Loan::block`]; the steps are some of the program's, from the first on.
    unsafe fn run_steps(
        &mut self,
        program: &Program,
        steps: &[Step],
        bound: &Bound,
        start: usize,
        n: usize,
        stop: &dyn Fn() -> bool,
    ) -> bool {
        // SAFETY: the caller's promise about columns.
        unsafe { self.registers.point_at(bound, start, n) };
        let mut run = Run {
            ahead: Ahead::new(bound, &program.shares, start, n, self.ahead),
            registers: &mut self.registers,
            bound,
            start,
            stop,
            level: program.level,
        };
        // SAFETY: the program was checked against its registers, which point at whole blocks.
        unsafe { run.steps(steps, n.div_ceil(GROUP), n) }
    }
}

#[cfg(test)]
mod tests;
