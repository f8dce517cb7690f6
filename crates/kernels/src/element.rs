//! Typed arrays as kernels see them: an element type, an address and a length.

use crate::prefetch::visit_pages;
use crate::streaming::LINE;
use std::ops::Range;

/// The element types of JavaScript's typed arrays, by the numbers that programs use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ElementKind {
    /// `Int8Array`
    I8 = 0,
    /// `Uint8Array`
    U8 = 1,
    /// `Uint8ClampedArray`
    U8Clamped = 2,
    /// `Int16Array`
    I16 = 3,
    /// `Uint16Array`
    U16 = 4,
    /// `Int32Array`
    I32 = 5,
    /// `Uint32Array`
    U32 = 6,
    /// `Float32Array`
    F32 = 7,
    /// `Float64Array`
    F64 = 8,
    /// `BigInt64Array`
    I64 = 9,
    /// `BigUint64Array`
    U64 = 10,
}

impl ElementKind {
    /// Every kind, in the order of its number.
    pub const ALL: [Self; 11] = [
        Self::I8,
        Self::U8,
        Self::U8Clamped,
        Self::I16,
        Self::U16,
        Self::I32,
        Self::U32,
        Self::F32,
        Self::F64,
        Self::I64,
        Self::U64,
    ];

    /// The kind of this number; `None`: there is none.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.get(number as usize).copied()
    }

    /// Bytes of one element, which is also its alignment.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::I8 | Self::U8 | Self::U8Clamped => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::F64 | Self::I64 | Self::U64 => 8,
        }
    }
}

/// A typed array that a kernel reads. The caller keeps its memory alive and in place as long as it is used.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// What its elements are.
    pub kind: ElementKind,
    /// The first element, aligned for its kind; anything aligned when `length` is 0.
    pub data: *const u8,
    /// Number of elements.
    pub length: usize,
}

// SAFETY: a column is an address; whoever makes it answers for the memory behind it on every thread.
unsafe impl Send for Column {}
// SAFETY: as above; nothing here writes through it.
unsafe impl Sync for Column {}

impl Column {
    /// Looks up where the pages of some elements are: see [`visit_pages`].
    ///
    /// # Safety
    /// The range is within the array, whose memory is alive.
    pub(crate) unsafe fn visit_pages(&self, range: Range<usize>) {
        let width = self.kind.bytes();
        // SAFETY: promised by the caller.
        let bytes = unsafe {
            std::slice::from_raw_parts(self.data.add(range.start * width), range.len() * width)
        };
        visit_pages(bytes);
    }
}

/// A typed array that a kernel writes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What its elements are.
    pub kind: ElementKind,
    /// The first element, aligned for its kind.
    pub data: *mut u8,
    /// Number of elements.
    pub length: usize,
}

impl Target {
    /// Number of chunks of so many `elements`.
    #[must_use]
    pub fn chunks(&self, elements: usize) -> usize {
        self.length.div_ceil(elements)
    }

    /// The elements of one of them: all but the first begin with a line of the caches, where elements do.
    #[must_use]
    pub fn chunk(&self, index: usize, elements: usize) -> Range<usize> {
        let lead = self.data.align_offset(LINE) / self.kind.bytes();
        let boundary = |index: usize| {
            let from_line = if index == 0 { 0 } else { lead };
            (index * elements + from_line).min(self.length)
        };
        boundary(index)..boundary(index + 1)
    }
}

// SAFETY: as for `Column`; threads write disjoint ranges.
unsafe impl Send for Target {}
// SAFETY: as for `Column`; threads write disjoint ranges.
unsafe impl Sync for Target {}
