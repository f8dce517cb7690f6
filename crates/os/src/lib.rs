//! The operating system behind a small door: everything above this crate is plain atomics over bytes.
//!
//! One file per system, all of one shape. A new system is one new file and one row in the table below.
//!
//! | module     | promise |
//! |------------|---------|
//! | `segment`  | [`Segment`]: shared memory, mapped once at a fixed length of addresses, grown in place, freed by the kernel with its last process |
//! | `named`    | shared memory with a name that any process may attach, all its pages there from the start |
//! | `wait`     | [`wait`] / [`wake`] on a shared 32-bit word, across processes |
//! | `cpu`      | how many CPUs there are, where a thread runs, and where it may: [`CpuSet`] |
//! | `liveness` | [`Lifeline`]: a lock the kernel drops when its process dies; [`Process`]: pid and start time; child status |
//! | `pages`    | ordinary memory: [`Pages`] that are given back when dropped, large pages where it helps |
//! | `pipe`     | doorbells an event loop can watch |
//! | `symbol`   | functions that the program around us exports |
//! | `thread`   | which threads this process has, and whether one has ended |

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as system;

#[cfg(not(target_os = "linux"))]
compile_error!(
    "manyhands supports Linux (x64, arm64) so far: add crates/os/src/<system>/ and a row in lib.rs"
);

pub use system::cpu::{CpuSet, available_cpus, current_cpu, step_aside};
pub use system::liveness::{
    ChildStatus, Held, Lifeline, Process, await_child, child_status, die_with_parent, end_child,
    exit_now, parent_pid, reap_child, wait_exit,
};
/// Shared memory with a name.
pub mod named {
    pub use crate::system::named::{Mapping, map, open, prepare, publish, size_and_inode, unlink};
}
pub use system::pages::{Pages, prefer_large_pages};
pub use system::pipe::{close, drain, identity, open_peer, pipe, ring, spare};
pub use system::segment::Segment;
pub use system::symbol::symbol;
pub use system::thread::{current_thread, open_threads, thread_is_gone, threads};
pub use system::wait::{wait, wake};

/// The error number of a failed system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub i32);

impl Errno {
    pub(crate) fn last() -> Self {
        Self(std::io::Error::last_os_error().raw_os_error().unwrap_or(0))
    }
}

impl std::fmt::Display for Errno {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::io::Error::from_raw_os_error(self.0).fmt(f)
    }
}

impl std::error::Error for Errno {}
