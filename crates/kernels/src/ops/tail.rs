//! The last operation of a program and the store of its results in one pass, for bytes: their lanes as doubles would be eight
//! times as long as what is read and written.

use crate::element::ElementKind;
use crate::isa::Levels;

use super::Op;
use super::convert::bounded_to_int32;
use super::lanes::op;
use super::store::clamp;

op!(mul_low(a: u8, b: f64) -> u8 { bounded_to_int32(f64::from(a) * b) as u8 });
op!(mul_clamped(a: u8, b: f64) -> u8 { clamp(f64::from(a) * b) });
op!(mul_add_low(a: u8, b: f64, c: f64) -> u8 { bounded_to_int32(f64::from(a) * b + c) as u8 });
op!(mul_add_clamped(a: u8, b: f64, c: f64) -> u8 { clamp(f64::from(a) * b + c) });
op!(blend_low(a: u8, b: f64, c: u8, d: f64) -> u8 { bounded_to_int32(f64::from(a) * b + f64::from(c) * d) as u8 });
op!(blend_clamped(a: u8, b: f64, c: u8, d: f64) -> u8 { clamp(f64::from(a) * b + f64::from(c) * d) });

/// An operation and its store in each way.
#[derive(Clone, Copy)]
pub(crate) struct Tail {
    name: &'static str,
    /// Modulo 256, of results within plus or minus 2^51.
    low: Levels<Op>,
    clamped: Levels<Op>,
}

const TAILS: [Tail; 3] = [
    Tail {
        name: "mul_u8.f64",
        low: mul_low::TABLE,
        clamped: mul_clamped::TABLE,
    },
    Tail {
        name: "mul_add_u8.f64",
        low: mul_add_low::TABLE,
        clamped: mul_add_clamped::TABLE,
    },
    Tail {
        name: "blend_u8.f64",
        low: blend_low::TABLE,
        clamped: blend_clamped::TABLE,
    },
];

/// The operation of this name with a store; `None`: there is none.
pub(crate) fn tail(name: &str) -> Option<Tail> {
    TAILS.into_iter().find(|tail| tail.name == name)
}

impl Tail {
    /// The body that stores in an array of this kind; `bounded`: as for [`super::store`].
    pub(crate) fn into(self, kind: ElementKind, bounded: bool) -> Option<Levels<Op>> {
        match kind {
            ElementKind::I8 | ElementKind::U8 if bounded => Some(self.low),
            ElementKind::U8Clamped => Some(self.clamped),
            _ => None,
        }
    }
}

impl std::fmt::Debug for Tail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
