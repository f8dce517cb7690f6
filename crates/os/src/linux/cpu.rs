//! How many CPUs this process may really use.

/// CPUs available under the affinity mask and the cgroup quota; at least 1.
pub fn available_cpus() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
