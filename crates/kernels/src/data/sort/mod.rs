//! Sorting a typed array in the order of `TypedArray.prototype.sort`, or the exact opposite.

mod buckets;
mod counting;
mod key;
mod partition;
mod radix;
mod room;

use crate::data::Operation;
use crate::element::{Column, ElementKind, Target};
use buckets::BucketSort;
use counting::CountingSort;
use key::{Float32, Float64, Int32, Int64, Uint32, Uint64};

/// Told of new memory before it is first touched: where it begins, and how many bytes it has.
pub type Fresh = fn(*const u8, usize);

/// Sorts `source` into `target`, of the same kind and length: the same memory, or apart from it.
///
/// # Panics
/// If kinds or lengths differ.
#[must_use]
pub fn sort(source: Column, target: Target, descending: bool, fresh: Fresh) -> Box<dyn Operation> {
    assert!(source.kind == target.kind && source.length == target.length);
    let (from, to, n) = (source.data, target.data, source.length);
    match source.kind {
        ElementKind::I8 => Box::new(CountingSort::<i8>::new(from, to, n, descending)),
        ElementKind::U8 | ElementKind::U8Clamped => {
            Box::new(CountingSort::<u8>::new(from, to, n, descending))
        }
        ElementKind::I16 => Box::new(CountingSort::<i16>::new(from, to, n, descending)),
        ElementKind::U16 => Box::new(CountingSort::<u16>::new(from, to, n, descending)),
        ElementKind::I32 => Box::new(BucketSort::<Int32>::new(from, to, n, descending, fresh)),
        ElementKind::U32 => Box::new(BucketSort::<Uint32>::new(from, to, n, descending, fresh)),
        ElementKind::F32 => Box::new(BucketSort::<Float32>::new(from, to, n, descending, fresh)),
        ElementKind::F64 => Box::new(BucketSort::<Float64>::new(from, to, n, descending, fresh)),
        ElementKind::I64 => Box::new(BucketSort::<Int64>::new(from, to, n, descending, fresh)),
        ElementKind::U64 => Box::new(BucketSort::<Uint64>::new(from, to, n, descending, fresh)),
    }
}
