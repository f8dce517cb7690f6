//! Memory that several threads use at disjoint times or places.

/// Room for `n` plain values.
pub(super) struct Room<T> {
    data: *mut T,
    n: usize,
}

// SAFETY: access goes through `as_ptr`, whose users keep apart what several threads do.
unsafe impl<T: Send> Send for Room<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Room<T> {}

impl<T: Copy + Default> Room<T> {
    pub(super) fn new(n: usize) -> Self {
        let data = Box::into_raw(vec![T::default(); n].into_boxed_slice()).cast();
        Self { data, n }
    }

    pub(super) fn as_ptr(&self) -> *mut T {
        self.data
    }
}

impl<T> Drop for Room<T> {
    fn drop(&mut self) {
        // SAFETY: from `new`, and nobody uses it any more.
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(self.data, self.n)) });
    }
}
