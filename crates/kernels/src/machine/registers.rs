//! The register file: blocks of lanes, and the table of where each register lies now.

use super::Bound;
use crate::program::{Constant, Lane, Program};
use crate::{BLOCK, GROUP, NARROW_BLOCK};

/// Bytes of a block of the widest lanes.
pub(crate) const STAGE_BYTES: usize = BLOCK * 8;
const _: () = assert!(NARROW_BLOCK * 2 <= STAGE_BYTES);
/// From one register to the next; not a power of two, or stores and later loads would meet in the same cache sets.
const STRIDE: usize = STAGE_BYTES + 128;

#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(#[allow(dead_code, reason = "read through pointers")] [u8; 64]);

/// Temporaries, constants, staging blocks of the columns, and one stage for results.
pub(crate) struct Registers {
    /// Where each register lies: temporaries and constants in `memory`, columns in the program's arrays or staged.
    pub(crate) table: Vec<*mut u8>,
    memory: Vec<Line>,
    staging: usize,
    stage: usize,
}

// SAFETY: the pointers lead into `memory`, which moves with the value, or are set anew at each run.
unsafe impl Send for Registers {}

impl std::fmt::Debug for Registers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registers")
            .field("count", &self.table.len())
            .finish_non_exhaustive()
    }
}

impl Registers {
    pub(crate) fn new(program: &Program) -> Self {
        let fixed = program.temporaries + program.constants.len();
        let blocks = fixed + program.columns.len() + 1;
        let memory = vec![Line([0; 64]); blocks * STRIDE / 64];
        let mut registers = Self {
            table: Vec::with_capacity(blocks),
            memory,
            staging: fixed,
            stage: blocks - 1,
        };
        for block in 0..fixed + program.columns.len() {
            let place = registers.block(block);
            registers.table.push(place);
        }
        for (index, constant) in program.constants.iter().enumerate() {
            let place = registers.table[program.temporaries + index];
            // SAFETY: a whole block of `memory`, aligned to 64 bytes.
            unsafe { fill(place, *constant) };
        }
        registers
    }

    fn block(&mut self, index: usize) -> *mut u8 {
        // SAFETY: `index` is below the number of blocks that `memory` was made for.
        unsafe { self.memory.as_mut_ptr().cast::<u8>().add(index * STRIDE) }
    }

    /// A block for results on their way out.
    pub(crate) fn stage(&mut self) -> *mut u8 {
        self.block(self.stage)
    }

    /// Points the registers of the columns at the elements `start .. start + n`. Groups are read whole, so a block that
    /// does not fill its last group is copied first.
    ///
    /// # Safety
    /// The columns are alive and have `start + n` elements.
    pub(crate) unsafe fn point_at(&mut self, bound: &Bound, start: usize, n: usize) {
        let whole = n.is_multiple_of(GROUP);
        for (index, column) in bound.columns().iter().enumerate() {
            let bytes = column.kind.bytes();
            // SAFETY: within the column.
            let source = unsafe { column.data.add(start * bytes) };
            self.table[self.staging + index] = if whole {
                source.cast_mut()
            } else {
                let staged = self.block(self.staging + index);
                // SAFETY: `n` elements are there, and a block has room for more.
                unsafe { std::ptr::copy_nonoverlapping(source, staged, n * bytes) };
                staged
            };
        }
    }
}

/// # Safety
/// `place` is a whole block, aligned for every lane.
unsafe fn fill(place: *mut u8, constant: Constant) {
    // SAFETY: promised by the caller.
    unsafe {
        match constant.lane {
            Lane::F64 | Lane::I64 => {
                std::slice::from_raw_parts_mut(place.cast::<u64>(), BLOCK).fill(constant.bits);
            }
            Lane::I32 | Lane::U32 => {
                std::slice::from_raw_parts_mut(place.cast::<u32>(), BLOCK)
                    .fill(constant.bits as u32);
            }
            Lane::I16 | Lane::U16 => {
                std::slice::from_raw_parts_mut(place.cast::<u16>(), NARROW_BLOCK)
                    .fill(constant.bits as u16);
            }
            Lane::Bool => {
                std::slice::from_raw_parts_mut(place, NARROW_BLOCK)
                    .fill(u8::from(constant.bits != 0));
            }
        }
    }
}
