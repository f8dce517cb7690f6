//! Doorbells for event loops: a pipe whose read end a loop watches, one byte per ring.

use crate::Errno;
use std::ffi::CString;
use std::os::fd::RawFd;

/// A new non-blocking pipe, both ends close-on-exec: (read end, write end).
pub fn pipe() -> Result<(RawFd, RawFd), Errno> {
    let mut ends = [0; 2];
    // SAFETY: `ends` is a live array of two ints, as pipe2 requires.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_NONBLOCK | libc::O_CLOEXEC) } == 0 {
        Ok((ends[0], ends[1]))
    } else {
        Err(Errno::last())
    }
}

/// Writes one byte. False when nobody can be behind it any more (a full pipe counts as rung).
pub fn ring(fd: RawFd) -> bool {
    let byte = 1u8;
    // SAFETY: one readable byte; a wrong fd gives EBADF.
    let written = unsafe { libc::write(fd, (&raw const byte).cast(), 1) };
    written == 1 || matches!(Errno::last().0, libc::EAGAIN | libc::EINTR)
}

/// Reads whatever is in the pipe, so that it is silent again.
pub fn drain(fd: RawFd) {
    let mut bytes = [0u8; 64];
    loop {
        // SAFETY: 64 writable bytes; the pipe is non-blocking, so this ends with EAGAIN.
        let read = unsafe { libc::read(fd, bytes.as_mut_ptr().cast(), bytes.len()) };
        if read < 64 {
            return;
        }
    }
}

/// Opens for writing the pipe that process `pid` knows as `fd`; needs /proc and the same user.
pub fn open_peer(pid: u32, fd: u32) -> Result<RawFd, Errno> {
    let path = CString::new(format!("/proc/{pid}/fd/{fd}")).map_err(|_| Errno(libc::EINVAL))?;
    // SAFETY: `path` is NUL-terminated and outlives the call.
    let peer = unsafe {
        libc::open(
            path.as_ptr(),
            libc::O_WRONLY | libc::O_NONBLOCK | libc::O_CLOEXEC,
        )
    };
    if peer < 0 {
        return Err(Errno::last());
    }
    // SAFETY: an all-zero stat is a valid value of this plain C struct.
    let mut kind: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: `kind` is a live stat buffer and `peer` an open fd.
    let stat = unsafe { libc::fstat(peer, &raw mut kind) };
    // The peer may have closed its pipe and opened something else under that number: never write there.
    if stat != 0 || kind.st_mode & libc::S_IFMT != libc::S_IFIFO {
        close(peer);
        return Err(Errno(libc::EBADF));
    }
    Ok(peer)
}

/// A descriptor that is good for nothing but being closed, when another one is needed and there is none left; `None` when
/// there is none left already.
pub fn spare() -> Option<RawFd> {
    // SAFETY: eventfd takes two integers.
    let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC) };
    (fd >= 0).then_some(fd)
}

/// What tells a pipe from every other file that may get its number later; 0 when there is no such file.
pub fn identity(fd: RawFd) -> u64 {
    // SAFETY: an all-zero stat is a valid value of this plain C struct.
    let mut file: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: `file` is a live stat buffer; a wrong fd gives EBADF.
    let known = unsafe { libc::fstat(fd, &raw mut file) } == 0;
    if known && file.st_mode & libc::S_IFMT == libc::S_IFIFO {
        file.st_ino
    } else {
        0
    }
}

/// Closes a descriptor this process owns.
pub fn close(fd: RawFd) {
    if fd >= 0 {
        // SAFETY: closing is memory-safe for any number; the owner calls this once.
        unsafe { libc::close(fd) };
    }
}
