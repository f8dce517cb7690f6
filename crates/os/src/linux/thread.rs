//! The threads of this process: which there are, and whether one has ended.

use crate::Errno;
use std::os::unix::fs::MetadataExt;

const FOLDER: &str = "/proc/self/task";

/// Links of a folder of /proc that are no threads: its own and that of the folder above.
const OTHER_LINKS: u64 = 2;

/// Listings that are tried: another is needed only when a thread ended beside one.
const TRIES: u32 = 16;

/// The ids of all threads of this process, in no order; empty where the system does not tell. An error when there is no
/// descriptor left to ask with.
pub fn threads() -> Result<Vec<u32>, Errno> {
    // A listing beside the end of a thread may miss others: it counts when it has as many as the kernel says there are.
    for _ in 0..TRIES {
        let ids = match listed() {
            Ok(ids) => ids,
            Err(error) => match error.raw_os_error() {
                Some(errno @ (libc::EMFILE | libc::ENFILE)) => return Err(Errno(errno)),
                _ => break,
            },
        };
        let links = std::fs::metadata(FOLDER).map_or(0, |folder| folder.nlink());
        if ids.len() as u64 + OTHER_LINKS == links {
            return Ok(ids);
        }
    }
    Ok(Vec::new())
}

fn listed() -> std::io::Result<Vec<u32>> {
    let mut ids = Vec::new();
    for entry in std::fs::read_dir(FOLDER)? {
        ids.extend(
            entry?
                .file_name()
                .to_str()
                .and_then(|name| name.parse::<u32>().ok()),
        );
    }
    Ok(ids)
}

/// Whether no thread of this process has an id that `threads` gave. False where the system does not tell.
pub fn thread_is_gone(id: u32) -> bool {
    // Asked of /proc, as the ids are from there: where it is that of another PID namespace, no system call knows them.
    let own = std::fs::metadata(format!("{FOLDER}/{id}"));
    own.is_err_and(|error| error.raw_os_error() == Some(libc::ENOENT))
        && std::fs::metadata(FOLDER).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_listed_while_it_lives() {
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let before = threads().unwrap_or_default();
        let (say, said) = std::sync::mpsc::channel();
        let other = std::thread::spawn(move || {
            // SAFETY: takes nothing and touches nothing.
            let id = u32::try_from(unsafe { libc::gettid() }).unwrap_or(0);
            say.send(id).ok();
            stopped.recv().ok();
        });
        let id = said.recv().unwrap_or(0);
        let now = threads().unwrap_or_default();
        assert!(!before.contains(&id) && now.contains(&id) && !thread_is_gone(id));
        drop(stop);
        assert!(other.join().is_ok());
        // The kernel wakes who joins before it forgets the thread.
        while !thread_is_gone(id) {
            std::thread::yield_now();
        }
        assert!(threads().is_ok_and(|ids| !ids.contains(&id)));
    }
}
