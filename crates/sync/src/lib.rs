//! The crash-safe core: any participant (process or thread) may be killed at any instruction, and nothing is lost,
//! duplicated, leaked or blocked.
//!
//! | module | what |
//! |--------|------|
//! | `prim` | the only door to atomics (std or loom) |
//! | `layout` | where everything lies in the arena |
//! | `arena` | the shared bytes: mapping, bounds, growth |
//! | `units`, `blocks`, `member` | memory: extents, owner words, allocation with private hints |
//! | `participants`, `doorbell` | who takes part, who is dead, how to wake somebody |
//! | `life`, `bitmap`, `objects`, `carriers` | shared objects: existence, holders, messages that carry them |
//! | `slot`, `ring`, `segments`, `queue`, `exchange` | queues: words, algorithm, no limit, shutting down, operations |
//! | `queue_life`, `redelivery` | how queues begin and end, and what becomes of them when somebody dies |
//! | `tasks` | how many messages of a queue are not done yet |
//! | `lock`, `semaphore`, `event`, `condition`, `barrier`, `memory` | the other shared objects |
//! | `waiters`, `waiting` | sleeping until an object is ready |
//! | `sweep` | putting back what the dead held |
//! | `crash` | armed crash points of test builds |
//! | `modelled` | under loom: the memory, the kernel's knowledge and sleeping, for `arena` |

mod arena;
mod barrier;
mod bitmap;
mod blocks;
mod carriers;
mod condition;
pub mod crash;
mod doorbell;
mod error;
mod event;
mod exchange;
pub mod layout;
mod life;
mod lock;
mod member;
mod memory;
#[cfg(loom)]
mod modelled;
mod objects;
mod participants;
mod prim;
mod queue;
mod queue_life;
mod redelivery;
mod ring;
mod segments;
mod semaphore;
mod slot;
mod sweep;
mod tasks;
mod units;
mod waiters;
mod waiting;

pub use arena::Arena;
pub use barrier::{MAX_PARTIES, Passage};
pub use error::Error;
pub use exchange::Received;
pub use lock::OWNER_DIED;
pub use member::Member;
pub use objects::Kind;
pub use ring::Taken;
pub use semaphore::MAX_PERMITS;
pub use waiting::Side;
