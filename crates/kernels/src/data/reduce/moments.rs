//! The variance in one pass over memory: distances of the elements of each grain from a number near their mean, put right
//! when the grains are combined.

use super::spread::spread;
use crate::data::GRAIN;
use crate::data::double_double::DoubleDouble;
use crate::isa::Level;
use crate::prefetch::prefetch;

/// Elements that the number near the mean of a grain is taken from.
const SAMPLES: usize = 16;

/// Distances of the elements of a grain from `centre`, and their squares, added up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moments {
    centre: f64,
    distances: DoubleDouble,
    squares: DoubleDouble,
}

impl Moments {
    /// Of at least one element.
    pub(super) fn of(x: &[f64], level: Level) -> Self {
        let n = x.len() as f64;
        let near = Self::about(sampled_mean(x), x, level);
        // What lies off the mean is subtracted from the squares: were it most of them, their last bits would be lost.
        if near.excess(n).hi <= near.squares.hi / 2.0 {
            return near;
        }
        // The samples misled, which is seldom; by now the grain is in the cache.
        let mean = DoubleDouble::new(near.centre, 0.0).add(near.distances.over(n));
        Self::about(mean.value(), x, level)
    }

    fn about(centre: f64, x: &[f64], level: Level) -> Self {
        let (distances, squares) = spread(x, centre, level);
        Self {
            centre,
            distances,
            squares,
        }
    }

    /// By how much the squares of `n` distances are greater than those of the distances from the mean.
    fn excess(&self, n: f64) -> DoubleDouble {
        self.distances.times(self.distances).over(n)
    }
}

/// The mean of elements at even distances; of equal ones exactly their value.
fn sampled_mean(x: &[f64]) -> f64 {
    let places: [usize; SAMPLES] = std::array::from_fn(|i| (2 * i + 1) * x.len() / (2 * SAMPLES));
    // Those of the grain behind this one, mostly: memory has time for them until then.
    for place in places {
        prefetch(x.as_ptr().wrapping_add(x.len() + place).cast());
    }
    // Scaled first: no sum overflows.
    let mut samples = places.map(|place| x[place] / SAMPLES as f64);
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
    let placed = grains.enumerate().map(|(grain, moments)| {
        let length = GRAIN.min(n - grain * GRAIN) as f64;
        let centre = DoubleDouble::sum_of(moments.centre, -origin);
        (moments, length, centre)
    });
    let mean = placed
        .clone()
        .fold(DoubleDouble::default(), |sum, (moments, length, centre)| {
            sum.add(centre.times(DoubleDouble::new(length, 0.0)))
                .add(moments.distances)
        })
        .over(n as f64);
    let squares = placed.fold(DoubleDouble::default(), |sum, (moments, length, centre)| {
        let distance = centre
            .add(moments.distances.over(length))
            .add(mean.negated());
        let between = distance
            .times(distance)
            .times(DoubleDouble::new(length, 0.0));
        sum.add(moments.squares)
            .add(moments.excess(length).negated())
            .add(between)
    });
    let variance = squares.over(n as f64).value();
    // Rounding may leave less than nothing of nearly equal values; NaN stays.
    if variance < 0.0 { 0.0 } else { variance }
}
