//! The operations of the block machine: one table of names, operand widths and bodies.
//!
//! A body reads and writes whole groups of lanes. Lanes are `f64`, `i32` (which also holds uint32 bits), `i16` (or
//! uint16 bits), `i64` (BigInt modulo 2^64) or `u8` (booleans, 0 or 1). `dst` is apart from every operand.

mod compare;
mod constants;
mod convert;
mod fast;
mod float;
mod fused;
mod gather;
mod integer;
mod lanes;
mod load;
mod long;
mod narrow;
mod remainder;
mod sinks;
mod store;
mod tail;
mod truncation;

pub(crate) use gather::{Gather, gather};
pub(crate) use sinks::Adding;
pub(crate) use store::{Store, store};
pub(crate) use tail::Tail;

use crate::isa::Levels;

/// A body: destination, up to four operands, number of groups.
pub(crate) type Op = unsafe fn(*mut u8, *const u8, *const u8, *const u8, *const u8, usize);

/// One row of the table.
pub(crate) struct Entry {
    /// `operation.lanes`, as the front end names it.
    pub(crate) name: &'static str,
    /// Bytes of one lane of each operand; a column that is read directly must have elements of this width.
    pub(crate) operands: &'static [u8],
    /// By which operands are constants, a bit for each: the first reads the lanes of all.
    bodies: &'static [Levels<Op>],
    /// The same with stores past the caches, for a destination that begins with a line of them; `None`: groups of these
    /// lanes are no whole lines.
    pub(crate) streamed: Option<Levels<Op>>,
    /// The same with results that are added up: `dst` is an [`Adding`]; `None`: they are no doubles.
    pub(crate) summed: Option<Levels<Op>>,
}

impl Entry {
    /// The body that may read, of operands whose bit is in `constants`, the first lane for all: it is the same in all.
    pub(crate) fn body(&self, constants: usize) -> Levels<Op> {
        self.bodies
            .get(constants)
            .copied()
            .unwrap_or(self.bodies[0])
    }
}

/// Every operation; its index is its code in programs of this build.
pub(crate) const TABLES: &[&[Entry]] = &[
    float::OPS,
    fused::OPS,
    fast::OPS,
    compare::OPS,
    integer::OPS,
    long::OPS,
    convert::OPS,
    load::OPS,
    narrow::OPS,
    remainder::OPS,
];

/// The entry of an operation code.
pub(crate) fn entry(code: u32) -> Option<&'static Entry> {
    let mut index = code as usize;
    for table in TABLES {
        if index < table.len() {
            return Some(&table[index]);
        }
        index -= table.len();
    }
    None
}

/// The names of the operations in the order of their codes.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TABLES
        .iter()
        .flat_map(|table| table.iter().map(|entry| entry.name))
}

/// Whether an operation reads and writes no lanes of more than two bytes.
pub(crate) fn is_narrow(name: &str) -> bool {
    let (operation, lanes) = name.rsplit_once('.').unwrap_or((name, ""));
    matches!(lanes, "i16" | "u16" | "bool") && !matches!(operation, "f64" | "i32")
}

#[cfg(test)]
mod tests;
