//! Elements of narrower types as doubles.

use crate::GROUP;
use crate::element::ElementKind;
use crate::isa::{Level, levels};
use crate::reading::Reading;

/// Fills `to` with as many elements, which stand from the given address on: readable, and aligned for their kind.
pub(super) type Widening = unsafe fn(to: &mut [f64], from: *const u8);

macro_rules! widenings {
    ($($name:ident: $type:ty),*) => {$(
        levels! {
            pub(super) unsafe fn $name(to: &mut [f64], from: *const u8) {
                let from = std::slice::from_raw_parts(from.cast::<$type>(), to.len());
                let reading = Reading::onwards(1);
                for (to, from) in to.chunks_mut(2 * GROUP).zip(from.chunks(2 * GROUP)) {
                    reading.ask(from);
                    for (double, &element) in to.iter_mut().zip(from) {
                        *double = f64::from(element);
                    }
                }
            }
        }
    )*};
}
widenings!(from_i8: i8, from_u8: u8, from_i16: i16, from_u16: u16, from_i32: i32, from_u32: u32, from_f32: f32);

/// For elements of this kind, on this machine; `None`: they are doubles already, or do not all have one.
pub(super) fn widening(kind: ElementKind) -> Option<Widening> {
    let bodies = match kind {
        ElementKind::I8 => from_i8::TABLE,
        ElementKind::U8 | ElementKind::U8Clamped => from_u8::TABLE,
        ElementKind::I16 => from_i16::TABLE,
        ElementKind::U16 => from_u16::TABLE,
        ElementKind::I32 => from_i32::TABLE,
        ElementKind::U32 => from_u32::TABLE,
        ElementKind::F32 => from_f32::TABLE,
        ElementKind::F64 | ElementKind::I64 | ElementKind::U64 => return None,
    };
    Some(bodies.at(Level::detected()))
}
