//! Reduction by any associative function of two numbers, given as a program.
//!
//! Neighbours are combined, then neighbours of what came out, until one is left: the operands stay in their order, and the
//! shape of the tree depends on the length alone. Within a grain first, then over the grains.

use crate::BLOCK;
use crate::data::partials::Partials;
use crate::data::source::Values;
use crate::data::{Chunks, Operation, Source};
use crate::element::{Column, ElementKind};
use crate::machine::{Bound, Lanes};
use crate::program::Program;
use std::sync::Arc;

/// A reduction of a source of doubles by a program of two columns of doubles.
pub struct Fold {
    source: Source,
    program: Arc<Program>,
    captured: Vec<Column>,
    results: Partials<f64, f64>,
}

impl Fold {
    /// `None`: the values or the program are not of that kind.
    #[must_use]
    pub fn new(source: Source, program: Arc<Program>, captured: Vec<Column>) -> Option<Self> {
        let fits =
            !source.is_integer() && program.columns() == [ElementKind::F64, ElementKind::F64];
        let results = Partials::new(Chunks::of(source.grains(), true));
        fits.then_some(Self {
            source,
            program,
            captured,
            results,
        })
    }

    /// The number, after all stages. `None`: there were no values, or chunks were left out.
    #[must_use]
    pub fn answer(&self) -> Option<f64> {
        self.results.answer()
    }

    /// Combines neighbours until one is left. `None`: `stop` said so, or there is nothing.
    fn tree(&self, values: &[f64], stop: &dyn Fn() -> bool) -> Option<f64> {
        let mut values = values.to_vec();
        let mut machine = self.program.machine();
        while values.len() > 1 {
            let (pairs, single) = values.as_chunks::<2>();
            let left: Vec<f64> = pairs.iter().map(|pair| pair[0]).collect();
            let right: Vec<f64> = pairs.iter().map(|pair| pair[1]).collect();
            let columns = [&left, &right].map(|side| Column {
                kind: ElementKind::F64,
                data: side.as_ptr().cast(),
                length: side.len(),
            });
            let bound = Bound::new(
                &self.program,
                columns.to_vec(),
                self.captured.clone(),
                left.len(),
            )
            .ok()?;
            let mut combined = Vec::with_capacity(left.len() + 1);
            for start in (0..left.len()).step_by(BLOCK) {
                let n = BLOCK.min(left.len() - start);
                // SAFETY: within the columns, which live until the end of the round; the captured arrays are alive as the
                // source is.
                match unsafe { machine.block(&bound, start, n, stop) }? {
                    Lanes::F64(values) => combined.extend_from_slice(values),
                    Lanes::I32(values) => {
                        combined.extend(values.iter().map(|&value| f64::from(value)));
                    }
                    Lanes::U32(values) => {
                        combined.extend(values.iter().map(|&value| f64::from(value)));
                    }
                    Lanes::Bool(values) => {
                        combined.extend(values.iter().map(|&value| f64::from(value)));
                    }
                    Lanes::I64(_) => return None,
                }
            }
            combined.extend_from_slice(single);
            values = combined;
        }
        values.first().copied()
    }
}

impl Operation for Fold {
    fn stages(&self) -> usize {
        1
    }

    fn begin(&self, _: usize) -> usize {
        self.results.chunks().count()
    }

    fn chunk(&self, _: usize, index: usize, stop: &dyn Fn() -> bool) {
        for grain in self.results.chunks().grains(index) {
            let result = self.source.with_grain(grain, stop, |values| match values {
                Values::F64(x) => self.tree(x, stop),
                Values::I64(_) | Values::U64(_) => None,
            });
            self.results.fill(grain..grain + 1, result.flatten());
        }
        self.results.end_chunk(|results| self.tree(results, stop));
    }
}
