//! What a program runs over: its columns and captured arrays, checked against what it was compiled for.

use crate::element::Column;
use crate::program::Program;
use std::ops::Range;

/// Columns and captured arrays of one call.
#[derive(Clone, Debug)]
pub struct Bound {
    columns: Vec<Column>,
    captured: Vec<Column>,
    length: usize,
}

/// The arrays are not those that the program was compiled for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mismatch;

impl Bound {
    /// Binds arrays to a program; its length is that of the shortest column, or `length` where there is none.
    ///
    /// # Errors
    /// [`Mismatch`] when number or kinds differ, or an array is not aligned for its elements.
    pub fn new(
        program: &Program,
        columns: Vec<Column>,
        captured: Vec<Column>,
        length: usize,
    ) -> Result<Self, Mismatch> {
        let fits = |given: &[Column], kinds: &[crate::element::ElementKind]| {
            given.len() == kinds.len()
                && given.iter().zip(kinds).all(|(array, kind)| {
                    array.kind == *kind
                        && (array.length == 0 || (array.data as usize).is_multiple_of(kind.bytes()))
                })
        };
        if !fits(&columns, program.columns()) || !fits(&captured, program.captured()) {
            return Err(Mismatch);
        }
        let length = columns
            .iter()
            .map(|column| column.length)
            .min()
            .unwrap_or(length);
        Ok(Self {
            columns,
            captured,
            length,
        })
    }

    /// Elements that the program can run over.
    #[must_use]
    pub fn length(&self) -> usize {
        self.length
    }

    /// Of the columns.
    pub(crate) fn bytes(&self) -> usize {
        let widths = self.columns.iter().map(|column| column.kind.bytes());
        self.length * widths.sum::<usize>()
    }

    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub(crate) fn captured(&self) -> &[Column] {
        &self.captured
    }

    /// Looks up where the pages of some elements of the columns are: see [`visit_pages`](crate::prefetch::visit_pages).
    pub(crate) fn visit_pages(&self, range: Range<usize>) {
        for column in &self.columns {
            // SAFETY: a column is as long as that at least; its array is alive, by the promise of who bound it.
            unsafe { column.visit_pages(range.clone()) };
        }
    }

    /// Whether any of the arrays shares bytes with this range.
    pub(crate) fn overlaps(&self, data: *const u8, bytes: usize) -> bool {
        let (start, end) = (data as usize, data as usize + bytes);
        self.columns.iter().chain(&self.captured).any(|array| {
            let first = array.data as usize;
            first < end && start < first + array.length * array.kind.bytes()
        })
    }
}
