//! Counts over uniform bins with numpy's edges: the last bin is closed, values outside and NaN count nowhere.
//!
//! The place of a value is estimated by a multiplication, in vector code; only where the estimate lies too near an edge for
//! its rounding is it compared with the edges themselves. So the bin is always the one between whose edges the value lies.

use crate::BLOCK;
use crate::data::ahead::ask_ahead;
use crate::data::reduce::{greatest, least};
use crate::data::source::Values;
use crate::data::{GRAINS_PER_CHUNK, Operation, Source, lock};
use crate::isa::{Level, levels};
use std::sync::{Mutex, OnceLock};

/// Why there are no bins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoBins {
    /// The data have an infinity, and no range was given.
    Infinite,
    /// The bins would be narrower than doubles are apart.
    TooMany,
}

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

struct Layout {
    edges: Vec<f64>,
    first: f64,
    last: f64,
    scale: f64,
    /// How near to an edge, in bins, an estimate may be wrong.
    margin: f64,
}

impl Layout {
    /// The edges as numpy's `linspace` has them.
    fn new(first: f64, last: f64, bins: usize) -> Result<Self, NoBins> {
        if !first.is_finite() || !last.is_finite() {
            return Err(NoBins::Infinite);
        }
        let (first, last) = if first == last {
            (first - 0.5, last + 0.5)
        } else {
            (first, last)
        };
        let width = last - first;
        let step = width / bins as f64;
        let mut edges: Vec<f64> = (0..=bins)
            .map(|i| {
                if step == 0.0 {
                    i as f64 / bins as f64 * width + first
                } else {
                    i as f64 * step + first
                }
            })
            .collect();
        edges[bins] = last;
        if edges.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(NoBins::TooMany);
        }
        let scale = bins as f64 / width;
        // Places are off by the rounding of widths, edges, and of themselves.
        let size = first.abs().max(last.abs()) * scale + bins as f64;
        // Where the widths of bins have no inverse, all places are unsure.
        let (scale, margin) = if scale.is_finite() {
            (scale, 16.0 * f64::EPSILON * size)
        } else {
            (0.0, 1.0)
        };
        Ok(Self {
            edges,
            first,
            last,
            scale,
            margin,
        })
    }

    /// The cell of a value, from one `near` it.
    fn exact(&self, value: f64, near: usize) -> usize {
        let bins = self.edges.len() - 1;
        if !(self.first..=self.last).contains(&value) {
            return 0;
        }
        let mut bin = near.saturating_sub(1).min(bins - 1);
        while bin > 0 && value < self.edges[bin] {
            bin -= 1;
        }
        while bin < bins - 1 && value >= self.edges[bin + 1] {
            bin += 1;
        }
        bin + 1
    }
}

/// Set in the cell of a value whose bin is to be found by comparison.
const UNSURE: u32 = 1 << 31;
/// Cells beside those of the bins, which begin at 1: 0 is for what lies below and for NaN, the last for what lies above.
const BESIDE: usize = 2;

struct Scale {
    first: f64,
    scale: f64,
    /// Beyond the last bin, in its neighbour.
    end: f64,
    /// What takes a place to half a cell before its cell's number, less and more what it may be wrong by.
    low: f64,
    high: f64,
}

levels! {
    /// Writes the cell of each value; `true` if any is unsure.
    unsafe fn place_lanes(x: &[f64; BLOCK], scale: &Scale, cells: &mut [u32; BLOCK]) -> bool {
        // Added to a number below it, it leaves the nearest integer in the last bits.
        const TWO_52: f64 = 4_503_599_627_370_496.0;
        let mut any = 0u32;
        for (cell, &value) in cells.iter_mut().zip(x) {
            let place = (value - scale.first) * scale.scale;
            // NaN is below.
            let place = if place > -0.5 { place } else { -0.5 };
            let place = if place < scale.end { place } else { scale.end };
            let low = ((place + scale.low) + TWO_52).to_bits();
            let high = ((place + scale.high) + TWO_52).to_bits();
            let unsure = if low == high { 0 } else { UNSURE };
            let found = low as u32 | unsure;
            any |= found;
            *cell = found;
        }
        any & UNSURE != 0
    }
}

/// Tables that are counted into in turn, so that equal neighbours do not wait for one counter.
const TABLES: usize = 4;

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

    fn count(&self, values: Values<'_>, layout: &Layout, tables: &mut [u32]) {
        match values {
            Values::I64(x) => self.count_rest(x.len(), |i| x[i] as f64, layout, tables),
            Values::U64(x) => self.count_rest(x.len(), |i| x[i] as f64, layout, tables),
            Values::F64(x) => {
                let (blocks, rest) = x.as_chunks::<BLOCK>();
                for block in blocks {
                    self.count_block(block, layout, tables);
                }
                self.count_rest(rest.len(), |i| rest[i], layout, tables);
            }
        }
    }

    /// Counts values that do not stand in whole blocks of doubles.
    fn count_rest(
        &self,
        n: usize,
        value_at: impl Fn(usize) -> f64,
        layout: &Layout,
        tables: &mut [u32],
    ) {
        for start in (0..n).step_by(BLOCK) {
            // What fills up the last block counts nowhere.
            let block = std::array::from_fn(|i| {
                if start + i < n {
                    value_at(start + i)
                } else {
                    f64::NAN
                }
            });
            self.count_block(&block, layout, tables);
        }
    }

    fn count_block(&self, x: &[f64; BLOCK], layout: &Layout, tables: &mut [u32]) {
        ask_ahead(x);
        let scale = Scale {
            first: layout.first,
            scale: layout.scale,
            end: self.bins as f64 + 0.5,
            low: 0.5 - layout.margin,
            high: 0.5 + layout.margin,
        };
        let mut cells = [0; BLOCK];
        // SAFETY: the level is at most what the machine has.
        let unsure = unsafe { place_lanes::TABLE.at(self.level)(x, &scale, &mut cells) };
        if unsure {
            for (cell, &value) in cells.iter_mut().zip(x) {
                if *cell & UNSURE != 0 {
                    *cell = layout.exact(value, (*cell & !UNSURE) as usize) as u32;
                }
            }
        }
        let length = self.bins + BESIDE;
        for cells in cells.chunks_exact(TABLES) {
            for (table, &cell) in cells.iter().enumerate() {
                tables[table * length + cell as usize] += 1;
            }
        }
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
        let chunks = self.source.grains().div_ceil(GRAINS_PER_CHUNK);
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
        let first = index * GRAINS_PER_CHUNK;
        let last = (first + GRAINS_PER_CHUNK).min(self.source.grains());
        if stage + 1 < self.stages() {
            for grain in first..last {
                self.source
                    .with_grain(grain, stop, |values| self.look(values));
            }
            return;
        }
        let Some(Ok(layout)) = self.layout.get() else {
            return;
        };
        let length = self.bins + BESIDE;
        let mut tables = vec![0u32; TABLES * length];
        for grain in first..last {
            self.source.with_grain(grain, stop, |values| {
                self.count(values, layout, &mut tables);
            });
        }
        for (bin, count) in lock(&self.counts).iter_mut().enumerate() {
            *count += (0..TABLES)
                .map(|table| u64::from(tables[table * length + bin + 1]))
                .sum::<u64>();
        }
    }
}
