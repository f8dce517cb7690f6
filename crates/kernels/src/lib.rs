//! Numeric kernels for one thread: typed arrays in, a typed array or a number out, with the bits that V8 gives.
//!
//! Nothing here starts a thread, allocates per element or knows N-API. Work is cut into blocks of [`BLOCK`] elements, and
//! every operation runs over whole groups of [`GROUP`] lanes, so that no body has a scalar tail: registers are always as
//! long as a block, and what stands in lanes beyond the end of the data is computed and ignored.

pub mod data;
pub mod element;
mod fused_adder;
pub mod isa;
mod lane_sum;
pub mod lookup;
pub mod machine;
pub mod math;
mod ops;
mod prefetch;
mod processor;
pub mod program;
mod reading;
mod streaming;
mod xorshift;

/// The names of the operations, in the order of their codes in programs.
pub fn operation_names() -> impl Iterator<Item = &'static str> {
    ops::names()
}

/// Elements of one block; the register file of usual programs stays in the first-level cache.
pub const BLOCK: usize = 256;
/// Elements of one block where no lane has more than two bytes: its registers are no longer than those of doubles.
pub(crate) const NARROW_BLOCK: usize = 4 * BLOCK;
/// Lanes that bodies handle at a time: four registers of AVX-512.
pub const GROUP: usize = 32;
