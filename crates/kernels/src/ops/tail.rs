//! The last operation of a program and the store of its results in one pass.
//!
//! Results that go past the caches need it: while a block is copied, nothing is read. Lanes of doubles would be eight times
//! as long as the bytes that are read and written, and twice as long as int32 numbers.

use crate::element::ElementKind;
use crate::isa::Levels;
use crate::program::Lane;

use super::convert::{bounded_to_int32, whole_to_int32};
use super::lanes::op;
use super::store::clamp;
use super::{Entry, Op};

op!(mul_low(a: u8, b: f64) -> u8 { bounded_to_int32(f64::from(a) * b) as u8 });
op!(mul_clamped(a: u8, b: f64) -> u8 { clamp(f64::from(a) * b) });
op!(mul_add_low(a: u8, b: f64, c: f64) -> u8 { bounded_to_int32(f64::from(a) * b + c) as u8 });
op!(mul_add_clamped(a: u8, b: f64, c: f64) -> u8 { clamp(f64::from(a) * b + c) });
op!(blend_low(a: u8, b: f64, c: u8, d: f64) -> u8 { bounded_to_int32(f64::from(a) * b + f64::from(c) * d) as u8 });
op!(blend_clamped(a: u8, b: f64, c: u8, d: f64) -> u8 { clamp(f64::from(a) * b + f64::from(c) * d) });
op!(add_ints(a: i32, b: i32) -> i32 { a.wrapping_add(b) });
op!(sub_ints(a: i32, b: i32) -> i32 { a.wrapping_sub(b) });
op!(mul_ints(a: i32, b: i32) -> i32 { whole_to_int32(f64::from(a) * f64::from(b)) });
op!(mul_add_ints(a: i32, b: i32, c: i32) -> i32 { whole_to_int32(f64::from(a) * f64::from(b) + f64::from(c)) });

/// Bodies with stores that the caches keep, and with stores past them.
type Bodies = (Levels<Op>, Option<Levels<Op>>);

/// An operation of whose results a store makes something else along the way.
struct Converting {
    name: &'static str,
    /// To 8-bit or 32-bit integers, of results within plus or minus 2^51, unless `always`.
    whole: (ElementKind, Bodies),
    /// Whether that is right for all results.
    always: bool,
    clamped: Option<Bodies>,
}

macro_rules! bytes {
    ($name:literal, $low:ident, $clamped:ident) => {
        Converting {
            name: $name,
            whole: (ElementKind::U8, ($low::TABLE, $low::STREAMED)),
            always: false,
            clamped: Some(($clamped::TABLE, $clamped::STREAMED)),
        }
    };
}

macro_rules! ints {
    ($name:literal, $body:ident) => {
        Converting {
            name: $name,
            whole: (ElementKind::I32, ($body::TABLE, $body::STREAMED)),
            always: true,
            clamped: None,
        }
    };
}

static CONVERTING: [Converting; 7] = [
    bytes!("mul_u8.f64", mul_low, mul_clamped),
    bytes!("mul_add_u8.f64", mul_add_low, mul_add_clamped),
    bytes!("blend_u8.f64", blend_low, blend_clamped),
    ints!("add_i32.f64", add_ints),
    ints!("sub_i32.f64", sub_ints),
    ints!("mul_i32.f64", mul_ints),
    ints!("mul_add_i32.f64", mul_add_ints),
];

/// The last operation of a program, as what stores the results.
#[derive(Clone, Copy)]
pub(crate) struct Tail {
    operation: &'static Entry,
    lane: Lane,
    converting: Option<&'static Converting>,
}

impl Tail {
    /// Of an operation that gives such lanes.
    pub(crate) fn of(operation: &'static Entry, lane: Lane) -> Self {
        let converting = CONVERTING
            .iter()
            .find(|converting| converting.name == operation.name && lane == Lane::F64);
        Self {
            operation,
            lane,
            converting,
        }
    }

    /// How many operands it reads.
    pub(crate) fn operands(self) -> usize {
        self.operation.operands.len()
    }

    /// The body that adds up its results, if they are doubles.
    pub(crate) fn summed(self) -> Option<Levels<Op>> {
        self.operation.summed.filter(|_| self.lane == Lane::F64)
    }

    /// The body that stores in an array of this kind; `bounded`: as for [`super::store`], `stream`: past the caches, into
    /// whole lines. `None`: there is none.
    pub(crate) fn into(self, kind: ElementKind, bounded: bool, stream: bool) -> Option<Levels<Op>> {
        let bodies = if self.lane.is_form_of(kind) {
            Some((self.operation.body, self.operation.streamed))
        } else {
            self.converting
                .and_then(|converting| converting.into(kind, bounded))
        };
        let (kept, streamed) = bodies?;
        if stream { streamed } else { Some(kept) }
    }
}

impl Converting {
    fn into(&self, kind: ElementKind, bounded: bool) -> Option<Bodies> {
        if kind == ElementKind::U8Clamped {
            return self.clamped;
        }
        let (whole, bodies) = self.whole;
        let is_whole = match whole {
            ElementKind::U8 => matches!(kind, ElementKind::I8 | ElementKind::U8),
            _ => matches!(kind, ElementKind::I32 | ElementKind::U32),
        };
        (is_whole && (bounded || self.always)).then_some(bodies)
    }
}

impl std::fmt::Debug for Tail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.operation.name)
    }
}
