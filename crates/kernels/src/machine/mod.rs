//! The block machine: runs a program over blocks of elements, one instruction at a time over all lanes of the block.

mod bound;
mod delivery;
mod looping;
mod registers;
mod run;

pub use bound::{Bound, Mismatch};

use crate::element::Target;
use crate::isa::Levels;
use crate::program::{Lane, Program, Step};
use crate::{BLOCK, GROUP, NARROW_BLOCK, ops};
use delivery::{LINE, deliver, fence};
use registers::Registers;
use run::Run;

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
        let Some(store) = ops::store(program.lane, program.bounded, target.kind) else {
            return false;
        };
        let store = store.at(program.level);
        let bytes = target.kind.bytes();
        let same_form = program.lane == Lane::F64 && bytes == 8 || program.lane == Lane::I64;
        // The last instruction may write straight to the target, unless the target is also read.
        let apart = !bound.overlaps(target.data, target.length * bytes);
        let result = program.result as usize;
        let own = machine.registers.table[result];
        let direct =
            same_form && apart && !stream && !program.loops && result < program.temporaries;
        let tail = program
            .tail
            .filter(|_| apart && !stream)
            .and_then(|tail| tail.into(target.kind, program.bounded));
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
            let most = if at == start && lead > 0 { lead } else { block };
            let n = most.min(end - at);
            // SAFETY: within the target, by the caller's promise.
            let place = unsafe { target.data.add(at * bytes) };
            let whole = n == block;
            if direct && whole {
                machine.registers.table[result] = place;
            }
            prefetch(bound, at + n, end.min(at + n + block), program.narrow);
            if let (Some(tail), true) = (tail, n.is_multiple_of(GROUP)) {
                // SAFETY: promised by the caller; the place has room for whole groups, and no column lies there.
                if !unsafe { machine.run_storing(program, bound, at, n, stop, tail, place) } {
                    return false;
                }
                at += n;
                continue;
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
                        stream,
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

/// Asks for the lines that the next block will read, across the ends of pages too, where the machine itself stops. Several
/// columns at once would be slower for it, except where little else is done: in narrow lanes.
#[cfg_attr(
    not(target_arch = "x86_64"),
    allow(unused_variables, reason = "nothing to ask with in stable Rust")
)]
fn prefetch(bound: &Bound, start: usize, end: usize, narrow: bool) {
    #[cfg(target_arch = "x86_64")]
    if bound.columns().len() == 1 || narrow {
        for column in bound.columns() {
            let bytes = column.kind.bytes();
            for place in (start * bytes..end * bytes).step_by(LINE) {
                // SAFETY: a hint, for an address within the column.
                unsafe {
                    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
                    _mm_prefetch::<_MM_HINT_T0>(column.data.add(place).cast());
                }
            }
        }
    }
}

impl Machine {
    fn new(program: &Program) -> Self {
        Self {
            registers: Registers::new(program),
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
        unsafe { self.run_steps(&program.steps, bound, start, n, stop) }
    }

    /// The same, but the last step stores its results at `place`.
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
    ) -> bool {
        let Some((Step::Op { operands, .. }, before)) = program.steps.split_last() else {
            return false;
        };
        // SAFETY: promised by the caller.
        if !unsafe { self.run_steps(before, bound, start, n, stop) } {
            return false;
        }
        let [a, b, c, d] = operands.map(|operand| self.registers.table[operand as usize]);
        // SAFETY: the program was checked against its registers, which point at whole blocks.
        unsafe { tail.at(program.level)(place, a, b, c, d, n / GROUP) };
        true
    }

    /// # Safety
    /// As for [`Loan::block`]; the steps are some of the program's, from the first on.
    unsafe fn run_steps(
        &mut self,
        steps: &[Step],
        bound: &Bound,
        start: usize,
        n: usize,
        stop: &dyn Fn() -> bool,
    ) -> bool {
        // SAFETY: the caller's promise about columns.
        unsafe { self.registers.point_at(bound, start, n) };
        let mut run = Run {
            registers: &mut self.registers,
            bound,
            start,
            stop,
        };
        // SAFETY: the program was checked against its registers, which point at whole blocks.
        unsafe { run.steps(steps, n.div_ceil(GROUP), n) }
    }
}

#[cfg(test)]
mod tests;
