//! Lanes to elements of a typed array, converted as the array itself converts what is stored in it.

use crate::GROUP;
use crate::element::ElementKind;
use crate::isa::{Levels, levels};
use crate::program::{Lane, Range};

use super::convert::{bounded_to_int32, to_int32};
use super::lanes::{each1, lanes, lanes_mut};
use super::truncation::truncated;

/// Stores whole groups of lanes; `dst` is aligned for the element and apart from `src`.
pub(crate) type Store = unsafe fn(dst: *mut u8, src: *const u8, groups: usize);

macro_rules! stores {
    ($($ident:ident : $lane:ty => $element:ty, |$x:ident| $value:expr;)*) => {
        $(levels! {
            pub(super) unsafe fn $ident(dst: *mut u8, src: *const u8, groups: usize) {
                each1(
                        lanes_mut::<$element>(dst, groups),
                        lanes::<$lane>(src, groups),
                        |$x: $lane| $value,
                    );
            }
        })*
    };
}

macro_rules! whole_stores {
    ($($ident:ident : $element:ty;)*) => {
        $(levels! {
            pub(super) unsafe fn $ident(dst: *mut u8, src: *const u8, groups: usize) {
                for group in 0..groups {
                    let whole = truncated::<LEVEL>(&*src.cast::<[f64; GROUP]>().add(group));
                    let dst = &mut *dst.cast::<[$element; GROUP]>().add(group);
                    for (element, &lane) in dst.iter_mut().zip(&whole) {
                        *element = lane as $element;
                    }
                }
            }
        })*
    };
}

whole_stores! {
    int32_8: u8;
    int32_16: u16;
    int32_32: i32;
}

stores! {
    f64_8: f64 => u8, |x| to_int32(x) as u8;
    f64_clamped: f64 => u8, |x| clamp(x);
    f64_16: f64 => u16, |x| to_int32(x) as u16;
    f64_32: f64 => i32, |x| to_int32(x);
    bounded_8: f64 => u8, |x| bounded_to_int32(x) as u8;
    bounded_16: f64 => u16, |x| bounded_to_int32(x) as u16;
    bounded_32: f64 => i32, |x| bounded_to_int32(x);
    f64_f32: f64 => f32, |x| x as f32;
    f64_f64: f64 => f64, |x| x;
    i32_8: i32 => u8, |x| x as u8;
    i32_clamped: i32 => u8, |x| clamp_int(x);
    u32_clamped: u32 => u8, |x| if x < 255 { x as u8 } else { 255 };
    i32_16: i32 => u16, |x| x as u16;
    i32_32: i32 => i32, |x| x;
    i32_f32: i32 => f32, |x| x as f32;
    u32_f32: u32 => f32, |x| x as f32;
    i32_f64: i32 => f64, |x| f64::from(x);
    u32_f64: u32 => f64, |x| f64::from(x);
    i16_8: i16 => u8, |x| x as u8;
    i16_clamped: i16 => u8, |x| clamp_short(x);
    u16_clamped: u16 => u8, |x| if x < 255 { x as u8 } else { 255 };
    i16_16: i16 => i16, |x| x;
    i16_32: i16 => i32, |x| i32::from(x);
    u16_32: u16 => i32, |x| i32::from(x);
    i16_f32: i16 => f32, |x| f32::from(x);
    u16_f32: u16 => f32, |x| f32::from(x);
    i16_f64: i16 => f64, |x| f64::from(x);
    u16_f64: u16 => f64, |x| f64::from(x);
    bool_8: u8 => u8, |x| x;
    bool_16: u8 => u16, |x| u16::from(x);
    bool_32: u8 => i32, |x| i32::from(x);
    bool_f32: u8 => f32, |x| f32::from(x);
    bool_f64: u8 => f64, |x| f64::from(x);
    i64_64: i64 => i64, |x| x;
}

/// `Uint8ClampedArray`: between 0 and 255, halves to the even neighbour, NaN to 0.
#[inline(always)]
pub(super) fn clamp(x: f64) -> u8 {
    let above = if x > 0.0 { x } else { 0.0 };
    let within = if above < 255.0 { above } else { 255.0 };
    // Below 2^52 the addition rounds to an integer, halves to even, and leaves it in the low bits.
    (within + 4_503_599_627_370_496.0).to_bits() as u8
}

