//! The crash-safe core: any participant (process or thread) may be killed at any instruction, and nothing is lost,
//! duplicated, leaked or blocked.
//!
//! | module | what |
//! |--------|------|
//! | `prim` | the only door to atomics (std or loom) |
//! | `layout` | where everything lies in the arena |
//! | `arena` | the shared bytes: mapping, bounds, growth |
//! | `units`, `blocks` | memory: extents and slabs, owner words |
//! | `member`, `small_blocks`, `extents` | allocation with private hints |
//! | `participants`, `joining`, `deaths`, `doorbell` | who takes part, how one gets in, who is dead, how to wake somebody |
//! | `life`, `bitmap`, `objects`, `holding`, `parts`, `carriers` | shared objects: existence, holders, what ends with them, messages that carry them |
//! | `slot`, `ring`, `segments`, `queue`, `readiness`, `exchange` | queues: words, algorithm, no limit, put and take, a look, operations |
//! | `queue_life`, `segment_life`, `redelivery` | how queues begin and end, and what becomes of them when somebody dies |
//! | `damage` | what nobody leaves behind in the slots of a queue |
//! | `tasks` | how many messages of a queue are not done yet |
//! | `lock`, `semaphore`, `event`, `condition`, `barrier`, `memory` | the other shared objects |
//! | `waiters`, `awaited`, `waiting`, `spin_budget` | sleeping until an object is ready |
//! | `sweep`, `orphans` | putting back what the dead held |
//! | `crash` | armed crash points of test builds |
//! | `modelled` | under loom: the memory, the kernel's knowledge and sleeping, for `arena` |

mod arena;
mod awaited;
mod barrier;
mod bitmap;
mod blocks;
mod carriers;
mod condition;
pub mod crash;
mod damage;
mod deaths;
mod doorbell;
mod error;
mod event;
mod exchange;
mod extents;
mod holding;
mod joining;
pub mod layout;
mod life;
mod lock;
mod member;
mod memory;
#[cfg(loom)]
mod modelled;
mod objects;
mod orphans;
mod participants;
mod parts;
mod prim;
mod queue;
mod queue_life;
mod readiness;
mod redelivery;
mod ring;
mod segment_life;
mod segments;
mod semaphore;
mod slot;
mod small_blocks;
mod spin_budget;
mod sweep;
mod tasks;
mod units;
mod waiters;
mod waiting;

pub use arena::Arena;
pub use awaited::Side;
pub use barrier::{MAX_PARTIES, Passage};
pub use error::Error;
pub use exchange::Received;
pub use lock::OWNER_DIED;
pub use member::Member;
pub use objects::Kind;
pub use participants::Reservation;
pub use ring::Taken;
pub use semaphore::MAX_PERMITS;
