//! Counts values into tables of their own: one thread's part of a histogram.
//!
//! Finding the cells of a block is arithmetic on vectors, counting the cells is one store for each value. Both in one loop,
//! which counts the block before while it places the next, take the time of the stores alone.

use super::layout::Layout;
use crate::BLOCK;
use crate::data::ahead::ask_ahead;
use crate::data::source::Values;
use crate::isa::{Level, levels};

/// Set in the cell of a value whose bin is to be found by comparison.
const UNSURE: u32 = 1 << 31;
/// Cells beside those of the bins, which begin at 1: 0 is for what lies below and for NaN, the last for what lies above.
const BESIDE: usize = 2;
/// Values that are placed at once.
const LANES: usize = 8;
/// Each lane counts into a table of its own, so that equal neighbours do not wait for one counter, as long as a table has no
/// more counters than this; else all count into one.
const MOST_OF_ITS_OWN: usize = 2048;

/// With more bins than this, cells are found one by one: their numbers might not be int32.
const MOST_PLACED: usize = 1 << 30;

/// Takes values to places: the whole part of a place is the number of a cell.
struct Scale {
    scale: f64,
    /// The place of zero.
    zero: f64,
    /// Beyond the last bin, in its neighbour.
    end: f64,
    /// How much a place may be wrong by.
    margin: f64,
}

impl Scale {
    fn new(layout: &Layout) -> Self {
        let bins = layout.bins();
        // With a margin of 1 all are unsure.
        let (scale, margin) = if bins <= MOST_PLACED {
            (layout.scale, layout.margin)
        } else {
            (0.0, 1.0)
        };
        Self {
            scale,
            zero: 1.0 - layout.first * scale,
            end: bins.min(MOST_PLACED) as f64 + 1.5,
            margin,
        }
    }

    /// The place of a value, half a cell beyond those of the bins at most. NaN is below.
    #[inline(always)]
    fn place<const LEVEL: u8>(&self, value: f64) -> f64 {
        // Fused where the machine can: one operation less, and no cell differs that is sure.
        let place = if LEVEL == Level::Base as u8 {
            value * self.scale + self.zero
        } else {
            value.mul_add(self.scale, self.zero)
        };
        let place = if place > 0.5 { place } else { 0.5 };
        if place < self.end { place } else { self.end }
    }
}

levels! {
    /// Writes the cell of each value; `true` if any is unsure. Counts the cells of the block `before` into the tables.
    /// `goes_on`: what comes next stands behind the values in memory.
    ///
    /// All of `before` are sure; lane for lane, `tables` has a counter that many places behind what `starts` says.
    unsafe fn place_and_count(
        x: &[f64; BLOCK],
        goes_on: bool,
        scale: &Scale,
        cells: &mut [u32; BLOCK],
        before: &[u32; BLOCK],
        tables: &mut [u32],
        starts: &[usize; LANES],
    ) -> bool {
        let mut any = [0u32; LANES];
        let (groups, _) = x.as_chunks::<LANES>();
        let (cells, _) = cells.as_chunks_mut::<LANES>();
        let (before, _) = before.as_chunks::<LANES>();
        for ((values, cells), before) in groups.iter().zip(cells).zip(before) {
            if goes_on {
                ask_ahead(values);
            }
            for ((cell, any), &value) in cells.iter_mut().zip(&mut any).zip(values) {
                let place = scale.place::<LEVEL>(value);
                // SAFETY: not NaN, and not far beyond `MOST_PLACED`: the margin is below 100, for edges differ.
                let low: i32 = (place - scale.margin).to_int_unchecked();
                let high: i32 = (place + scale.margin).to_int_unchecked();
                let unsure = if low == high { 0 } else { UNSURE };
                let found = low.cast_unsigned() | unsure;
                *any |= found;
                *cell = found;
            }
            for (&start, &cell) in starts.iter().zip(before) {
                // SAFETY: the counter is there by the promise of the caller.
                unsafe { *tables.get_unchecked_mut(start + cell as usize) += 1 };
            }
        }
        any.iter().fold(0, |all, one| all | one) & UNSURE != 0
    }
}

pub(super) struct Counter<'a> {
    layout: &'a Layout,
    scale: Scale,
    level: Level,
    /// Tables of `length` counters, and where in them that of each lane begins.
    tables: Vec<u32>,
    length: usize,
    starts: [usize; LANES],
    /// The cells of the block that was placed last and is not counted yet, and room for those of the next; they change
    /// places after each block.
    cells: [[u32; BLOCK]; 2],
    room: usize,
}

impl<'a> Counter<'a> {
    pub(super) fn new(layout: &'a Layout, level: Level) -> Self {
        let length = layout.bins() + BESIDE;
        let apart = length <= MOST_OF_ITS_OWN;
        Self {
            layout,
            scale: Scale::new(layout),
            level: level.min(Level::detected()),
            tables: vec![0; if apart { LANES * length } else { length }],
            length,
            starts: std::array::from_fn(|lane| if apart { lane * length } else { 0 }),
            // Cell 0 counts nowhere.
            cells: [[0; BLOCK]; 2],
            room: 0,
        }
    }

    pub(super) fn count(&mut self, values: Values<'_>) {
        match values {
            Values::I64(x) => self.count_each(x.len(), |i| x[i] as f64),
            Values::U64(x) => self.count_each(x.len(), |i| x[i] as f64),
            Values::F64(x) => {
                let (blocks, rest) = x.as_chunks::<BLOCK>();
                for block in blocks {
                    self.count_block(block, true);
                }
                self.count_each(rest.len(), |i| rest[i]);
            }
        }
    }

    /// Counts values that do not stand in whole blocks of doubles.
    fn count_each(&mut self, n: usize, value_at: impl Fn(usize) -> f64) {
        for start in (0..n).step_by(BLOCK) {
            // What fills up the last block counts nowhere.
            let block = std::array::from_fn(|i| {
                if start + i < n {
                    value_at(start + i)
                } else {
                    f64::NAN
                }
            });
            self.count_block(&block, false);
        }
    }

    fn count_block(&mut self, x: &[f64; BLOCK], goes_on: bool) {
        let [first, second] = &mut self.cells;
        let (room, placed) = if self.room == 0 {
            (first, second)
        } else {
            (second, first)
        };
        self.room ^= 1;
        // SAFETY: the level is at most what the machine has. Cells are those of bins or beside them: places are kept between
        // -0.5 and half a cell beyond the last bin, and what is unsure is found below, before it is counted.
        let unsure = unsafe {
            place_and_count::TABLE.at(self.level)(
                x,
                goes_on,
                &self.scale,
                room,
                placed,
                &mut self.tables,
                &self.starts,
            )
        };
        if unsure {
            for (cell, &value) in room.iter_mut().zip(x) {
                if *cell & UNSURE != 0 {
                    *cell = self.layout.exact(value) as u32;
                }
            }
        }
    }

    /// Adds what was counted to the counts of all bins.
    pub(super) fn add_to(mut self, counts: &mut [u64]) {
        // Takes the last block into the tables.
        self.count_block(&[f64::NAN; BLOCK], false);
        for table in self.tables.chunks_exact(self.length) {
            for (count, &counted) in counts.iter_mut().zip(&table[1..]) {
                *count += u64::from(counted);
            }
        }
    }
}
