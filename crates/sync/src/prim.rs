//! The only door to atomics: std in products, loom under `--cfg loom`.
#![allow(
    clippy::disallowed_types,
    reason = "this is the shim the rule points to"
)]

#[cfg(loom)]
use loom::sync::atomic as shared;
#[cfg(not(loom))]
use std::sync::atomic as shared;

#[cfg(loom)]
pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard};
pub(crate) use std::sync::atomic::Ordering;
#[cfg(not(loom))]
pub(crate) use std::sync::{Mutex, MutexGuard};

/// What an access leaves behind for loom. To decide which orders of accesses to try, loom remembers the last access of each
/// word only: a thread that loads a word and then changes it hides the load of another thread before it, and loom would
/// never try the other order. Notifying a condition variable that nobody waits for has no effect but that all of these
/// depend on each other, so every order is tried; which values a load may see stays loom's own affair.
#[cfg(loom)]
#[derive(Debug, Default)]
struct Footprint(loom::sync::Condvar);

#[cfg(loom)]
impl Footprint {
    fn leave(&self) {
        self.0.notify_one();
    }
}

#[cfg(not(loom))]
type Footprint = NoFootprint;

#[derive(Debug, Default)]
struct NoFootprint;

impl NoFootprint {
    #[inline]
    fn leave(&self) {}
}

/// Own types, so that a lint can forbid the others everywhere else.
macro_rules! atomic {
    ($(#[$doc:meta])* $name:ident, $inner:ty, $value:ty, $footprint:ty) => {
        $(#[$doc])*
        #[derive(Debug)]
        #[cfg_attr(not(loom), repr(transparent))]
        pub(crate) struct $name($inner, $footprint);

        #[allow(dead_code, reason = "one set of methods for all")]
        impl $name {
            pub(crate) fn new(value: $value) -> Self {
                Self(<$inner>::new(value), <$footprint>::default())
            }

            #[inline]
            pub(crate) fn load(&self, order: Ordering) -> $value {
                self.1.leave();
                self.0.load(order)
            }

            #[inline]
            pub(crate) fn store(&self, value: $value, order: Ordering) {
                self.1.leave();
                self.0.store(value, order);
            }

            #[inline]
            pub(crate) fn swap(&self, value: $value, order: Ordering) -> $value {
                self.1.leave();
                self.0.swap(value, order)
            }

            #[inline]
            pub(crate) fn compare_exchange(
                &self,
                from: $value,
                to: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.1.leave();
                self.0.compare_exchange(from, to, success, failure)
            }

            #[inline]
            pub(crate) fn fetch_add(&self, value: $value, order: Ordering) -> $value {
                self.1.leave();
                self.0.fetch_add(value, order)
            }

            #[inline]
            pub(crate) fn fetch_max(&self, value: $value, order: Ordering) -> $value {
                self.1.leave();
                self.0.fetch_max(value, order)
            }

            #[inline]
            pub(crate) fn fetch_and(&self, value: $value, order: Ordering) -> $value {
                self.1.leave();
                self.0.fetch_and(value, order)
            }

            #[inline]
            pub(crate) fn fetch_or(&self, value: $value, order: Ordering) -> $value {
                self.1.leave();
                self.0.fetch_or(value, order)
            }
        }
    };
}

atomic!(
    /// A shared 32-bit word.
    AtomicU32, shared::AtomicU32, u32, Footprint
);
atomic!(
    /// A shared 64-bit word.
    AtomicU64, shared::AtomicU64, u64, Footprint
);
atomic!(
    /// Bookkeeping private to a process, which no model needs to interleave.
    PlainUsize, std::sync::atomic::AtomicUsize, usize, NoFootprint
);

/// A private 32-bit counter that can be a `static`.
#[cfg(all(feature = "crashpoints", not(loom)))]
pub(crate) type PlainStatic = std::sync::atomic::AtomicU32;

#[cfg(not(loom))]
impl AtomicU32 {
    /// The word at an address.
    ///
    /// # Safety
    /// - `address` is aligned to 4 and valid for reads and writes for `'a`;
    /// - all accesses to it are atomic.
    #[inline]
    pub(crate) unsafe fn at<'a>(address: *mut u8) -> &'a Self {
        // SAFETY: promised by the caller; the type is transparent over the word.
        unsafe { &*address.cast::<Self>() }
    }

    /// Its address, for the kernel.
    pub(crate) fn address(&self) -> *const u32 {
        self.0.as_ptr()
    }
}

#[cfg(not(loom))]
impl AtomicU64 {
    /// The word at an address.
    ///
    /// # Safety
    /// - `address` is aligned to 8 and valid for reads and writes for `'a`;
    /// - all accesses to it are atomic.
    #[inline]
    pub(crate) unsafe fn at<'a>(address: *mut u8) -> &'a Self {
        // SAFETY: promised by the caller; the type is transparent over the word.
        unsafe { &*address.cast::<Self>() }
    }
}

/// Orders an earlier sequentially consistent read-modify-write before later loads.
///
/// On x86 the locked instruction already did; elsewhere, and for loom, it takes a fence.
#[inline]
pub(crate) fn fence_after_rmw() {
    #[cfg(all(target_arch = "x86_64", not(loom)))]
    shared::compiler_fence(Ordering::SeqCst);
    #[cfg(not(all(target_arch = "x86_64", not(loom))))]
    shared::fence(Ordering::SeqCst);
}

/// Tells the CPU (or loom) that this is a spin loop.
#[inline]
pub(crate) fn spin_hint() {
    #[cfg(loom)]
    loom::thread::yield_now();
    #[cfg(not(loom))]
    std::hint::spin_loop();
}
