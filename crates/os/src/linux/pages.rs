//! Pages of ordinary memory.

use crate::Errno;
use std::ptr::NonNull;

const PAGE: usize = 4096;
const LARGE: usize = 2 * 1024 * 1024;
/// Whole pages on every machine: those of arm64 have up to so many bytes.
const WHOLE: usize = 64 * 1024;

/// Asks for large pages where the whole of them lies within this range, before it is first touched: writing to 80 MB of new
/// memory then costs 40 faults in place of 20,000. A hint; what stands in the memory stays, and a system without large
/// pages does as before.
pub fn prefer_large_pages(start: *const u8, bytes: usize) {
    if bytes < 2 * LARGE {
        return;
    }
    let first = (start as usize).next_multiple_of(PAGE);
    let last = (start as usize + bytes) & !(PAGE - 1);
    // SAFETY: the advice changes how pages are made, not what they hold; for addresses that are not mapped it fails.
    unsafe {
        libc::madvise(
            first as *mut libc::c_void,
            last - first,
            libc::MADV_HUGEPAGE,
        );
    }
}

/// Memory of this process alone that begins with a large page; the system has it back when this is dropped.
#[derive(Debug)]
pub struct Pages {
    start: NonNull<u8>,
    bytes: usize,
}

// SAFETY: plain memory, owned: any thread may use it and give it back.
unsafe impl Send for Pages {}

impl Pages {
    /// At least so many bytes, all zero.
    ///
    /// # Errors
    /// The system has no memory left.
    pub fn new(bytes: usize) -> Result<Self, Errno> {
        let bytes = bytes.max(1).next_multiple_of(WHOLE);
        let room = bytes + LARGE;
        // SAFETY: a new mapping at a place of the system's choice.
        let mapped = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                room,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if mapped == libc::MAP_FAILED {
            return Err(Errno::last());
        }
        let before = (mapped as usize).next_multiple_of(LARGE) - mapped as usize;
        let start = mapped.cast::<u8>().wrapping_add(before);
        // SAFETY: both ranges are whole pages of the mapping just made, which nobody has used; none is null.
        let start = unsafe {
            unmap(mapped.cast(), before);
            unmap(start.wrapping_add(bytes), room - before - bytes);
            NonNull::new_unchecked(start)
        };
        prefer_large_pages(start.as_ptr(), bytes);
        Ok(Self { start, bytes })
    }

    /// Where it begins.
    #[must_use]
    pub fn start(&self) -> *mut u8 {
        self.start.as_ptr()
    }

    /// How many bytes it has.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`, and owned.
        unsafe { unmap(self.start.as_ptr(), self.bytes) };
    }
}

/// # Safety
/// Whole pages, mapped, and used by nobody any more.
unsafe fn unmap(start: *mut u8, bytes: usize) {
    if bytes > 0 {
        // SAFETY: by the promise of the caller.
        unsafe { libc::munmap(start.cast(), bytes) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_begin_with_a_large_page_are_zero_and_go_back_to_the_system() {
        let pages = Pages::new(3 * LARGE + 1).expect("memory");
        assert_eq!(pages.start() as usize % LARGE, 0);
        assert_eq!(pages.bytes(), 3 * LARGE + WHOLE);
        // SAFETY: as many bytes as there are, owned by `pages`.
        let bytes = unsafe { std::slice::from_raw_parts_mut(pages.start(), pages.bytes()) };
        assert!(bytes.iter().all(|&byte| byte == 0));
        bytes.fill(7);
        let (start, last) = (pages.start(), pages.bytes() - WHOLE);
        drop(pages);
        let mut resident = 0u8;
        for place in [0, last] {
            // SAFETY: asks about one page; where nothing is mapped it fails.
            let status =
                unsafe { libc::mincore(start.wrapping_add(place).cast(), PAGE, &raw mut resident) };
            assert_eq!(status, -1, "still mapped");
        }
    }

    #[test]
    fn more_than_there_is_is_an_error() {
        assert_eq!(Pages::new(1 << 60).err(), Some(Errno(libc::ENOMEM)));
    }
}
