//! Where an operation's values come from: a typed array, or the results of a program over arrays.

use crate::data::widening::widening;
use crate::data::{Chunks, GRAIN};
use crate::element::{Column, ElementKind};
use crate::lane_sum::LaneSum;
use crate::machine::{Bound, Lanes};
use crate::program::{Lane, Program};
use crate::reading::Reading;
use crate::{BLOCK, GROUP};
use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

/// The values of an operation.
pub enum Source {
    /// The elements of an array.
    Array(Column),
    /// What a program gives for each element.
    Results(Arc<Program>, Bound),
}

/// Grains of values that may take long, if there are enough values.
const MANY: usize = 256;

/// Elements that are widened at once: as doubles they stand in the first-level cache.
const WIDENED: usize = 1024;

/// Up to a grain of values, as doubles or as 64-bit integers.
#[derive(Clone, Copy)]
pub(super) enum Values<'a> {
    F64(&'a [f64]),
    I64(&'a [i64]),
    U64(&'a [u64]),
}

/// Memory for the values of one grain that do not stand in memory as they are.
struct Scratch {
    doubles: Vec<f64>,
    integers: Vec<i64>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = const {
        RefCell::new(Scratch { doubles: Vec::new(), integers: Vec::new() })
    };
}

impl Source {
    /// Number of values.
    #[must_use]
    pub fn length(&self) -> usize {
        match self {
            Self::Array(column) => column.length,
            Self::Results(_, bound) => bound.length(),
        }
    }

    /// Whether the values are 64-bit integers, not doubles.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        match self {
            Self::Array(column) => matches!(column.kind, ElementKind::I64 | ElementKind::U64),
            Self::Results(program, _) => program.lane == Lane::I64,
        }
    }

    /// Whether the values are results that are true or false.
    pub(super) fn is_boolean(&self) -> bool {
        matches!(self, Self::Results(program, _) if program.lane == Lane::Bool)
    }

    /// How many values are a grain: fewer where they may take so long that even a few are for several threads. A power of two
    /// in any case, so that trees over values have the same shape.
    pub(super) fn grain(&self) -> usize {
        match self {
            Self::Results(program, _) if program.is_long() => (self.length() / MANY)
                .next_power_of_two()
                .clamp(BLOCK, GRAIN),
            _ => GRAIN,
        }
    }

    /// Number of grains.
    pub(super) fn grains(&self) -> usize {
        self.length().div_ceil(self.grain())
    }

    /// The chunks that it is gone through in.
    pub(super) fn chunks(&self) -> Chunks {
        let slow = matches!(self, Self::Results(program, _) if program.is_slow());
        Chunks::of(self.grains(), slow)
    }

    /// Adds up the numbers of some grains: a program adds the results of its last step itself, if it can; else `add` gets
    /// them as from [`Source::numbers`]. `None`: `stop` said so.
    ///
    /// As for [`Source::with_grain`].
    pub(super) fn add_up(
        &self,
        grains: Range<usize>,
        stop: &dyn Fn() -> bool,
        sum: &mut LaneSum,
        add: impl Fn(&mut LaneSum, &[f64], Reading),
    ) -> Option<()> {
        let mut range = self.range(grains);
        if let Self::Results(program, bound) = self
            && program.can_add_up()
        {
            let length = range.len() / GROUP * GROUP;
            // SAFETY: within the bound length; its arrays are alive by the promise of `Source`.
            if !unsafe {
                program
                    .machine()
                    .add_up(bound, range.start, length, sum, stop)
            } {
                return None;
            }
            range.start += length;
        }
        self.numbers(range, stop, |x, reading| add(sum, x, reading))
    }

    /// Calls `use_numbers` with the numbers in some places, where they stand in memory, or part by part, all but the last of
    /// them whole groups; and how to ask for what comes next. 64-bit integers are none. `None`: `stop` said so.
    ///
    /// As for [`Source::with_grain`].
    pub(super) fn numbers(
        &self,
        range: Range<usize>,
        stop: &dyn Fn() -> bool,
        mut use_numbers: impl FnMut(&[f64], Reading),
    ) -> Option<()> {
        match self {
            Self::Array(column) => {
                // SAFETY: within the array, whose memory is alive by the promise of `Source`.
                let first = unsafe { column.data.add(range.start * column.kind.bytes()) };
                if column.kind == ElementKind::F64 {
                    // SAFETY: as above; aligned, as typed arrays are.
                    let x = unsafe { std::slice::from_raw_parts(first.cast(), range.len()) };
                    use_numbers(x, Reading::onwards(1));
                    return Some(());
                }
                let Some(widen) = widening(column.kind) else {
                    return Some(());
                };
                let mut doubles = [0.0; WIDENED];
                for done in (0..range.len()).step_by(WIDENED) {
                    let x = &mut doubles[..WIDENED.min(range.len() - done)];
                    // SAFETY: as above.
                    unsafe { widen(x, first.add(done * column.kind.bytes())) };
                    use_numbers(x, Reading::Nothing);
                }
                Some(())
            }
            Self::Results(program, bound) => numbers_in_blocks(program, bound, range, stop, |x| {
                use_numbers(x, Reading::Nothing);
            }),
        }
    }

    /// Looks up where the pages of what some grains are read from are: see [`visit_pages`](crate::prefetch::visit_pages).
    pub(super) fn visit_pages(&self, grains: Range<usize>) {
        let range = self.range(grains);
        match self {
            // SAFETY: within the array; alive by the promise of `Source`.
            Self::Array(column) => unsafe { column.visit_pages(range) },
            Self::Results(_, bound) => bound.visit_pages(range),
        }
    }

    /// Where the values of some grains stand.
    pub(super) fn range(&self, grains: Range<usize>) -> Range<usize> {
        let grain = self.grain();
        grains.start * grain..(grains.end * grain).min(self.length())
    }

    /// Calls `use_values` with the values of a grain. `None`: `stop` said so.
    ///
    /// The arrays behind a source are alive, attached and unmoved as long as it is used: whoever makes it answers for that.
    pub(super) fn with_grain<R>(
        &self,
        grain: usize,
        stop: &dyn Fn() -> bool,
        use_values: impl FnOnce(Values<'_>) -> R,
    ) -> Option<R> {
        let range = self.range(grain..grain + 1);
        match self {
            Self::Array(column) => {
                Some(with_elements(*column, range.start, range.len(), use_values))
            }
            Self::Results(program, bound) => with_results(program, bound, range, stop, use_values),
        }
    }
}

fn with_elements<R>(
    column: Column,
    start: usize,
    n: usize,
    use_values: impl FnOnce(Values<'_>) -> R,
) -> R {
    // SAFETY: within the array, by the lengths; alive by the promise of `Source`; aligned, as typed arrays are.
    unsafe {
        let data = column.data.add(start * column.kind.bytes());
        match column.kind {
            ElementKind::F64 => use_values(Values::F64(std::slice::from_raw_parts(data.cast(), n))),
            ElementKind::I64 => use_values(Values::I64(std::slice::from_raw_parts(data.cast(), n))),
            ElementKind::U64 => use_values(Values::U64(std::slice::from_raw_parts(data.cast(), n))),
            kind => SCRATCH.with_borrow_mut(|scratch| {
                scratch.doubles.resize(GRAIN, 0.0);
                let doubles = &mut scratch.doubles[..n];
                let Some(widen) = widening(kind) else {
                    unreachable!("all others are widened")
                };
                widen(doubles, data);
                use_values(Values::F64(doubles))
            }),
        }
    }
}

fn with_results<R>(
    program: &Program,
    bound: &Bound,
    range: Range<usize>,
    stop: &dyn Fn() -> bool,
    use_values: impl FnOnce(Values<'_>) -> R,
) -> Option<R> {
    let length = range.len();
    SCRATCH.with_borrow_mut(|scratch| {
        if program.lane == Lane::I64 {
            scratch.integers.clear();
            in_blocks(program, bound, range, stop, |lanes| {
                if let Lanes::I64(values) = lanes {
                    scratch.integers.extend_from_slice(values);
                }
            })?;
            return Some(use_values(Values::I64(&scratch.integers)));
        }
        scratch.doubles.resize(GRAIN, 0.0);
        let mut done = 0;
        numbers_in_blocks(program, bound, range, stop, |x| {
            scratch.doubles[done..done + x.len()].copy_from_slice(x);
            done += x.len();
        })?;
        Some(use_values(Values::F64(&scratch.doubles[..length])))
    })
}

/// The results of a program that gives no BigInts, as doubles.
fn numbers_in_blocks(
    program: &Program,
    bound: &Bound,
    range: Range<usize>,
    stop: &dyn Fn() -> bool,
    mut add: impl FnMut(&[f64]),
) -> Option<()> {
    let mut doubles = [0.0; BLOCK];
    in_blocks(program, bound, range, stop, |lanes| match lanes {
        Lanes::F64(values) => add(values),
        Lanes::I32(values) => add(widened(&mut doubles, values)),
        Lanes::U32(values) => add(widened(&mut doubles, values)),
        Lanes::Bool(values) => add(widened(&mut doubles, values)),
        Lanes::I64(_) => {}
    })
}

fn in_blocks(
    program: &Program,
    bound: &Bound,
    range: Range<usize>,
    stop: &dyn Fn() -> bool,
    mut add: impl FnMut(Lanes<'_>),
) -> Option<()> {
    let mut machine = program.machine();
    for start in range.clone().step_by(BLOCK) {
        let n = BLOCK.min(range.end - start);
        // SAFETY: within the bound length; its arrays are alive by the promise of `Source`.
        let lanes = unsafe { machine.block(bound, start, n, stop) }?;
        add(lanes);
    }
    Some(())
}

fn widened<'a, T: Copy + Into<f64>>(doubles: &'a mut [f64; BLOCK], values: &[T]) -> &'a [f64] {
    for (double, &value) in doubles.iter_mut().zip(values) {
        *double = value.into();
    }
    &doubles[..values.len()]
}
