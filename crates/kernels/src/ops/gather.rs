//! Elements of captured arrays at computed places. A place that the array does not have gives NaN, as `undefined` does in
//! arithmetic.

use crate::element::ElementKind;
use crate::isa::{Levels, levels};

use super::lanes::{each1, lanes, lanes_mut};

/// Reads `data[index]` for whole groups of lanes; `length` elements are there.
pub(crate) type Gather =
    unsafe fn(dst: *mut u8, index: *const u8, data: *const u8, length: usize, groups: usize);

macro_rules! gathers {
    ($($ident:ident : $element:ty => $lane:ty, $none:expr;)*) => {
        $(levels! {
            pub(super) unsafe fn $ident(dst: *mut u8, index: *const u8, data: *const u8, length: usize, groups: usize) {
                // An empty array has no element to read in place of a missing one.
                let nothing: $element = <$element>::default();
                let data = if length == 0 { &raw const nothing } else { data.cast::<$element>() };
                each1(
                        lanes_mut::<$lane>(dst, groups),
                        lanes::<f64>(index, groups),
                        |place: f64| {
                            let there = (place >= 0.0) & (place < length as f64) & (place.trunc() == place);
                            // SAFETY: 0 or a place below `length`, which is below 2^53.
                            let element = unsafe {
                                *data.add((if there { place } else { 0.0 }).to_int_unchecked::<i64>() as usize)
                            };
                            if there { element as $lane } else { $none }
                        },
                    );
            }
        })*
    };
}

gathers! {
    i8s: i8 => f64, f64::NAN;
    u8s: u8 => f64, f64::NAN;
    i16s: i16 => f64, f64::NAN;
    u16s: u16 => f64, f64::NAN;
    i32s: i32 => f64, f64::NAN;
    u32s: u32 => f64, f64::NAN;
    f32s: f32 => f64, f64::NAN;
    f64s: f64 => f64, f64::NAN;
    longs: i64 => i64, 0;
}

/// The body for an array of this kind.
pub(crate) const fn gather(kind: ElementKind) -> Levels<Gather> {
    match kind {
        ElementKind::I8 => i8s::TABLE,
        ElementKind::U8 | ElementKind::U8Clamped => u8s::TABLE,
        ElementKind::I16 => i16s::TABLE,
        ElementKind::U16 => u16s::TABLE,
        ElementKind::I32 => i32s::TABLE,
        ElementKind::U32 => u32s::TABLE,
        ElementKind::F32 => f32s::TABLE,
        ElementKind::F64 => f64s::TABLE,
        ElementKind::I64 | ElementKind::U64 => longs::TABLE,
    }
}
