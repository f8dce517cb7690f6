//! Operations over whole arrays that threads share: reductions, scans, sorting, histograms, filters.
//!
//! An operation runs in stages. The chunks of a stage run on any threads, several at once; what depends on all of them happens
//! in `begin`, on one thread, between the stages. Data is cut into grains of fixed length whose results are combined by index,
//! so no result depends on the number of threads, nor on the level of vector instructions.

mod ahead;
mod chunks;
mod comparison;
mod compress;
mod double_double;
pub mod filter;
pub mod fold;
pub mod histogram;
mod partials;
pub mod reduce;
mod running;
pub mod scan;
pub mod sort;
mod source;
mod truths;
mod widening;

use chunks::Chunks;
pub(crate) use comparison::{Comparison, Relation};
pub use source::Source;

/// Elements that are handled as one: as doubles they fit into the second-level cache of any machine.
pub const GRAIN: usize = 16_384;

/// An operation in stages.
pub trait Operation: Send + Sync {
    /// Number of stages.
    fn stages(&self) -> usize;
    /// Number of stages that follow them where a stop has cut them short, so that no element of an array that is rewritten
    /// in place is missing. What they have done is not done again when they are begun anew.
    fn mends(&self) -> usize {
        0
    }
    /// Whether the chunks of a stage have to be begun in their order.
    fn in_order(&self) -> bool {
        false
    }
    /// Prepares a stage after all chunks of the one before have ended. Gives its number of chunks.
    fn begin(&self, stage: usize) -> usize;
    /// Runs one chunk. Of an operation in order, those before it have been begun, by this or other threads, and it may wait for
    /// what they find. `stop` is asked by what may take long.
    fn chunk(&self, stage: usize, index: usize, stop: &dyn Fn() -> bool);

    /// Runs everything on this thread. False: `stop` said so.
    fn run(&self, stop: &dyn Fn() -> bool) -> bool {
        for stage in 0..self.stages() {
            for index in 0..self.begin(stage) {
                if stop() {
                    return false;
                }
                self.chunk(stage, index, stop);
            }
        }
        !stop()
    }
}

/// A lock that a panic elsewhere does not spoil: the operation as a whole has failed then.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
