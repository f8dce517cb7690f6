//! The last operation of a program and the store of its results in one pass.
//!
//! Results that go past the caches need it: while a block is copied, nothing is read. Lanes of doubles would be eight times
//! as long as the bytes that are read and written, and twice as long as int32 numbers.

use crate::GROUP;
use crate::element::ElementKind;
use crate::isa::{Level, Levels, levels};
use crate::program::{Lane, Range};

use super::convert::whole_to_int32;
use super::lanes::{Group, Sink, groups1, groups2, lanes, op};
use super::store::clamp;
use super::truncation::truncated;
use super::{Entry, Op};

/// Bytes times and plus constants, a register of which holds the same number in every lane, stored as bytes.
macro_rules! of_bytes {
    ($low:ident, $clamped:ident, ($($arg:ident : $type:ident),+) [$a:ident $b:ident $c:ident $d:ident], $value:expr) => {
        levels! {
            #[allow(unused_variables, reason = "not every operation has four operands")]
            pub(super) unsafe fn $low(dst: *mut u8, $a: *const u8, $b: *const u8, $c: *const u8, $d: *const u8, groups: usize) {
                let mut sink = Whole::<LEVEL>(dst);
                of_bytes!(@ sink, groups, ($($arg : $type),+), $value);
            }
        }
        levels! {
            #[allow(unused_variables, reason = "not every operation has four operands")]
            pub(super) unsafe fn $clamped(dst: *mut u8, $a: *const u8, $b: *const u8, $c: *const u8, $d: *const u8, groups: usize) {
                let mut sink = Clamped(dst);
                of_bytes!(@ sink, groups, ($($arg : $type),+), $value);
            }
        }
    };
    (@ $sink:ident, $groups:ident, ($a:ident: bytes, $b:ident: same), $value:expr) => {{
        let $b = Factor::<LEVEL>::new(*$b.cast());
        groups1(&mut $sink, lanes::<u8>($a, $groups), |$a| $value);
    }};
    (@ $sink:ident, $groups:ident, ($a:ident: bytes, $b:ident: same, $c:ident: same), $value:expr) => {{
        let ($b, $c) = (Factor::<LEVEL>::new(*$b.cast()), *$c.cast::<f64>());
        groups1(&mut $sink, lanes::<u8>($a, $groups), |$a| $value);
    }};
    (@ $sink:ident, $groups:ident, ($a:ident: bytes, $b:ident: same, $c:ident: bytes, $d:ident: same), $value:expr) => {{
        let ($b, $d) = (Factor::<LEVEL>::new(*$b.cast()), Factor::<LEVEL>::new(*$d.cast()));
        groups2(&mut $sink, lanes::<u8>($a, $groups), lanes::<u8>($c, $groups), |$a, $c| $value);
    }};
}

of_bytes!(mul_whole, mul_clamped, (a: bytes, b: same) [a b c d], b.times(a));
of_bytes!(mul_add_whole, mul_add_clamped, (a: bytes, b: same, c: same) [a b c d], b.times(a) + c);
of_bytes!(blend_whole, blend_clamped, (a: bytes, b: same, c: bytes, d: same) [a b c d], b.times(a) + d.times(c));

/// A number that bytes are multiplied by.
struct Factor<const LEVEL: u8> {
    factor: f64,
    /// -2^52 of it.
    lower: f64,
}

impl<const LEVEL: u8> Factor<LEVEL> {
    /// 2^52, whose last bits are free for an integer.
    const TWO_52: f64 = 4_503_599_627_370_496.0;

    #[inline(always)]
    fn new(factor: f64) -> Self {
        Self {
            factor,
            lower: -Self::TWO_52 * factor,
        }
    }

    /// The product, rounded once; of zeros perhaps with the other sign. A byte becomes a double and is multiplied by one
    /// fused operation: (2^52 + byte) factor - 2^52 factor.
    #[inline(always)]
    fn times(&self, byte: u8) -> f64 {
        if LEVEL == Level::Base as u8 {
            // Without the instruction a fused operation is a slow function.
            return f64::from(byte) * self.factor;
        }
        f64::from_bits(Self::TWO_52.to_bits() | u64::from(byte)).mul_add(self.factor, self.lower)
    }
}

/// Bytes that get the low bits of results within int32.
struct Whole<const LEVEL: u8>(*mut u8);

impl<const LEVEL: u8> Sink<f64> for Whole<LEVEL> {
    #[inline(always)]
    fn take(&mut self, group: &Group<f64>) {
        // SAFETY: the body that makes it is compiled for that level, and its destination has room for every group.
        unsafe {
            let whole = truncated::<LEVEL>(&group.0);
            let bytes = &mut *self.0.cast::<[u8; GROUP]>();
            for (byte, &lane) in bytes.iter_mut().zip(&whole) {
                *byte = lane as u8;
            }
            self.0 = self.0.add(GROUP);
        }
    }
}

