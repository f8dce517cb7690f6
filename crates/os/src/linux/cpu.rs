//! How many CPUs this process may really use, and which one a thread is on.

/// CPUs available under the affinity mask and the cgroup quota; at least 1.
pub fn available_cpus() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// The CPU that this thread runs on, until the scheduler moves it.
pub fn current_cpu() -> u32 {
    // SAFETY: takes nothing and touches nothing.
    u32::try_from(unsafe { libc::sched_getcpu() }).unwrap_or(0)
}
