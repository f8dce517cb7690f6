//! Reduction by any associative function of two values, given as a program.
//!
//! Neighbours are combined, then neighbours of what came out, until one is left: the operands stay in their order, and the
//! shape of the tree depends on the length alone. Within a grain first, then over the grains.

use crate::BLOCK;
use crate::data::source::Values;
use crate::data::{GRAINS_PER_CHUNK, Operation, Source, lock};
use crate::element::{Column, ElementKind};
use crate::machine::{Bound, Lanes};
use crate::program::Program;
use std::sync::{Arc, Mutex};

/// One value of either form.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A BigInt modulo 2^64.
    Integer(i64),
}

/// A reduction of a source by a program of two columns: both of doubles, or both of 64-bit integers.
pub struct Fold {
    source: Source,
    program: Arc<Program>,
    captured: Vec<Column>,
    results: Mutex<Vec<Option<Value>>>,
}

impl Fold {
    /// `None`: the program has not two columns of one such kind.
    #[must_use]
    pub fn new(source: Source, program: Arc<Program>, captured: Vec<Column>) -> Option<Self> {
        let two = matches!(
            program.columns(),
            [ElementKind::F64, ElementKind::F64]
                | [ElementKind::I64, ElementKind::I64]
                | [ElementKind::U64, ElementKind::U64]
        );
        let results = Mutex::new(vec![None; source.grains()]);
        two.then_some(Self {
            source,
            program,
            captured,
            results,
        })
    }

    /// The value, after all stages. `None`: there were no values, or chunks were left out.
    #[must_use]
    pub fn answer(&self, stop: &dyn Fn() -> bool) -> Option<Value> {
        let results: Vec<Value> = lock(&self.results).iter().copied().collect::<Option<_>>()?;
        let numbers: Option<Vec<f64>> = results
            .iter()
            .map(|value| {
                if let Value::Number(number) = value {
                    Some(*number)
                } else {
                    None
                }
            })
            .collect();
        if let Some(numbers) = numbers {
            return self.tree(&numbers, stop).map(Value::Number);
        }
        let integers: Option<Vec<i64>> = results
            .iter()
            .map(|value| {
                if let Value::Integer(integer) = value {
                    Some(*integer)
                } else {
                    None
                }
            })
            .collect();
        self.tree(&integers?, stop).map(Value::Integer)
    }

    /// Combines neighbours until one is left. `None`: `stop` said so, there is nothing, or results are of another form.
    fn tree<T: Operand>(&self, values: &[T], stop: &dyn Fn() -> bool) -> Option<T> {
        let mut values = values.to_vec();
        let kind = self.program.columns()[0];
        let mut machine = self.program.machine();
        while values.len() > 1 {
            let (pairs, single) = values.as_chunks::<2>();
            let left: Vec<T> = pairs.iter().map(|pair| pair[0]).collect();
            let right: Vec<T> = pairs.iter().map(|pair| pair[1]).collect();
            let column = |side: &[T]| Column {
                kind,
                data: side.as_ptr().cast(),
                length: side.len(),
            };
            let columns = vec![column(&left), column(&right)];
            let bound =
                Bound::new(&self.program, columns, self.captured.clone(), left.len()).ok()?;
            let mut combined = Vec::with_capacity(left.len() + 1);
            for start in (0..left.len()).step_by(BLOCK) {
                let n = BLOCK.min(left.len() - start);
                // SAFETY: within the columns, which live until the end of the round.
                let lanes = unsafe { machine.block(&bound, start, n, stop) }?;
                T::append(&mut combined, lanes)?;
            }
            combined.extend_from_slice(single);
            values = combined;
        }
        values.first().copied()
    }
}

/// What programs combine.
trait Operand: Copy {
    /// Adds a block of results. `None`: they are of another form.
    fn append(to: &mut Vec<Self>, lanes: Lanes<'_>) -> Option<()>;
}

impl Operand for f64 {
    fn append(to: &mut Vec<Self>, lanes: Lanes<'_>) -> Option<()> {
        match lanes {
            Lanes::F64(values) => to.extend_from_slice(values),
            Lanes::I32(values) => to.extend(values.iter().map(|&value| Self::from(value))),
            Lanes::U32(values) => to.extend(values.iter().map(|&value| Self::from(value))),
            Lanes::Bool(values) => to.extend(values.iter().map(|&value| Self::from(value))),
            Lanes::I64(_) => return None,
        }
        Some(())
    }
}

impl Operand for i64 {
    fn append(to: &mut Vec<Self>, lanes: Lanes<'_>) -> Option<()> {
        let Lanes::I64(values) = lanes else {
            return None;
        };
        to.extend_from_slice(values);
        Some(())
    }
}

impl Operation for Fold {
    fn stages(&self) -> usize {
        1
    }

    fn begin(&self, _: usize) -> usize {
        self.source.grains().div_ceil(GRAINS_PER_CHUNK)
    }

    fn chunk(&self, _: usize, index: usize, stop: &dyn Fn() -> bool) {
        let first = index * GRAINS_PER_CHUNK;
        let last = (first + GRAINS_PER_CHUNK).min(self.source.grains());
        for grain in first..last {
            let result = self.source.with_grain(grain, stop, |values| match values {
                Values::F64(x) => self.tree(x, stop).map(Value::Number),
                Values::I64(x) => self.tree(x, stop).map(Value::Integer),
                Values::U64(x) => {
                    let signed: Vec<i64> = x.iter().map(|&value| value.cast_signed()).collect();
                    self.tree(&signed, stop).map(Value::Integer)
                }
            });
            lock(&self.results)[grain] = result.flatten();
        }
    }
}