#[inline(always)]
fn clamp_int(x: i32) -> u8 {
    let above = if x > 0 { x } else { 0 };
    (if above < 255 { above } else { 255 }) as u8
}

#[inline(always)]
fn clamp_short(x: i16) -> u8 {
    let above = if x > 0 { x } else { 0 };
    (if above < 255 { above } else { 255 }) as u8
}

/// The body that stores these lanes in an array of this kind; `None`: a number to a BigInt array or the reverse.
/// `range`: where doubles lie.
pub(crate) const fn store(lane: Lane, range: Range, kind: ElementKind) -> Option<Levels<Store>> {
    use ElementKind as E;
    let bounded = matches!(range, Range::Bounded);
    Some(match (lane, kind) {
        (Lane::F64, E::I8 | E::U8) if matches!(range, Range::Int32) => int32_8::TABLE,
        (Lane::F64, E::I16 | E::U16) if matches!(range, Range::Int32) => int32_16::TABLE,
        (Lane::F64, E::I32 | E::U32) if matches!(range, Range::Int32) => int32_32::TABLE,
        (Lane::F64, E::I8 | E::U8) if bounded => bounded_8::TABLE,
        (Lane::F64, E::I16 | E::U16) if bounded => bounded_16::TABLE,
        (Lane::F64, E::I32 | E::U32) if bounded => bounded_32::TABLE,
        (Lane::F64, E::I8 | E::U8) => f64_8::TABLE,
        (Lane::F64, E::U8Clamped) => f64_clamped::TABLE,
        (Lane::F64, E::I16 | E::U16) => f64_16::TABLE,
        (Lane::F64, E::I32 | E::U32) => f64_32::TABLE,
        (Lane::F64, E::F32) => f64_f32::TABLE,
        (Lane::F64, E::F64) => f64_f64::TABLE,
        (Lane::I32 | Lane::U32, E::I8 | E::U8) => i32_8::TABLE,
        (Lane::I32, E::U8Clamped) => i32_clamped::TABLE,
        (Lane::U32, E::U8Clamped) => u32_clamped::TABLE,
        (Lane::I32 | Lane::U32, E::I16 | E::U16) => i32_16::TABLE,
        (Lane::I32 | Lane::U32, E::I32 | E::U32) => i32_32::TABLE,
        (Lane::I32, E::F32) => i32_f32::TABLE,
        (Lane::U32, E::F32) => u32_f32::TABLE,
        (Lane::I32, E::F64) => i32_f64::TABLE,
        (Lane::U32, E::F64) => u32_f64::TABLE,
        (Lane::I16 | Lane::U16, E::I8 | E::U8) => i16_8::TABLE,
        (Lane::I16, E::U8Clamped) => i16_clamped::TABLE,
        (Lane::U16, E::U8Clamped) => u16_clamped::TABLE,
        (Lane::I16 | Lane::U16, E::I16 | E::U16) => i16_16::TABLE,
        (Lane::I16, E::I32 | E::U32) => i16_32::TABLE,
        (Lane::U16, E::I32 | E::U32) => u16_32::TABLE,
        (Lane::I16, E::F32) => i16_f32::TABLE,
        (Lane::U16, E::F32) => u16_f32::TABLE,
        (Lane::I16, E::F64) => i16_f64::TABLE,
        (Lane::U16, E::F64) => u16_f64::TABLE,
        (Lane::Bool, E::I8 | E::U8 | E::U8Clamped) => bool_8::TABLE,
        (Lane::Bool, E::I16 | E::U16) => bool_16::TABLE,
        (Lane::Bool, E::I32 | E::U32) => bool_32::TABLE,
        (Lane::Bool, E::F32) => bool_f32::TABLE,
        (Lane::Bool, E::F64) => bool_f64::TABLE,
        (Lane::I64, E::I64 | E::U64) => i64_64::TABLE,
        (Lane::I64, _) | (_, E::I64 | E::U64) => return None,
    })
}
