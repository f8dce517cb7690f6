//! The only door to atomics: std in products, loom under `--cfg loom`.
#![allow(
    clippy::disallowed_types,
    reason = "this is the shim the rule points to"
)]

#[cfg(loom)]
pub use loom::sync::atomic::{AtomicU32, AtomicU64, fence};
#[cfg(not(loom))]
pub use std::sync::atomic::{AtomicU32, AtomicU64, fence};

// Process-local bookkeeping that no model needs to interleave.
pub use std::sync::atomic::{AtomicU32 as PlainU32, AtomicUsize as PlainUsize, Ordering};

/// Orders an earlier sequentially consistent read-modify-write before later loads.
///
/// On x86 the locked instruction already did; elsewhere, and for loom, it takes a fence.
#[inline]
pub fn fence_after_rmw() {
    #[cfg(all(target_arch = "x86_64", not(loom)))]
    std::sync::atomic::compiler_fence(Ordering::SeqCst);
    #[cfg(not(all(target_arch = "x86_64", not(loom))))]
    fence(Ordering::SeqCst);
}

/// Tells the CPU (or loom) that this is a spin loop.
#[inline]
pub fn spin_hint() {
    #[cfg(loom)]
    loom::thread::yield_now();
    #[cfg(not(loom))]
    std::hint::spin_loop();
}
