//! Who is dead, and who sweeps whom: one living sweeper at a time, and another one when that dies.

pub(crate) const MAX_PROCESSES: usize = 6;
const NOBODY: u8 = u8::MAX;

/// What the kernel and the table of entries know about the processes.
#[derive(Clone, Copy, Hash)]
pub(crate) struct Deaths {
    pub(crate) live: u8,
    pub(crate) unswept: u8,
    sweepers: [u8; MAX_PROCESSES],
    /// How many more may be killed.
    left: u8,
}

impl Deaths {
    pub(crate) fn new(processes: usize, kills: u8) -> Self {
        Self {
            live: (1 << processes) - 1,
            unswept: 0,
            sweepers: [NOBODY; MAX_PROCESSES],
            left: kills,
        }
    }

    pub(crate) fn is_alive(&self, process: usize) -> bool {
        self.live & 1 << process != 0
    }

    pub(crate) fn may_come(&self) -> bool {
        self.left > 0
    }

    pub(crate) fn kill(&mut self, process: usize) {
        self.left -= 1;
        self.end(process);
    }

    /// It is not there any more, and what it had is: killed or not.
    pub(crate) fn end(&mut self, process: usize) {
        self.live &= !(1 << process);
        self.unswept |= 1 << process;
    }

    /// The dead that nobody alive sweeps.
    pub(crate) fn victims(self) -> impl Iterator<Item = usize> {
        (0..MAX_PROCESSES).filter(move |&victim| {
            let by = self.sweepers[victim];
            let swept = by != NOBODY && self.is_alive(usize::from(by));
            self.unswept & 1 << victim != 0 && !swept
        })
    }

    pub(crate) fn begin_sweep(&mut self, victim: usize, by: usize) {
        self.sweepers[victim] = by as u8;
    }

    pub(crate) fn end_sweep(&mut self, victim: usize) {
        self.unswept &= !(1 << victim);
        self.sweepers[victim] = NOBODY;
    }
}
