//! Who is alive, by kernel facts only: locks that die with their process, pids with start times, child status.

use crate::Errno;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

/// What a probe of a lifeline saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Some other open file holds the lock: its process is alive.
    Yes,
    /// Nobody but perhaps this very process holds it.
    No,
    /// This process has no lifeline (no /proc) and cannot ask.
    Unknown,
}

/// An open file of our own over the shared memory, whose byte locks the kernel drops when this process dies.
///
/// Inherited descriptors share their open file with the parent, so a lock taken through them would outlive us:
/// hence a second `open` through /proc. Where /proc is missing only pids are left ([`Process`]).
#[derive(Debug)]
pub struct Lifeline(Option<OwnedFd>);

impl Lifeline {
    /// Opens the file behind `shared` anew.
    pub fn open(shared: RawFd) -> Self {
        let path = format!("/proc/self/fd/{shared}\0");
        // SAFETY: `path` ends in NUL and outlives the call.
        let raw = unsafe { libc::open(path.as_ptr().cast(), libc::O_RDWR | libc::O_CLOEXEC) };
        // SAFETY: a descriptor just opened here.
        Self((raw >= 0).then(|| unsafe { OwnedFd::from_raw_fd(raw) }))
    }

    /// Whether locks can be held at all.
    pub fn available(&self) -> bool {
        self.0.is_some()
    }

    fn lock(&self, command: libc::c_int, kind: libc::c_int, index: u32) -> Option<libc::flock> {
        let fd = self.0.as_ref()?;
        // SAFETY: an all-zero flock is valid (`l_pid` must be 0 for OFD locks).
        let mut lock: libc::flock = unsafe { std::mem::zeroed() };
        lock.l_type = kind as libc::c_short;
        lock.l_whence = libc::SEEK_SET as libc::c_short;
        lock.l_start = libc::off_t::from(index);
        lock.l_len = 1;
        // SAFETY: `lock` is a live flock and the fd is ours.
        (unsafe { libc::fcntl(fd.as_raw_fd(), command, &raw mut lock) } == 0).then_some(lock)
    }

    /// Takes lock `index`; false when another process holds it (or there is no lifeline).
    pub fn hold(&self, index: u32) -> bool {
        self.lock(libc::F_OFD_SETLK, libc::F_WRLCK, index).is_some()
    }

    /// Drops lock `index`.
    pub fn release(&self, index: u32) {
        self.lock(libc::F_OFD_SETLK, libc::F_UNLCK, index);
    }

    /// Asks whether another process holds lock `index` (205 ns).
    pub fn probe(&self, index: u32) -> Held {
        match self.lock(libc::F_OFD_GETLK, libc::F_WRLCK, index) {
            None => Held::Unknown,
            Some(lock) if libc::c_int::from(lock.l_type) == libc::F_UNLCK => Held::No,
            Some(_) => Held::Yes,
        }
    }
}

/// A process that cannot be mistaken for a later one with the same pid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// Start time in clock ticks since boot; 0 where /proc is missing.
    pub started: u64,
}

impl Process {
    /// This process.
    pub fn current() -> Self {
        Self::find(std::process::id())
    }

    /// The process that has this pid now.
    pub fn find(pid: u32) -> Self {
        Self {
            pid,
            started: start_time(pid).unwrap_or(0),
        }
    }

    /// True when it has exited, reaped or not. Never true for a living one, stopped or not.
    pub fn is_gone(self) -> bool {
        let Ok(pid) = libc::pid_t::try_from(self.pid) else {
            return true;
        };
        if pid == 0 {
            return true;
        }
        // SAFETY: pidfd_open takes two integers.
        let raw = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
        let exited = if raw >= 0 {
            // SAFETY: a descriptor just opened here.
            let fd = unsafe { OwnedFd::from_raw_fd(raw as RawFd) };
            let mut poll = libc::pollfd {
                fd: fd.as_raw_fd(),
                events: libc::POLLIN,
                revents: 0,
            };
            // SAFETY: one live pollfd; a zero time-out does not block.
            unsafe { libc::poll(&raw mut poll, 1, 0) == 1 && poll.revents & libc::POLLIN != 0 }
        } else if Errno::last().0 == libc::ESRCH {
            true
        } else {
            // No pidfd here (old kernel, no descriptors left): fall back to the process state in /proc.
            matches!(stat(self.pid), Some((b'Z' | b'X', _))) || {
                // SAFETY: signal 0 only asks.
                unsafe { libc::kill(pid, 0) != 0 && Errno::last().0 == libc::ESRCH }
            }
        };
        exited || (self.started != 0 && start_time(self.pid).is_some_and(|now| now != self.started))
    }
}

fn stat(pid: u32) -> Option<(u8, u64)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command name may contain anything, also ")": fields start behind the last one.
    let mut fields = text[text.rfind(')')? + 1..].split_ascii_whitespace();
    let state = *fields.next()?.as_bytes().first()?;
    Some((state, fields.nth(18)?.parse().ok()?))
}

