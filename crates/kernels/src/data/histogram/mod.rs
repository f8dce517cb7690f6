//! Counts over uniform bins with numpy's edges: the last bin is closed, values outside and NaN count nowhere.
//!
//! The place of a value is estimated by a multiplication, in vector code; only where the estimate lies too near an edge for
//! its rounding is it compared with the edges themselves. So the bin is always the one between whose edges the value lies.

mod counter;
mod layout;

use crate::data::reduce::{greatest, least};
use crate::data::source::Values;
use crate::data::{Operation, Source, lock};
use crate::isa::Level;
use counter::Counter;
use layout::Layout;
pub use layout::NoBins;
use std::sync::{Mutex, OnceLock};

/// A histogram of a source.
pub struct Histogram {
    source: Source,
    bins: usize,
    level: Level,
    /// A range was given: nothing is to be looked for.
    ranged: bool,
    /// Least and greatest number.
    span: Mutex<(f64, f64)>,
    layout: OnceLock<Result<Layout, NoBins>>,
    counts: Mutex<Vec<u64>>,
}

impl Histogram {
    /// `bins` at least 1 and below 2^31; `range` ascends, or is taken from the data.
    #[must_use]
    pub fn new(source: Source, bins: usize, range: Option<(f64, f64)>, level: Level) -> Self {
        let layout = OnceLock::new();
        if let Some((first, last)) = range {
            let _ = layout.set(Layout::new(first, last, bins));
        }
        Self {
            source,
            bins,
            level: level.min(Level::detected()),
            ranged: range.is_some(),
            span: Mutex::new((f64::INFINITY, f64::NEG_INFINITY)),
            layout,
            counts: Mutex::new(vec![0; bins]),
        }
    }

    /// Counts and edges, after all stages.
    ///
    /// # Errors
    /// [`NoBins`]
    pub fn answer(&self) -> Result<(Vec<u64>, Vec<f64>), NoBins> {
        match self.layout.get() {
            Some(Ok(layout)) => Ok((lock(&self.counts).clone(), layout.edges.clone())),
            Some(Err(reason)) => Err(*reason),
            None => Ok((Vec::new(), Vec::new())),
        }
    }

    fn look(&self, values: Values<'_>) {
        let (low, high) = match values {
            Values::F64(x) => (least(x, self.level).0, greatest(x, self.level).0),
            Values::I64(x) => extremes(x.iter().map(|&v| v as f64)),
            Values::U64(x) => extremes(x.iter().map(|&v| v as f64)),
        };
        let mut span = lock(&self.span);
        span.0 = span.0.min(low);
        span.1 = span.1.max(high);
    }
}

fn extremes(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

impl Operation for Histogram {
    fn stages(&self) -> usize {
        if self.ranged { 1 } else { 2 }
    }

    fn begin(&self, stage: usize) -> usize {
        let chunks = self.source.chunks().count();
        if stage + 1 < self.stages() {
            return chunks;
        }
        let layout = self.layout.get_or_init(|| {
            let (low, high) = *lock(&self.span);
            // numpy bins nothing into [0, 1].
            if low > high {
                Layout::new(0.0, 1.0, self.bins)
            } else {
                Layout::new(low, high, self.bins)
            }
        });
        if layout.is_ok() { chunks } else { 0 }
    }

    fn chunk(&self, stage: usize, index: usize, stop: &dyn Fn() -> bool) {
        let grains = self.source.chunks().grains(index);
        if stage + 1 < self.stages() {
            for grain in grains {
                self.source
                    .with_grain(grain, stop, |values| self.look(values));
            }
            return;
        }
        let Some(Ok(layout)) = self.layout.get() else {
            return;
        };
        let mut counter = Counter::new(layout, self.level);
        for grain in grains {
            self.source
                .with_grain(grain, stop, |values| counter.count(values));
        }
        counter.add_to(&mut lock(&self.counts));
    }
}
