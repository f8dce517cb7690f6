//! Wait and wake on a word that several processes share: a futex without the PRIVATE flag.

use std::time::Duration;

fn futex(word: *const u32, operation: i32, value: u32, timeout: *const libc::timespec) -> i64 {
    // SAFETY: the kernel validates `word` itself (EFAULT), `timeout` is null or points to a live timespec.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word,
            operation,
            value,
            timeout,
            0usize,
            0u32,
        )
    }
}

/// Sleeps while `*word == expected`, at most `limit`. Also returns early on a wake, a signal or a changed word:
/// the caller re-checks its condition.
pub fn wait(word: *const u32, expected: u32, limit: Duration) {
    let timeout = libc::timespec {
        tv_sec: limit.as_secs().min(3600).cast_signed(),
        tv_nsec: i64::from(limit.subsec_nanos()),
    };
    futex(word, libc::FUTEX_WAIT, expected, &raw const timeout);
}

/// Wakes everybody who waits on `word` (in this design: one participant at most).
pub fn wake(word: *const u32) {
    futex(
        word,
        libc::FUTEX_WAKE,
        i32::MAX.cast_unsigned(),
        std::ptr::null(),
    );
}
