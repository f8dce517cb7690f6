//! Sorting a typed array in the order of `TypedArray.prototype.sort`, or the exact opposite.

mod blocks;
mod buckets;
mod counting;
mod key;
mod partition;
mod radix;
mod room;
mod spares;

use crate::data::Operation;
use crate::element::{Column, ElementKind, Target};
use buckets::BucketSort;
use counting::CountingSort;
use key::{Float32, Float64, Int32, Int64, Uint32, Uint64};

/// Sorts `source` into `target`, of the same kind and length: the same memory, or apart from it.
///
/// # Panics
/// If kinds or lengths differ.
#[must_use]
pub fn sort(source: Column, target: Target, descending: bool) -> Box<dyn Operation> {
    assert!(source.kind == target.kind && source.length == target.length);
    let (from, to, n) = (source.data, target.data, source.length);
    match source.kind {
        ElementKind::I8 => Box::new(CountingSort::<i8>::new(from, to, n, descending)),
        ElementKind::U8 | ElementKind::U8Clamped => {
            Box::new(CountingSort::<u8>::new(from, to, n, descending))
        }
        ElementKind::I16 => Box::new(CountingSort::<i16>::new(from, to, n, descending)),
        ElementKind::U16 => Box::new(CountingSort::<u16>::new(from, to, n, descending)),
        ElementKind::I32 => Box::new(BucketSort::<Int32>::new(from, to, n, descending)),
        ElementKind::U32 => Box::new(BucketSort::<Uint32>::new(from, to, n, descending)),
        ElementKind::F32 => Box::new(BucketSort::<Float32>::new(from, to, n, descending)),
        ElementKind::F64 => Box::new(BucketSort::<Float64>::new(from, to, n, descending)),
        ElementKind::I64 => Box::new(BucketSort::<Int64>::new(from, to, n, descending)),
        ElementKind::U64 => Box::new(BucketSort::<Uint64>::new(from, to, n, descending)),
    }
}

#[cfg(test)]
mod tests;
