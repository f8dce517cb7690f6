//! Elements of narrower types as doubles.

use crate::GROUP;
use crate::element::ElementKind;
use crate::isa::{Level, Levels, levels};
use crate::prefetch::Reading;

/// Fills `to` with the elements from the given address on.
type Widening = unsafe fn(to: &mut [f64], from: *const u8);

macro_rules! widenings {
    ($($name:ident: $type:ty),*) => {$(
        levels! {
            unsafe fn $name(to: &mut [f64], from: *const u8) {
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

/// For elements of this kind; `None`: they are doubles already, or do not all have one.
fn widening(kind: ElementKind) -> Option<Levels<Widening>> {
    match kind {
        ElementKind::I8 => Some(from_i8::TABLE),
        ElementKind::U8 | ElementKind::U8Clamped => Some(from_u8::TABLE),
        ElementKind::I16 => Some(from_i16::TABLE),
        ElementKind::U16 => Some(from_u16::TABLE),
        ElementKind::I32 => Some(from_i32::TABLE),
        ElementKind::U32 => Some(from_u32::TABLE),
        ElementKind::F32 => Some(from_f32::TABLE),
        ElementKind::F64 | ElementKind::I64 | ElementKind::U64 => None,
    }
}

/// Fills `doubles` with the elements from `data` on. False: elements of this kind are not widened.
///
/// # Safety
/// `data` is the first of that many readable elements of this kind, aligned for it.
pub(super) unsafe fn widen(kind: ElementKind, data: *const u8, doubles: &mut [f64]) -> bool {
    let Some(bodies) = widening(kind) else {
        return false;
    };
    // SAFETY: the caller's promise; the level is what the machine has.
    unsafe { bodies.at(Level::detected())(doubles, data) };
    true
}
