//! The variance in one pass over memory: distances of the elements of each chunk from a number near their mean, put right
//! when the chunks are combined.

use super::spread::Spread;
use crate::data::double_double::DoubleDouble;
use crate::isa::Level;
use crate::reading::Reading;

/// Elements that the number near the mean is taken from: of the first ones, so that memory is read in one direction.
const SAMPLES: usize = 16;
/// How many of those first ones.
const FIRST: usize = 256;

/// How many times the squares of the distances from the mean may be lost among those from the centre: so many that only a
/// sixteenth of the elements of a chunk can be as far off.
const MOST_EXCESS: f64 = 16.0;

/// The mean of the elements of a chunk and the squares of their distances from it, added up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moments {
    /// Number of elements.
    length: f64,
    /// A double near the mean.
    centre: f64,
    /// What the mean is more than that.
    offset: DoubleDouble,
    squares: DoubleDouble,
}

impl Moments {
    /// Of `length` elements, at least one, that `each` gives as `Source::numbers` does; again if the first of them misled,
    /// which is seldom. `None`: `each` stopped.
    pub(super) fn of(
        length: usize,
        level: Level,
        mut each: impl FnMut(&mut dyn FnMut(&[f64], Reading)) -> Option<()>,
    ) -> Option<Self> {
        let mut spread = None;
        each(&mut |x, reading| {
            spread
                .get_or_insert_with(|| Spread::about(sampled_centre(x)))
                .add(x, reading, level);
        })?;
        let (near, excess) = Self::from_spread(&spread?, length);
        // What lies off the mean was subtracted from the squares: were it much more than they, their last bits would be lost.
        if excess.hi <= near.squares.hi * MOST_EXCESS {
            return Some(near);
        }
        let mean = DoubleDouble::new(near.centre, 0.0).add(near.offset).value();
        let deviation = near.squares.over(near.length).value().sqrt();
        let mut spread = Spread::about(rounded(mean, deviation));
        each(&mut |x, reading| spread.add(x, reading, level))?;
        Some(Self::from_spread(&spread, length).0)
    }

    /// Also by how much the squares of the distances from the centre are greater than those from the mean.
    fn from_spread(spread: &Spread, length: usize) -> (Self, DoubleDouble) {
        let (distances, squares) = spread.totals();
        let length = length as f64;
        let excess = distances.times(distances).over(length);
        // Beyond all doubles nothing is left to subtract from; where an element was infinite, the offset is, too.
        let squares = if squares.hi.is_infinite() {
            squares
        } else {
            squares.add(excess.negated())
        };
        let moments = Self {
            length,
            centre: spread.centre(),
            offset: distances.over(length),
            squares,
        };
        (moments, excess)
    }
}

/// A number near the mean of some elements; of equal ones exactly their value.
fn sampled_centre(x: &[f64]) -> f64 {
    let length = x.len().min(FIRST);
    // Scaled first: no sum overflows.
    let samples: [f64; SAMPLES] =
        std::array::from_fn(|i| x[(2 * i + 1) * length / (2 * SAMPLES)] / SAMPLES as f64);
    let least = samples.into_iter().fold(f64::INFINITY, f64::min);
    let greatest = samples.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let mut sums = samples;
    let mut n = SAMPLES;
    while n > 1 {
        n /= 2;
        for i in 0..n {
            sums[i] += sums[i + n];
        }
    }
    rounded(sums[0], (greatest - least) * SAMPLES as f64)
}

/// `number` rounded to a sixteenth of the power of two below `scale`. Elements that occur often would be rounded in the same
/// direction each time they are subtracted from a number with more digits.
fn rounded(number: f64, scale: f64) -> f64 {
    const EXPONENT: u64 = 0x7FF << 52;
    let power = f64::from_bits(scale.to_bits() & EXPONENT);
    // The sum of this and the number has no lower digits.
    let shift = power * (3u64 << 47) as f64;
    let rounded = (number + shift) - shift;
    if rounded.is_finite() { rounded } else { number }
}

/// Chan's combination: each chunk adds the squares of the distances from its own mean, and as many times as it has elements
/// the square of the distance of that from the mean of all `n`. Means are taken from the centre of the first chunk, so that
/// nothing is lost where all elements are far from zero.
pub(super) fn variance<'a>(chunks: impl Iterator<Item = &'a Moments> + Clone, n: usize) -> f64 {
    let origin = chunks.clone().next().map_or(0.0, |first| first.centre);
    let placed = chunks.map(|chunk| {
        let centre = DoubleDouble::sum_of(chunk.centre, -origin);
        (chunk, centre.add(chunk.offset))
    });
    let mean = placed
        .clone()
        .fold(DoubleDouble::default(), |sum, (chunk, mean)| {
            sum.add(mean.times_number(chunk.length))
        })
        .over(n as f64);
    let squares = placed.fold(DoubleDouble::default(), |sum, (chunk, own)| {
        let distance = own.add(mean.negated());
        let between = distance.times(distance).times_number(chunk.length);
        // First by itself: only the last addition waits for the chunk before.
        sum.add(chunk.squares.add(between))
    });
    let variance = squares.over(n as f64).value();
    // Rounding may leave less than nothing of nearly equal values; NaN stays.
    if variance < 0.0 { 0.0 } else { variance }
}
