//! How many CPUs this process may really use, which one a thread is on, and on which ones it may be.

/// CPUs available under the affinity mask and the cgroup quota; at least 1.
pub fn available_cpus() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// The CPU that this thread runs on, until the scheduler moves it.
pub fn current_cpu() -> u32 {
    // SAFETY: takes nothing and touches nothing.
    u32::try_from(unsafe { libc::sched_getcpu() }).unwrap_or(0)
}

/// Moves the calling thread to another CPU, if there is one that it may run on. Where it may run stays as it is.
pub fn step_aside() -> bool {
    let me = crate::current_thread();
    let Some(before) = CpuSet::of(me) else {
        return false;
    };
    let others = before.without([current_cpu()]);
    let moved = others.is_some_and(|others| others.confine(me));
    // Confined to what it may use now, a thread would not follow when its container gets more CPUs. Only where somebody has
    // confined it already, what it had is less than all.
    if moved && CpuSet::ALL.confine(me) && CpuSet::of(me) != Some(before) {
        before.confine(me);
    }
    moved
}

/// CPUs that a thread may run on, a bit for each, as the kernel has them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CpuSet([u64; 16]);

impl CpuSet {
    const ALL: Self = Self([u64::MAX; 16]);

    /// Those that a thread of this process may run on. `None` where the system does not tell, or counts more than 1,024.
    pub fn of(thread: u32) -> Option<Self> {
        let mut words = [0; 16];
        let bytes = size_of_val(&words);
        // SAFETY: a live set of so many bytes; a wrong thread gives an error.
        let failed = unsafe {
            libc::sched_getaffinity(thread.cast_signed(), bytes, words.as_mut_ptr().cast())
        };
        (failed == 0).then_some(Self(words))
    }

    /// Whether it has this one.
    pub fn has(&self, cpu: u32) -> bool {
        let word = self.0.get(cpu as usize / 64);
        word.is_some_and(|word| word >> (cpu % 64) & 1 == 1)
    }

    /// Those of them that `others` does not name; `None` where there is none.
    pub fn without(mut self, others: impl IntoIterator<Item = u32>) -> Option<Self> {
        for cpu in others {
            if let Some(word) = self.0.get_mut(cpu as usize / 64) {
                *word &= !(1 << (cpu % 64));
            }
        }
        (self.0 != [0; 16]).then_some(self)
    }

    /// Lets a thread of this process run on these only, and moves it if it is elsewhere. False where the system refuses.
    pub fn confine(&self, thread: u32) -> bool {
        let bytes = size_of_val(&self.0);
        // SAFETY: a live set of so many bytes; a wrong thread gives an error.
        unsafe { libc::sched_setaffinity(thread.cast_signed(), bytes, self.0.as_ptr().cast()) == 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::current_thread;

    #[test]
    fn a_thread_that_steps_aside_is_elsewhere_and_may_run_where_it_might() {
        let me = current_thread();
        let before = CpuSet::of(me).unwrap();
        let here = current_cpu();
        let mine = CpuSet::ALL.without((0..1024).filter(|&cpu| cpu != here));
        let elsewhere = before.without([here]);
        assert_eq!(step_aside(), elsewhere.is_some());
        assert_eq!(CpuSet::of(me), Some(before));
        // One that is confined stays so, and has no other CPU to go to.
        assert!(mine.unwrap().confine(me));
        assert!(!step_aside());
        assert_eq!(CpuSet::of(me), mine);
        assert!(before.confine(me));
    }

    #[test]
    fn a_thread_is_confined_to_what_is_left_of_its_set() {
        let me = current_thread();
        let all = CpuSet::of(me).unwrap();
        let here = current_cpu();
        assert!(all.has(here) && !all.has(u32::MAX));
        if let Some(others) = all.without([here, u32::MAX]) {
            assert!(others.confine(me));
            assert_eq!(CpuSet::of(me), Some(others));
            assert!(!others.has(here));
            assert_ne!(current_cpu(), here, "the system moves it at once");
            assert!(all.confine(me));
        }
        assert_eq!(CpuSet::of(me), Some(all));
        assert!(all.without(0..1024).is_none());
        assert!(!all.confine(u32::MAX >> 1), "there is no such thread");
    }
}
