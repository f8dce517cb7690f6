//! Programs: what the front end sends, read and checked once, then run by machines on any number of threads.
//!
//! A program is a list of 32-bit words:
//!
//! | words | what |
//! |-------|------|
//! | 8 | `VERSION`, result register, result lane, temporaries `T`, constants `K`, columns `C`, captured arrays `G`, code words |
//! | 3 `K` | lane, low and high half of the value |
//! | `C`, `G` | element kind of each column, of each captured array |
//! | the rest | instructions |
//!
//! A register number below `T` is a temporary, below `T + K` a constant, below `T + K + C` a column read as it lies in
//! memory. An instruction is its code, its destination and its operands; codes from [`LOOP`] on have shapes of their own:
//!
//! | code | words |
//! |------|-------|
//! | `LOOP` | words of what is alike and of the body, entry, go, limit, counts of carried, results, invariants; 4 words each: carried (init, work, next, lane), result (exit, init, register, lane), invariant (source, work, lane, 0); what is alike; the body |
//! | `MATH1`, `MATH2` | destination, function, variant, operands |
//! | `GATHER` | destination, index register, captured array |
//! | `IOTA` | destination: the index of each element, in doubles |
//!
//! A loop runs its body while lanes are alive. A lane enters if `entry` (a boolean register, or [`ALL`]) says so. After the
//! body, lanes whose `go` is 0 leave with the values of the exit registers; the others continue with `next` in `work`.
//! Lanes that never enter leave with `init`. What is the same in all lanes that run, as counters are ([`ALIKE`]), is computed
//! before the body, for the first group of lanes alone, and nothing else reads it; where `limit` (a boolean register, or
//! [`ALL`]) is 0 in the first lane, all lanes leave. Inside the body only constants, `work` registers and what the body itself
//! computes may be read: the machine packs the lanes that are still alive together.

mod course;
mod linker;
mod step;

use crate::data::{Comparison, Relation};
use crate::element::ElementKind;
use crate::isa::Level;
use crate::machine::{Machine, shares};
use crate::ops::Tail;
pub(crate) use course::Course;
use linker::{Linker, Reader};
use std::sync::Mutex;
pub(crate) use step::{Carried, Exit, Loop, Step};

/// First word of every program.
pub const VERSION: u32 = 0x6b04;
/// Code of a loop.
pub const LOOP: u32 = 0xffff_0000;
/// Code of a mathematical function of one number.
pub const MATH1: u32 = 0xffff_0001;
/// Code of a mathematical function of two numbers.
pub const MATH2: u32 = 0xffff_0002;
/// Code of a read from a captured array.
pub const GATHER: u32 = 0xffff_0003;
/// Code of the element's index.
pub const IOTA: u32 = 0xffff_0004;
/// Set in the word of the result lane: the front end has proved that results lie within plus or minus 2^51.
pub const BOUNDED: u32 = 0x100;
/// The same: within int32, and none is NaN.
pub const INT32: u32 = 0x200;
/// Set in the word of a lane that a loop carries or gives: it is the same in all lanes, and stands in the first.
pub const ALIKE: u32 = 0x100;
/// In place of a register of flags: they are all set.
pub const ALL: u32 = 0xffff_ffff;

/// No program of the front end is larger.
const MOST_REGISTERS: usize = 4096;
/// So many steps take a tenth of a microsecond or more for an element.
const MANY_STEPS: usize = 200;
const DEEPEST_LOOP: usize = 32;

/// What a register holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Lane {
    /// Doubles.
    F64 = 0,
    /// int32.
    I32 = 1,
    /// BigInts modulo 2^64.
    I64 = 2,
    /// Booleans as bytes, 0 or 1.
    Bool = 3,
    /// uint32.
    U32 = 4,
    /// int16, of results of maps and on the way to them.
    I16 = 5,
    /// uint16, likewise.
    U16 = 6,
}

