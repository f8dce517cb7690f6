//! Explicit-state model checker of the crash-safe shared-memory protocol.
//!
//! Every part of the protocol is written down once more here as a small state machine: one
//! transition is one atomic step, and any process may be killed before any of its steps. The
//! [explorer](explore) visits every reachable interleaving of a small configuration and either
//! says that all invariants hold or prints the shortest run that breaks one; of small ones it is
//! also asked whether every state can [come to rest](livelocks).
//!
//! * [`channel`]: blocks, one queue, sleeping and waking, death, sweep, reuse of entries
//! * [`extents`]: runs of contiguous units, claimed and freed by several processes that may die
//! * [`lease`]: batches of tasks that stay with the pool while a worker runs and announces them
//! * [`holders`]: shared objects, held, sent in messages, ended and made anew while others sweep
//! * [`permits`]: locks and semaphores, their words and the line of those who wait for one
//! * [`waiters`]: bitmaps of sleepers that have more than one word
//! * [`condition`]: waiting without the lock, and notifications that are passed on
//! * [`barrier`]: generations that pass or break for all, and parties that die
//! * [`segments`]: queues without a limit, their segments and their end
//! * [`tasks`]: unfinished tasks of a joinable queue, counted exactly though anybody may die
//!
//! The model is sequentially consistent: memory ordering is the business of the loom tests.
//! Each rule of the protocol is there for a reason; [`Bug`] lists what happens without it.

pub mod barrier;
mod bells;
pub mod bug;
pub mod channel;
pub mod condition;
mod deaths;
pub mod explore;
pub mod extents;
mod fingerprint;
pub mod holders;
pub mod lease;
pub mod livelock;
mod mortal;
pub mod permits;
pub mod segments;
pub mod tasks;
pub mod violation;
pub mod waiters;

pub use bug::Bug;
pub use explore::{Protocol, Report, Verdict, explore};
pub use livelock::livelocks;
pub use violation::{Kind, Violation};
