//! Keys to buckets in the array itself, with a few blocks of other memory: the way of "In-Place Parallel Super Scalar
//! Samplesort" (Axtmann, Witt, Ferizovic and Sanders, 2017), with a plan in place of shared counters.
//!
//! 1. Each stripe of the array is read through one buffer for each bucket; a full buffer is written as a block to where
//!    everything has been read already. What is left in the buffers goes on to the next stripe; at the end it stays outside.
//! 2. A plan gives every block a slot in the part of its bucket. Slots and blocks form a graph with buckets as nodes, which
//!    falls apart into cycles through each bucket at most once. Any thread may move the blocks of any cycle.
//! 3. Blocks begin at whole slots, buckets anywhere: what runs over the end of a bucket, and what was left in the buffers,
//!    fills the holes at both ends of each.

mod cycles;
mod plan;
mod run;

use super::partition::{BucketNumber, MOST_BUCKETS};
pub(super) use plan::Plan;
pub(super) use run::Run;

/// Bytes of a block.
const BLOCK_BYTES: usize = 1024;
/// The label of slots that hold no block, and the node of slots that are no bucket's.
const NONE: BucketNumber = MOST_BUCKETS as BucketNumber;

/// Keys of a block.
pub(super) const fn block<K>() -> usize {
    BLOCK_BYTES / size_of::<K>()
}