impl Lane {
    /// Whether an array of this kind holds its elements as these lanes do.
    pub(crate) fn is_form_of(self, kind: ElementKind) -> bool {
        match self {
            Self::F64 => kind == ElementKind::F64,
            Self::I32 | Self::U32 => matches!(kind, ElementKind::I32 | ElementKind::U32),
            Self::I64 => matches!(kind, ElementKind::I64 | ElementKind::U64),
            Self::I16 | Self::U16 => matches!(kind, ElementKind::I16 | ElementKind::U16),
            Self::Bool => false,
        }
    }

    fn from_number(number: u32) -> Result<Self, BadProgram> {
        [
            Self::F64,
            Self::I32,
            Self::I64,
            Self::Bool,
            Self::U32,
            Self::I16,
            Self::U16,
        ]
        .get(number as usize)
        .copied()
        .ok_or(BadProgram("no such lane"))
    }

    /// Bytes of one lane.
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::F64 | Self::I64 => 8,
            Self::I32 | Self::U32 => 4,
            Self::I16 | Self::U16 => 2,
            Self::Bool => 1,
        }
    }
}

/// Where doubles lie, as far as is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Range {
    /// Anywhere, or nowhere.
    Any,
    /// Within plus or minus 2^51; none is NaN.
    Bounded,
    /// Within int32; none is NaN.
    Int32,
}

/// Why words are no program. The front end never makes such words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadProgram(pub &'static str);

#[derive(Clone, Copy, Debug)]
pub(crate) struct Constant {
    pub(crate) lane: Lane,
    pub(crate) bits: u64,
}

/// A checked program, linked to one level of the instruction set.
#[derive(Debug)]
pub struct Program {
    pub(crate) temporaries: usize,
    pub(crate) constants: Vec<Constant>,
    pub(crate) columns: Vec<ElementKind>,
    pub(crate) captured: Vec<ElementKind>,
    pub(crate) steps: Vec<Step>,
    /// The last step, if it gives the results and can store them as well.
    pub(crate) tail: Option<Tail>,
    pub(crate) result: u32,
    pub(crate) lane: Lane,
    /// Where results that are doubles lie.
    pub(crate) range: Range,
    pub(crate) loops: bool,
    /// No lane has more than two bytes.
    pub(crate) narrow: bool,
    pub(crate) course: Course,
    /// Lines of each column that are asked for before each step.
    pub(crate) shares: Vec<usize>,
    pub(crate) level: Level,
    /// Machines at rest, at most one for each thread that ever ran the program at once.
    pub(crate) idle: Mutex<Vec<Machine>>,
}

impl Program {
    /// Whether it calls functions or loops, which takes longer than to read an element.
    pub(crate) fn is_slow(&self) -> bool {
        let is_quick = |step: &Step| {
            matches!(
                step,
                Step::Op { .. } | Step::Gather { .. } | Step::Iota { .. }
            )
        };
        !self.steps.iter().all(is_quick)
    }

    /// Whether a value may take a microsecond or any number of them.
    pub(crate) fn is_long(&self) -> bool {
        self.loops || self.steps.len() > MANY_STEPS
    }