fn start_time(pid: u32) -> Option<u64> {
    stat(pid).map(|(_, started)| started)
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChildStatus {
    /// Not ended yet, or not our child.
    Running,
    /// Ended by exit with this code.
    Exited(i32),
    /// Ended by this signal.
    Killed(i32),
}

/// Looks at a child without reaping it (whoever waits for it still gets its status).
pub fn child_status(pid: u32) -> ChildStatus {
    // SAFETY: an all-zero siginfo is a valid value of this plain C struct.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: a live siginfo buffer; WNOHANG does not block, WNOWAIT does not reap.
    let result = unsafe {
        libc::waitid(
            libc::P_PID,
            pid,
            &raw mut info,
            libc::WEXITED | libc::WNOHANG | libc::WNOWAIT,
        )
    };
    // SAFETY: waitid filled in a child event, or left the zeros: both are valid for these accessors.
    let (ended, status) = unsafe { (info.si_pid() != 0, info.si_status()) };
    match (result, ended, info.si_code) {
        (0, true, libc::CLD_EXITED) => ChildStatus::Exited(status),
        (0, true, _) => ChildStatus::Killed(status),
        _ => ChildStatus::Running,
    }
}

/// Blocks until process `pid` has ended, at most `limit`; true when it has. Does not reap.
pub fn wait_exit(pid: u32, limit: Duration) -> bool {
    let Ok(pid) = libc::pid_t::try_from(pid) else {
        return true;
    };
    // SAFETY: pidfd_open takes two integers.
    let raw = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    if raw < 0 {
        if Errno::last().0 == libc::ESRCH {
            return true;
        }
        // No pidfd here (old kernel, no descriptors left): the caller asks again after a while.
        std::thread::sleep(limit.min(Duration::from_millis(1)));
        return false;
    }
    // SAFETY: a descriptor just opened here.
    let fd = unsafe { OwnedFd::from_raw_fd(raw as RawFd) };
    let mut poll = libc::pollfd {
        fd: fd.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    let milliseconds = limit.as_millis().min(1000) as libc::c_int;
    // SAFETY: one live pollfd.
    unsafe { libc::poll(&raw mut poll, 1, milliseconds) == 1 && poll.revents & libc::POLLIN != 0 }
}

/// Kills a child of ours and reaps it; false when it was reaped already. Blocks until it has ended: nothing stops SIGKILL.
pub fn end_child(child: Process) -> bool {
    let Ok(pid) = libc::pid_t::try_from(child.pid) else {
        return false;
    };
    // Reaped by somebody else, so that the pid may be another's by now.
    let now = start_time(child.pid);
    if pid == 0 || (child.started != 0 && now != Some(child.started)) {
        return false;
    }
    // SAFETY: kill takes two integers.
    unsafe { libc::kill(pid, libc::SIGKILL) };
    reap(pid)
}

/// Waits for a child until it ends; false when somebody else has reaped it.
fn reap(pid: libc::pid_t) -> bool {
    loop {
        // SAFETY: a null status is allowed.
        if unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) } == pid {
            return true;
        }
        if Errno::last().0 != libc::EINTR {
            return false;
        }
    }
}

/// Reaps a child of ours that is about to end by itself; false when it did not within the limit, or was reaped already.
pub fn reap_child(child: Process, limit: Duration) -> bool {
    let Ok(pid) = libc::pid_t::try_from(child.pid) else {
        return false;
    };
    // Reaped by somebody else, so that the pid may be another's by now.
    if pid == 0 || start_time(child.pid) != Some(child.started) {
        return false;
    }
    wait_exit(child.pid, limit);
    // SAFETY: a null status is allowed.
    unsafe { libc::waitpid(pid, std::ptr::null_mut(), libc::WNOHANG) == pid }
}

/// Reaps a child of ours when it ends, however long that takes; false when it was reaped already.
pub fn await_child(child: Process) -> bool {
    let Ok(pid) = libc::pid_t::try_from(child.pid) else {
        return false;
    };
    // Reaped by somebody else, so that the pid may be another's by now.
    if pid == 0 || start_time(child.pid) != Some(child.started) {
        return false;
    }
    reap(pid)
}

/// Ends this process now: nothing that was registered for its end runs, and nobody is waited for.
pub fn exit_now(code: i32) -> ! {
    // SAFETY: takes an integer and does not return.
    unsafe { libc::_exit(code) }
}

/// The pid of our parent.
pub fn parent_pid() -> u32 {
    std::os::unix::process::parent_id()
}

/// Asks the kernel to kill us when `parent` dies, however it dies. False when it is no longer our parent.
pub fn die_with_parent(parent: u32) -> bool {
    // SAFETY: prctl with integer arguments.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    // The parent may have died before the line above took effect.
    parent_pid() == parent
}
