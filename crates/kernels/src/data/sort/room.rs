//! Memory that the chunks of a stage write at disjoint places.

use super::Fresh;

/// Room for `n` plain values, zero until written; the system gives pages as they are touched.
pub(super) struct Room<T> {
    data: *mut T,
    n: usize,
}

// SAFETY: access goes through `part` and `as_ptr`, whose callers keep the parts of one stage apart.
unsafe impl<T: Send> Send for Room<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Room<T> {}

impl<T: Copy + Default> Room<T> {
    pub(super) fn new(n: usize, fresh: Fresh) -> Self {
        let data: *mut T = Box::into_raw(vec![T::default(); n].into_boxed_slice()).cast();
        fresh(data.cast(), n * size_of::<T>());
        Self { data, n }
    }

    pub(super) fn as_ptr(&self) -> *mut T {
        self.data
    }

    /// # Safety
    /// Nobody else uses any of `start .. start + n` as long as the result lives.
    #[allow(
        clippy::mut_from_ref,
        reason = "memory of its own; the caller keeps the parts apart"
    )]
    pub(super) unsafe fn part(&self, start: usize, n: usize) -> &mut [T] {
        assert!(start + n <= self.n);
        // SAFETY: within the room; the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.data.add(start), n) }
    }
}

impl<T> Drop for Room<T> {
    fn drop(&mut self) {
        // SAFETY: from `new`, and nobody uses it any more.
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(self.data, self.n)) });
    }
}
