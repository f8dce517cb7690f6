//! Where an operation's values come from: a typed array, or the results of a program over arrays.

use crate::BLOCK;
use crate::data::GRAIN;
use crate::element::{Column, ElementKind};
use crate::machine::{Bound, Lanes};
use crate::program::{Lane, Program};
use std::cell::RefCell;
use std::sync::Arc;

/// The values of an operation.
pub enum Source {
    /// The elements of an array.
    Array(Column),
    /// What a program gives for each element.
    Results(Arc<Program>, Bound),
}

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

    /// Number of grains.
    pub(super) fn grains(&self) -> usize {
        self.length().div_ceil(GRAIN)
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
        let start = grain * GRAIN;
        let n = GRAIN.min(self.length() - start);
        match self {
            Self::Array(column) => Some(with_elements(*column, start, n, use_values)),
            Self::Results(program, bound) => {
                with_results(program, bound, start..start + n, stop, use_values)
            }
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
            ElementKind::I8 => with_widened::<i8, R>(data, n, use_values),
            ElementKind::U8 | ElementKind::U8Clamped => with_widened::<u8, R>(data, n, use_values),
            ElementKind::I16 => with_widened::<i16, R>(data, n, use_values),
            ElementKind::U16 => with_widened::<u16, R>(data, n, use_values),
            ElementKind::I32 => with_widened::<i32, R>(data, n, use_values),
            ElementKind::U32 => with_widened::<u32, R>(data, n, use_values),
            ElementKind::F32 => with_widened::<f32, R>(data, n, use_values),
        }
    }
}

/// # Safety
/// `data` is the first of `n` readable elements.
unsafe fn with_widened<T: Copy + Into<f64>, R>(
    data: *const u8,
    n: usize,
    use_values: impl FnOnce(Values<'_>) -> R,
) -> R {
    // SAFETY: the caller's promise.
    let elements = unsafe { std::slice::from_raw_parts(data.cast::<T>(), n) };
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.doubles.resize(GRAIN, 0.0);
        for (double, &element) in scratch.doubles.iter_mut().zip(elements) {
            *double = element.into();
        }
        use_values(Values::F64(&scratch.doubles[..n]))
    })
}

fn with_results<R>(
    program: &Program,
    bound: &Bound,
    range: std::ops::Range<usize>,
    stop: &dyn Fn() -> bool,
    use_values: impl FnOnce(Values<'_>) -> R,
) -> Option<R> {
    let mut machine = program.machine();
    SCRATCH.with_borrow_mut(|scratch| {
        let big = program.lane == Lane::I64;
        if big {
            scratch.integers.resize(GRAIN, 0);
        } else {
            scratch.doubles.resize(GRAIN, 0.0);
        }
        let length = range.len();
        for done in (0..length).step_by(BLOCK) {
            let n = BLOCK.min(length - done);
            // SAFETY: within the bound length; its arrays are alive by the promise of `Source`.
            let lanes = unsafe { machine.block(bound, range.start + done, n, stop) }?;
            match lanes {
                Lanes::I64(values) => scratch.integers[done..done + n].copy_from_slice(values),
                Lanes::F64(values) => scratch.doubles[done..done + n].copy_from_slice(values),
                Lanes::I32(values) => widen(&mut scratch.doubles[done..done + n], values),
                Lanes::U32(values) => widen(&mut scratch.doubles[done..done + n], values),
                Lanes::Bool(values) => widen(&mut scratch.doubles[done..done + n], values),
            }
        }
        Some(if big {
            use_values(Values::I64(&scratch.integers[..length]))
        } else {
            use_values(Values::F64(&scratch.doubles[..length]))
        })
    })
}

fn widen<T: Copy + Into<f64>>(target: &mut [f64], values: &[T]) {
    for (double, &value) in target.iter_mut().zip(values) {
        *double = value.into();
    }
}
