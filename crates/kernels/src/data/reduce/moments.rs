//! The variance in one pass over memory: distances of the elements of each grain from a number near their mean, put right
//! when the grains are combined.

use super::spread::spread;
use crate::data::double_double::DoubleDouble;
use crate::data::{GRAIN, GRAINS_PER_CHUNK};
use crate::isa::Level;
use crate::prefetch::prefetch;

/// Elements that the number near the mean of a grain is taken from.
const SAMPLES: usize = 16;

/// The mean of the elements of a grain and the squares of their distances from it, added up.
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
    /// Of at least one element, a grain at most.
    pub(super) fn of(x: &[f64], level: Level) -> Self {
        Self::near(sampled_mean(x), x, level)
    }

    /// Of each grain of a chunk, which goes on in memory. All samples are read first: where the caches do not have them, all
    /// are waited for at once.
    pub(super) fn of_grains(x: &[f64], level: Level, mut use_moments: impl FnMut(usize, Self)) {
        // Those of the chunk behind this one, mostly: memory has time for them until then.
        for grain in x.chunks(GRAIN) {
            for place in sample_places(grain.len()) {
                prefetch(grain.as_ptr().wrapping_add(x.len() + place).cast());
            }
        }
        let mut centres = [0.0; GRAINS_PER_CHUNK];
        for (centre, grain) in centres.iter_mut().zip(x.chunks(GRAIN)) {
            *centre = sampled_mean(grain);
        }
        for (index, (grain, centre)) in x.chunks(GRAIN).zip(centres).enumerate() {
            use_moments(index, Self::near(centre, grain, level));
        }
    }

    /// `guess` is near the mean, or not.
    fn near(guess: f64, x: &[f64], level: Level) -> Self {
        let (near, excess) = Self::about(guess, x, level);
        // What lies off the mean was subtracted from the squares: were it most of them, their last bits would be lost.
        if excess.hi <= near.squares.hi {
            return near;
        }
        // The samples misled, which is seldom; by now the grain is in the cache.
        let mean = DoubleDouble::new(guess, 0.0).add(near.offset);
        Self::about(mean.value(), x, level).0
    }

    /// Also by how much the squares of the distances from `centre` are greater than those from the mean.
    fn about(centre: f64, x: &[f64], level: Level) -> (Self, DoubleDouble) {
        let (distances, squares) = spread(x, centre, level);
        let length = x.len() as f64;
        let excess = distances.times(distances).over(length);
        let moments = Self {
            length,
            centre,
            offset: distances.over(length),
            squares: squares.add(excess.negated()),
        };
        (moments, excess)
    }
}

/// At even distances.
fn sample_places(length: usize) -> [usize; SAMPLES] {
    std::array::from_fn(|i| (2 * i + 1) * length / (2 * SAMPLES))
}

/// The mean of some elements; of equal ones exactly their value.
fn sampled_mean(x: &[f64]) -> f64 {
    // Scaled first: no sum overflows.
    let mut samples = sample_places(x.len()).map(|place| x[place] / SAMPLES as f64);
    let mut n = SAMPLES;
    while n > 1 {
        n /= 2;
        for i in 0..n {
            samples[i] += samples[i + n];
        }
    }
    samples[0]
}

/// Chan's combination: each grain adds the squares of the distances from its own mean, and as many times as it has elements
/// the square of the distance of that from the mean of all `n`. Means are taken from the centre of the first grain, so that
/// nothing is lost where all elements are far from zero.
pub(super) fn variance<'a>(grains: impl Iterator<Item = &'a Moments> + Clone, n: usize) -> f64 {
    let origin = grains.clone().next().map_or(0.0, |first| first.centre);
    let placed = grains.map(|grain| {
        let centre = DoubleDouble::sum_of(grain.centre, -origin);
        (grain, centre.add(grain.offset))
    });
    let mean = placed
        .clone()
        .fold(DoubleDouble::default(), |sum, (grain, mean)| {
            sum.add(mean.times_number(grain.length))
        })
        .over(n as f64);
    let squares = placed.fold(DoubleDouble::default(), |sum, (grain, own)| {
        let distance = own.add(mean.negated());
        let between = distance.times(distance).times_number(grain.length);
        // First by itself: only the last addition waits for the grain before.
        sum.add(grain.squares.add(between))
    });
    let variance = squares.over(n as f64).value();
    // Rounding may leave less than nothing of nearly equal values; NaN stays.
    if variance < 0.0 { 0.0 } else { variance }
}
