//! The threads of this process: which there are, and whether one has ended.

use crate::Errno;
use std::ffi::CStr;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

const FOLDER: &CStr = c"/proc/self/task";

/// Links of a folder of /proc that are no threads: its own and that of the folder above.
const OTHER_LINKS: u64 = 2;

/// Listings that are tried: more than two are needed only when a thread ended beside one.
const TRIES: u32 = 32;

/// The id of the calling thread.
pub fn current_thread() -> u32 {
    // SAFETY: takes nothing and touches nothing.
    unsafe { libc::gettid() }.cast_unsigned()
}

/// What to list the threads of this process by, also when no descriptor is left by then; none where the system does not
/// tell of them.
pub fn open_threads() -> Result<Option<OwnedFd>, Errno> {
    // SAFETY: a NUL-terminated path and valid flags.
    let raw = unsafe {
        libc::open(
            FOLDER.as_ptr(),
            libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC,
        )
    };
    if raw >= 0 {
        // SAFETY: a descriptor just opened here.
        return Ok(Some(unsafe { OwnedFd::from_raw_fd(raw) }));
    }
    match Errno::last() {
        errno @ Errno(libc::EMFILE | libc::ENFILE) => Err(errno),
        _ => Ok(None),
    }
}

/// The ids of all threads of this process, in no order; empty where the system does not tell.
pub fn threads(folder: RawFd) -> Vec<u32> {
    // A listing beside the end of a thread may end there and miss those behind it. It may have as many as the kernel says
    // there are even so, with the thread that ended in place of one that it missed; but no thread ends twice.
    let mut last = None;
    for _ in 0..TRIES {
        let ids = listed(folder);
        if let Some(ids) = &ids
            && last.as_ref() == Some(ids)
            && Some(ids.len() as u64 + OTHER_LINKS) == links(folder)
        {
            return ids.clone();
        }
        last = ids;
    }
    Vec::new()
}

fn links(folder: RawFd) -> Option<u64> {
    // SAFETY: an all-zero stat is a valid value of this plain C struct.
    let mut stat: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: a live stat buffer; a wrong descriptor gives EBADF.
    let failed = unsafe { libc::fstat(folder, &raw mut stat) } != 0;
    #[allow(
        clippy::useless_conversion,
        reason = "its type differs between architectures"
    )]
    (!failed).then_some(u64::from(stat.st_nlink))
}

/// One pass over the folder, without a descriptor or a buffer of the C library.
fn listed(folder: RawFd) -> Option<Vec<u32>> {
    /// Of `struct linux_dirent64`: where its length and its name are.
    const LENGTH: usize = 16;
    const NAME: usize = 19;
    // SAFETY: lseek on a descriptor with integer arguments; a wrong one gives EBADF.
    if unsafe { libc::lseek(folder, 0, libc::SEEK_SET) } != 0 {
        return None;
    }
    let mut ids = Vec::new();
    let mut buffer = [0u8; 4096];
    loop {
        // SAFETY: the kernel writes at most as many bytes as the live buffer has.
        let filled = unsafe {
            libc::syscall(
                libc::SYS_getdents64,
                folder,
                buffer.as_mut_ptr(),
                buffer.len(),
            )
        };
        let mut rest = buffer.get(..usize::try_from(filled).ok()?)?;
        if rest.is_empty() {
            return Some(ids);
        }
        while let Some(&[low, high]) = rest.get(LENGTH..LENGTH + 2) {
            let (entry, next) =
                rest.split_at_checked(usize::from(u16::from_ne_bytes([low, high])))?;
            let name = CStr::from_bytes_until_nul(entry.get(NAME..)?).ok()?;
            ids.extend(name.to_str().ok().and_then(|name| name.parse::<u32>().ok()));
            rest = next;
        }
    }
}

/// Whether no thread of this process has an id that `threads` gave. False where the system does not tell.
pub fn thread_is_gone(id: u32) -> bool {
    // Asked of /proc, as the ids are from there: where it is that of another PID namespace, no system call knows them.
    let folder = FOLDER.to_string_lossy();
    let own = std::fs::metadata(format!("{folder}/{id}"));
    own.is_err_and(|error| error.raw_os_error() == Some(libc::ENOENT))
        && std::fs::metadata(folder.as_ref()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::IntoRawFd;
    use std::sync::OnceLock;

    #[test]
    fn a_thread_is_listed_while_it_lives() {
        let folder = open_threads()
            .ok()
            .flatten()
            .map_or(-1, IntoRawFd::into_raw_fd);
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let before = threads(folder);
        let (say, said) = std::sync::mpsc::channel();
        let other = std::thread::spawn(move || {
            // SAFETY: takes nothing and touches nothing.
            let id = u32::try_from(unsafe { libc::gettid() }).unwrap_or(0);
            say.send(id).ok();
            stopped.recv().ok();
        });
        let id = said.recv().unwrap_or(0);
        let now = threads(folder);
        assert!(!before.contains(&id) && now.contains(&id) && !thread_is_gone(id));
        drop(stop);
        assert!(other.join().is_ok());
        // The kernel wakes who joins before it forgets the thread.
        while !thread_is_gone(id) {
            std::thread::yield_now();
        }
        assert!(!threads(folder).contains(&id));
        crate::close(folder);
    }

    #[test]
    fn a_thread_is_listed_while_others_end() {
        const STARTS: usize = 2000;
        let folder = open_threads()
            .ok()
            .flatten()
            .map_or(-1, IntoRawFd::into_raw_fd);
        let done = OnceLock::new();
        let listed = std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while done.get().is_none() {
                        assert!(std::thread::spawn(|| ()).join().is_ok());
                    }
                });
            }
            let mut complete = 0;
            for _ in 0..STARTS {
                let (say, said) = std::sync::mpsc::channel();
                let (stop, stopped) = std::sync::mpsc::channel::<()>();
                let other = scope.spawn(move || {
                    say.send(current_thread()).ok();
                    stopped.recv().ok();
                });
                let id = said.recv().unwrap_or(0);
                let ids = threads(folder);
                complete += usize::from(!ids.is_empty());
                let found = ids.is_empty() || ids.contains(&id);
                drop(stop);
                assert!(other.join().is_ok());
                if !found {
                    done.get_or_init(|| ());
                    panic!("{id} is not among {ids:?}");
                }
            }
            done.get_or_init(|| ());
            complete
        });
        assert!(listed > STARTS / 2, "{listed}");
        crate::close(folder);
    }
}
