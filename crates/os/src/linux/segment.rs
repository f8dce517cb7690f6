//! A sealed memfd, mapped once over a large reserved range of addresses and grown by ftruncate.

use crate::Errno;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// Shared memory at one fixed address of this process. Bytes beyond [`Segment::len`] must not be touched.
///
/// The mapping is never unmapped: JavaScript may hold views of it until the process ends.
#[derive(Debug)]
pub struct Segment {
    fd: OwnedFd,
    base: *mut u8,
    reserved: usize,
}

// SAFETY: the mapping lives as long as the process and `base` is only an address; who may touch which byte is decided above.
unsafe impl Send for Segment {}
// SAFETY: as above; every method is a system call on an fd or reads plain fields.
unsafe impl Sync for Segment {}

impl Segment {
    /// New shared memory of `first` bytes; tries to reserve the lengths of addresses in `reserve` in that order.
    pub fn create(first: usize, reserve: &[usize]) -> Result<Self, Errno> {
        // SAFETY: a NUL-terminated name and valid flags.
        let raw = unsafe {
            libc::memfd_create(
                c"manyhands".as_ptr(),
                libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING,
            )
        };
        if raw < 0 {
            return Err(Errno::last());
        }
        // SAFETY: memfd_create just gave us this descriptor; nobody else owns it.
        let fd = unsafe { OwnedFd::from_raw_fd(raw) };
        truncate(raw, first)?;
        // Sealed against shrinking: no peer can turn a mapped page into a SIGBUS.
        // SAFETY: fcntl on an fd we own with an integer argument.
        if unsafe { libc::fcntl(raw, libc::F_ADD_SEALS, libc::F_SEAL_SHRINK) } != 0 {
            return Err(Errno::last());
        }
        Self::map(fd, reserve)
    }

    /// Shared memory that another process created and passed on as `raw`. EINVAL when it is no sealed memfd.
    pub fn attach(raw: RawFd, reserve: &[usize]) -> Result<Self, Errno> {
        // SAFETY: fcntl with integer arguments; a wrong fd gives EBADF.
        let seals = unsafe { libc::fcntl(raw, libc::F_GET_SEALS) };
        if seals < 0 {
            return Err(Errno::last());
        }
        if seals & libc::F_SEAL_SHRINK == 0 {
            return Err(Errno(libc::EINVAL));
        }
        // Programs that the user starts later must not inherit it by accident.
        // SAFETY: as above.
        unsafe { libc::fcntl(raw, libc::F_SETFD, libc::FD_CLOEXEC) };
        // SAFETY: the caller hands this descriptor over; it stays open until the process ends.
        Self::map(unsafe { OwnedFd::from_raw_fd(raw) }, reserve)
    }

    fn map(fd: OwnedFd, reserve: &[usize]) -> Result<Self, Errno> {
        for &reserved in reserve {
            // SAFETY: a fresh shared mapping at an address the kernel chooses; it cannot overlap anything of ours.
            let base = unsafe {
                libc::mmap(
                    std::ptr::null_mut(),
                    reserved,
                    libc::PROT_READ | libc::PROT_WRITE,
                    libc::MAP_SHARED | libc::MAP_NORESERVE,
                    fd.as_raw_fd(),
                    0,
                )
            };
            if base != libc::MAP_FAILED {
                return Ok(Self {
                    fd,
                    base: base.cast(),
                    reserved,
                });
            }
        }
        Err(Errno::last())
    }

    /// First byte of the mapping; page-aligned.
    pub fn base(&self) -> *mut u8 {
        self.base
    }

    /// Bytes of address space this process has reserved.
    pub fn reserved(&self) -> usize {
        self.reserved
    }

    /// The descriptor to pass to children.
    pub fn fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// Bytes that exist now (other processes may have grown it) and are mapped here.
    #[expect(clippy::len_without_is_empty, reason = "a segment is never empty")]
    pub fn len(&self) -> Result<usize, Errno> {
        // SAFETY: an all-zero stat is a valid value of this plain C struct.
        let mut stat: libc::stat = unsafe { std::mem::zeroed() };
        // SAFETY: a live stat buffer and an fd we own.
        if unsafe { libc::fstat(self.fd(), &raw mut stat) } != 0 {
            return Err(Errno::last());
        }
        Ok(usize::try_from(stat.st_size)
            .unwrap_or(0)
            .min(self.reserved))
    }

    /// Makes at least `bytes` exist. Growing to less than there already is does nothing.
    pub fn grow(&self, bytes: usize) -> Result<(), Errno> {
        match truncate(self.fd(), bytes) {
            // The seal refused to shrink: somebody has grown it further meanwhile.
            Err(Errno(libc::EPERM)) => Ok(()),
            other => other,
        }
    }

    /// Bytes of memory that the machine has.
    pub fn machine_bytes() -> u64 {
        // SAFETY: sysconf takes a number and returns one; -1 when it does not know.
        let (pages, page) = unsafe {
            (
                libc::sysconf(libc::_SC_PHYS_PAGES),
                libc::sysconf(libc::_SC_PAGESIZE),
            )
        };
        u64::try_from(pages).unwrap_or(0) * u64::try_from(page).unwrap_or(0)
    }

    /// Gives the pages of a range back to the system; they read as zero afterwards. A hint: failure changes nothing.
    pub fn punch(&self, offset: usize, bytes: usize) {
        // SAFETY: fallocate on an fd we own; the range is checked by the kernel.
        unsafe {
            libc::fallocate(
                self.fd(),
                libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE,
                offset.cast_signed() as libc::off_t,
                bytes.cast_signed() as libc::off_t,
            );
        }
    }
}

fn truncate(fd: RawFd, bytes: usize) -> Result<(), Errno> {
    // SAFETY: ftruncate on a descriptor with an integer length.
    if unsafe { libc::ftruncate(fd, bytes.cast_signed() as libc::off_t) } == 0 {
        Ok(())
    } else {
        Err(Errno::last())
    }
}