    /// Reads and checks a program.
    ///
    /// # Errors
    /// [`BadProgram`] for anything that could read or write outside of its registers.
    pub fn parse(words: &[u32], level: Level) -> Result<Self, BadProgram> {
        let level = level.min(Level::detected());
        let mut reader = Reader { words, at: 0 };
        if reader.word()? != VERSION {
            return Err(BadProgram("another version"));
        }
        let result = reader.word()?;
        let lane = reader.word()?;
        let range = match lane & (BOUNDED | INT32) {
            0 => Range::Any,
            BOUNDED => Range::Bounded,
            _ => Range::Int32,
        };
        let lane = Lane::from_number(lane & !(BOUNDED | INT32))?;
        let [temporaries, constants, columns, captured, code] = reader.words::<5>()?;
        let count = [temporaries, constants, columns, captured]
            .iter()
            .fold(0usize, |sum, &more| sum.saturating_add(more as usize));
        if count > MOST_REGISTERS {
            return Err(BadProgram("too many registers"));
        }
        let constants = (0..constants)
            .map(|_| {
                let [lane, low, high] = reader.words::<3>()?;
                let bits = u64::from(low) | u64::from(high) << 32;
                Ok(Constant {
                    lane: Lane::from_number(lane)?,
                    bits,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let columns = reader.kinds(columns)?;
        let captured = reader.kinds(captured)?;
        if reader.words.len() - reader.at != code as usize {
            return Err(BadProgram("another length of code"));
        }
        let mut linker = Linker {
            temporaries: temporaries as usize,
            constants: &constants,
            columns: &columns,
            captured: &captured,
            level,
            loops: false,
            narrow: constants.iter().all(|one| one.lane.bytes() <= 2),
            last: None,
        };
        linker.operand(result, lane.bytes())?;
        let steps = linker.steps(&words[reader.at..], 0)?;
        let (loops, narrow) = (linker.loops, linker.narrow);
        let tail = match (linker.last, steps.last()) {
            (Some(last), Some(Step::Op { dst, operands, .. })) if *dst == result => {
                let by_constants =
                    last.entry
                        .operands
                        .iter()
                        .zip(operands)
                        .all(|(&bytes, &place)| {
                            bytes < 8 || is_moderate(&constants, place.wrapping_sub(temporaries))
                        });
                Some(Tail::of(last.entry, last.constants, lane, by_constants))
            }
            _ => None,
        };
        let narrow = narrow && lane.bytes() <= 2;
        Ok(Self {
            temporaries: temporaries as usize,
            course: Course::of(&steps, tail, temporaries as usize + constants.len()),
            shares: shares(&columns, steps.len(), narrow),
            constants,
            columns,
            captured,
            steps,
            tail,
            result,
            lane,
            range,
            loops,
            narrow,
            level,
            idle: Mutex::new(Vec::new()),
        })
    }

    /// Whether its last step can add up the results.
    #[must_use]
    pub(crate) fn can_add_up(&self) -> bool {
        self.tail.and_then(Tail::summed).is_some()
    }

    /// What it compares its only column with, if it does nothing else and the column has doubles.
    pub(crate) fn comparison(&self) -> Option<Comparison> {
        let ([ElementKind::F64], [Step::Op { operands, .. }], Lane::Bool) =
            (self.columns.as_slice(), self.steps.as_slice(), self.lane)
        else {
            return None;
        };
        let column = self.temporaries + self.constants.len();
        let places = [operands[0] as usize, operands[1] as usize];
        let is_column = places.map(|place| place == column);
        let (swapped, constant) = match is_column {
            [true, false] => (false, places[1]),
            [false, true] => (true, places[0]),
            _ => return None,
        };
        let constant = self
            .constants
            .get(constant.checked_sub(self.temporaries)?)?;
        let relation = match (self.tail?.name(), swapped) {
            ("lt.f64", false) => Relation::Below,
            ("le.f64", false) => Relation::UpTo,
            ("lt.f64", true) => Relation::Above,
            ("le.f64", true) => Relation::From,
            ("eq.f64", _) => Relation::Equal,
            _ => return None,
        };
        Some(Comparison {
            relation,
            number: f64::from_bits(constant.bits),
        })
    }

    /// What a block of results holds.
    #[must_use]
    pub fn lane(&self) -> Lane {
        self.lane
    }

    /// The element kinds of the columns that it reads.
    #[must_use]
    pub fn columns(&self) -> &[ElementKind] {
        &self.columns
    }

    /// The element kinds of the arrays that it captures.
    #[must_use]
    pub fn captured(&self) -> &[ElementKind] {
        &self.captured
    }

    /// The level that its bodies were compiled for.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }
}

/// Whether there is this constant, and it is a double that is far from overflow.
fn is_moderate(constants: &[Constant], index: u32) -> bool {
    constants
        .get(index as usize)
        .is_some_and(|constant| f64::from_bits(constant.bits).abs() < 1e200)
}