/// Bytes that get results between 0 and 255.
struct Clamped(*mut u8);

impl Sink<f64> for Clamped {
    #[inline(always)]
    fn take(&mut self, group: &Group<f64>) {
        // SAFETY: the destination of the body that makes it has room for every group.
        unsafe {
            let bytes = &mut *self.0.cast::<[u8; GROUP]>();
            for (byte, &lane) in bytes.iter_mut().zip(&group.0) {
                *byte = clamp(lane);
            }
            self.0 = self.0.add(GROUP);
        }
    }
}

op!(lanes add_ints(a: i32, b: i32) -> i32 { a.wrapping_add(b) });
op!(lanes sub_ints(a: i32, b: i32) -> i32 { a.wrapping_sub(b) });
op!(lanes mul_ints(a: i32, b: i32) -> i32 { whole_to_int32(f64::from(a) * f64::from(b)) });
op!(lanes mul_add_ints(a: i32, b: i32, c: i32) -> i32 { whole_to_int32(f64::from(a) * f64::from(b) + f64::from(c)) });

/// An operation whose results become something else on their way into an array.
enum Conversion {
    /// Bytes by constants: to bytes, of results within int32, and to clamped bytes.
    Bytes(Levels<Op>, Levels<Op>),
    /// int32 numbers: to int32 numbers, kept and past the caches.
    Integers(Levels<Op>, Option<Levels<Op>>),
}

static CONVERSIONS: [(&str, Conversion); 7] = [
    (
        "mul_u8.f64",
        Conversion::Bytes(mul_whole::TABLE, mul_clamped::TABLE),
    ),
    (
        "mul_add_u8.f64",
        Conversion::Bytes(mul_add_whole::TABLE, mul_add_clamped::TABLE),
    ),
    (
        "blend_u8.f64",
        Conversion::Bytes(blend_whole::TABLE, blend_clamped::TABLE),
    ),
    (
        "add_i32.f64",
        Conversion::Integers(add_ints::TABLES[0], add_ints::STREAMED),
    ),
    (
        "sub_i32.f64",
        Conversion::Integers(sub_ints::TABLES[0], sub_ints::STREAMED),
    ),
    (
        "mul_i32.f64",
        Conversion::Integers(mul_ints::TABLES[0], mul_ints::STREAMED),
    ),
    (
        "mul_add_i32.f64",
        Conversion::Integers(mul_add_ints::TABLES[0], mul_add_ints::STREAMED),
    ),
];

/// The last operation of a program, as what stores the results.
#[derive(Clone, Copy)]
pub(crate) struct Tail {
    operation: &'static Entry,
    constants: usize,
    lane: Lane,
    conversion: Option<&'static Conversion>,
}

impl Tail {
    /// Of an operation that gives such lanes and has these constants, a bit for each operand. `by_constants`: all of its
    /// operands that are doubles are constants, and far from overflow.
    pub(crate) fn of(
        operation: &'static Entry,
        constants: usize,
        lane: Lane,
        by_constants: bool,
    ) -> Self {
        let conversion = CONVERSIONS
            .iter()
            .find(|(name, _)| *name == operation.name && lane == Lane::F64)
            .map(|(_, conversion)| conversion)
            .filter(|conversion| by_constants || matches!(conversion, Conversion::Integers(..)));
        Self {
            operation,
            constants,
            lane,
            conversion,
        }
    }

    /// The name of the operation.
    pub(crate) fn name(self) -> &'static str {
        self.operation.name
    }

    /// How many operands it reads.
    pub(crate) fn operands(self) -> usize {
        self.operation.operands.len()
    }

    /// The body that adds up its results, if they are doubles.
    pub(crate) fn summed(self) -> Option<Levels<Op>> {
        self.operation.summed.filter(|_| self.lane == Lane::F64)
    }

    /// The body that stores in an array of this kind; `stream`: past the caches, into whole lines. `None`: there is none.
    pub(crate) fn into(self, kind: ElementKind, range: Range, stream: bool) -> Option<Levels<Op>> {
        use ElementKind as E;
        let (kept, streamed) = match (self.conversion, kind) {
            _ if self.lane.is_form_of(kind) => {
                (self.operation.body(self.constants), self.operation.streamed)
            }
            (Some(&Conversion::Bytes(whole, _)), E::I8 | E::U8) if range == Range::Int32 => {
                (whole, None)
            }
            (Some(&Conversion::Bytes(_, clamped)), E::U8Clamped) => (clamped, None),
            (Some(&Conversion::Integers(kept, streamed)), E::I32 | E::U32) => (kept, streamed),
            _ => return None,
        };
        if stream { streamed } else { Some(kept) }
    }
}

impl std::fmt::Debug for Tail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.operation.name)
    }
}
