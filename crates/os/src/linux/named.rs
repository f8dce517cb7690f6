//! Shared memory with a name, as POSIX `shm_open` gives it: a file in /dev/shm that any process may attach.

use crate::Errno;
use std::ffi::{CStr, CString};
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

/// Where glibc and musl keep shared memory.
const FOLDER: &CStr = c"/dev/shm";

/// Memory of `size` bytes without a name yet: it goes with this process if that dies before `publish`. All its pages
/// exist, so that touching them can never end in SIGBUS; ENOSPC when /dev/shm has no room for them.
pub fn prepare(size: usize) -> Result<OwnedFd, Errno> {
    // SAFETY: a NUL-terminated path and valid flags.
    let raw = unsafe {
        libc::open(
            FOLDER.as_ptr(),
            libc::O_TMPFILE | libc::O_RDWR | libc::O_CLOEXEC,
            0o600,
        )
    };
    if raw < 0 {
        return Err(Errno::last());
    }
    // SAFETY: a descriptor just opened here.
    let fd = unsafe { OwnedFd::from_raw_fd(raw) };
    let length = libc::off_t::try_from(size).map_err(|_| Errno(libc::ENOMEM))?;
    // SAFETY: posix_fallocate on a descriptor of ours with integer arguments.
    match unsafe { libc::posix_fallocate(raw, 0, length) } {
        0 => Ok(fd),
        errno => Err(Errno(errno)),
    }
}

/// Gives prepared memory a name in one step; EEXIST when another has it.
pub fn publish(fd: RawFd, name: &str) -> Result<(), Errno> {
    let target = path(name)?;
    let own = CString::new(format!("/proc/self/fd/{fd}")).map_err(|_| Errno(libc::EINVAL))?;
    match link(libc::AT_FDCWD, &own, &target, libc::AT_SYMLINK_FOLLOW) {
        // There is no /proc. The descriptor itself may be named by root, and by its opener since Linux 6.10.
        Err(Errno(libc::ENOENT)) => link(fd, c"", &target, libc::AT_EMPTY_PATH),
        result => result,
    }
}

fn link(folder: RawFd, from: &CStr, to: &CStr, flags: libc::c_int) -> Result<(), Errno> {
    // SAFETY: two NUL-terminated paths that outlive the call; a wrong descriptor gives EBADF.
    match unsafe { libc::linkat(folder, from.as_ptr(), libc::AT_FDCWD, to.as_ptr(), flags) } {
        0 => Ok(()),
        _ => Err(Errno::last()),
    }
}

/// Opens what somebody else made; ENOENT when there is none of that name.
pub fn open(name: &str) -> Result<OwnedFd, Errno> {
    let path = path(name)?;
    // SAFETY: a NUL-terminated path and valid flags.
    let raw = unsafe {
        libc::open(
            path.as_ptr(),
            libc::O_RDWR | libc::O_CLOEXEC | libc::O_NOFOLLOW,
        )
    };
    if raw < 0 {
        return Err(Errno::last());
    }
    // SAFETY: a descriptor just opened here.
    Ok(unsafe { OwnedFd::from_raw_fd(raw) })
}

/// Size in bytes, and the number that tells this memory from a later one of the same name.
pub fn size_and_inode(fd: RawFd) -> Result<(u64, u64), Errno> {
    // SAFETY: an all-zero stat is a valid value of this plain C struct.
    let mut stat: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: a live stat buffer; a wrong descriptor gives EBADF.
    if unsafe { libc::fstat(fd, &raw mut stat) } != 0 {
        return Err(Errno::last());
    }
    Ok((u64::try_from(stat.st_size).unwrap_or(0), stat.st_ino))
}

/// Maps the first `length` bytes, readable and writable. The mapping outlives the descriptor.
pub fn map(fd: RawFd, length: usize) -> Result<Mapping, Errno> {
    // SAFETY: a fresh shared mapping at an address the kernel chooses; a wrong descriptor gives EBADF.
    let start = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            length,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED,
            fd,
            0,
        )
    };
    if start == libc::MAP_FAILED {
        return Err(Errno::last());
    }
    Ok(Mapping {
        start: start.cast(),
        length,
    })
}

/// A mapped range of addresses. Not unmapped when dropped: `unmap` says when nobody can look at it any more.
#[derive(Clone, Copy, Debug)]
pub struct Mapping {
    /// First byte.
    pub start: *mut u8,
    /// Bytes that are mapped.
    pub length: usize,
}

impl Mapping {
    /// Gives the addresses back.
    ///
    /// # Safety
    ///
    /// It is a mapping that [`map`] gave, unmapped once, and nothing refers to its bytes any more.
    pub unsafe fn unmap(self) {
        // SAFETY: what the caller promises.
        unsafe { libc::munmap(self.start.cast(), self.length) };
    }
}

/// Removes a name; the memory stays for those who are attached. ENOENT when it is gone already.
pub fn unlink(name: &str) -> Result<(), Errno> {
    let path = path(name)?;
    // SAFETY: a NUL-terminated path that outlives the call.
    if unsafe { libc::unlink(path.as_ptr()) } == 0 {
        Ok(())
    } else {
        Err(Errno::last())
    }
}

fn path(name: &str) -> Result<CString, Errno> {
    if name.is_empty() || name.contains('/') || name == "." || name == ".." {
        return Err(Errno(libc::EINVAL));
    }
    CString::new(format!("{}/{name}", FOLDER.to_string_lossy())).map_err(|_| Errno(libc::EINVAL))
}
