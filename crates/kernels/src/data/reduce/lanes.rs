//! What reductions do with the doubles of one grain: 32 lanes whatever the machine, folded in a fixed order.

use crate::GROUP;
use crate::data::ahead::ask_ahead;
use crate::data::double_double::DoubleDouble;
use crate::fused_adder::FusedAdder;
use crate::isa::{Level, levels};
use crate::lane_sum::{LaneSum, two_sum};
use crate::prefetch::prefetch_next_page;

/// Adds up lanes and their errors in order.
#[inline(always)]
fn fold<const N: usize>(sums: &[f64; N], errors: &[f64; N]) -> DoubleDouble {
    let (mut hi, mut lo) = (0.0, 0.0);
    for lane in 0..N {
        let (sum, error) = two_sum(hi, sums[lane]);
        hi = sum;
        lo += error + errors[lane];
    }
    // An infinite sum has no error worth keeping: the difference of infinities is not a number.
    DoubleDouble::new(hi, if hi.is_finite() { lo } else { 0.0 })
}

levels! {
    unsafe fn add_lanes(sum: &mut LaneSum, x: &[f64], goes_on: bool) {
        let adder = FusedAdder::<LEVEL>::new();
        let mut lanes = sum.clone();
        let (groups, rest) = x.as_chunks::<GROUP>();
        for group in groups {
            if goes_on {
                prefetch_next_page(group);
            }
            lanes.add(group, adder);
        }
        lanes.add(rest, adder);
        *sum = lanes;
    }
}

/// Adds values to their lanes. `goes_on`: what comes next stands behind them in memory.
pub(super) fn add(sum: &mut LaneSum, x: &[f64], goes_on: bool, level: Level) {
    // SAFETY: `level` is at most what the machine has (see `Reduce`).
    unsafe { add_lanes::TABLE.at(level)(sum, x, goes_on) };
}

pub(super) fn total(sum: &LaneSum) -> DoubleDouble {
    fold(&sum.sums, &sum.errors)
}

/// Lanes that sums of distances are carried in: a group has four elements for each.
const QUARTER: usize = GROUP / 4;

/// The sums and errors of distances and of squares of distances.
struct Spread([[f64; QUARTER]; 4]);

impl Spread {
    #[inline(always)]
    fn add<const LEVEL: u8>(
        &mut self,
        group: &[f64; GROUP],
        centre: f64,
        adder: FusedAdder<LEVEL>,
    ) {
        let is_fused = LEVEL > Level::Base as u8 || !cfg!(target_arch = "x86_64");
        if !is_fused
            && group
                .iter()
                .all(|value| is_moderate((value - centre).abs()))
        {
            self.add_squares(group, centre, adder, square_in_parts);
        } else {
            self.add_squares(group, centre, adder, square);
        }
    }

    /// Of four elements of each lane the distances are added up plainly: that costs no more bits than taking them has.
    #[inline(always)]
    fn add_squares<const LEVEL: u8>(
        &mut self,
        group: &[f64; GROUP],
        centre: f64,
        adder: FusedAdder<LEVEL>,
        square: impl Fn(f64) -> (f64, f64),
    ) {
        let Self([sums, sum_errors, squares, square_errors]) = self;
        for lane in 0..QUARTER {
            let distances @ [a, b, c, d] =
                [0, 1, 2, 3].map(|part| adder.sub(group[part * QUARTER + lane], centre));
            let (sum, error) = two_sum(sums[lane], (a + b) + (c + d));
            sums[lane] = sum;
            sum_errors[lane] += error;
            let [a, b, c, d] = distances.map(|distance| {
                let (square, rest) = square(distance);
                let before = squares[lane];
                let sum = before + square;
                // What is lost of the lesser one: Dekker's sum, shorter than Knuth's where the order is known.
                let (more, less) = (greater(before, square), lesser(before, square));
                let error = adder.sub(less, adder.sub(sum, more));
                squares[lane] = sum;
                adder.add(error, rest)
            });
            square_errors[lane] += adder.add(a, b) + adder.add(c, d);
        }
    }
}

/// One instruction each, as `f64::max` and `f64::min` are not.
#[inline(always)]
fn greater(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

#[inline(always)]
fn lesser(a: f64, b: f64) -> f64 {
    if a > b { b } else { a }
}

/// A square and what rounding took from it.
#[inline(always)]
fn square(value: f64) -> (f64, f64) {
    let square = value * value;
    (square, value.mul_add(value, -square))
}

/// The same without a fused multiply-add, of what [`is_moderate`]: halves of the bits, whose products are exact (Veltkamp's
/// and Dekker's).
#[inline(always)]
fn square_in_parts(value: f64) -> (f64, f64) {
    let square = value * value;
    let wide = value * 134_217_729.0;
    let high = wide - (wide - value);
    let low = value - high;
    (
        square,
        ((high * high - square) + 2.0 * high * low) + low * low,
    )
}

/// Whether neither the square of this magnitude nor a part of it leaves the range of normal numbers.
#[inline(always)]
fn is_moderate(magnitude: f64) -> bool {
    magnitude == 0.0 || (1e-120..1e120).contains(&magnitude)
}

levels! {
    /// Sums of the distances from `centre` and of their squares.
    unsafe fn spread_lanes(x: &[f64], centre: f64) -> (DoubleDouble, DoubleDouble) {
        let adder = FusedAdder::<LEVEL>::new();
        let mut spread = Spread([[0.0; QUARTER]; 4]);
        let (groups, rest) = x.as_chunks::<GROUP>();
        for group in groups {
            ask_ahead(group);
            spread.add(group, centre, adder);
        }
        if !rest.is_empty() {
            // What is not there is no distance away.
            let mut group = [centre; GROUP];
            group[..rest.len()].copy_from_slice(rest);
            spread.add(&group, centre, adder);
        }
        let Spread([sums, sum_errors, squares, square_errors]) = spread;
        (fold(&sums, &sum_errors), fold(&squares, &square_errors))
    }
}

levels! {
    unsafe fn product_lanes(x: &[f64]) -> f64 {
        let mut products = [1.0; GROUP];
        let (groups, rest) = x.as_chunks::<GROUP>();
        for group in groups {
            prefetch_next_page(group);
            for lane in 0..GROUP {
                products[lane] *= group[lane];
            }
        }
        for (lane, &value) in rest.iter().enumerate() {
            products[lane] *= value;
        }
        let mut product = 1.0;
        for lane in products {
            product *= lane;
        }
        product
    }
}

levels! {
    /// The least number and whether there is a NaN. Zeros count as equal.
    unsafe fn least_lanes(x: &[f64]) -> (f64, bool) {
        let mut least = [f64::INFINITY; GROUP];
        let mut nans = [0u64; GROUP];
        let (groups, rest) = x.as_chunks::<GROUP>();
        for group in groups {
            prefetch_next_page(group);
            for lane in 0..GROUP {
                let value = group[lane];
                least[lane] = if value < least[lane] { value } else { least[lane] };
                nans[lane] |= u64::from(value.is_nan());
            }
        }
        for (lane, &value) in rest.iter().enumerate() {
            least[lane] = if value < least[lane] { value } else { least[lane] };
            nans[lane] |= u64::from(value.is_nan());
        }
        let mut result = f64::INFINITY;
        for value in least {
            result = if value < result { value } else { result };
        }
        (result, nans.iter().any(|&nan| nan != 0))
    }
}

levels! {
    /// The greatest number and whether there is a NaN. Zeros count as equal.
    unsafe fn greatest_lanes(x: &[f64]) -> (f64, bool) {
        let mut greatest = [f64::NEG_INFINITY; GROUP];
        let mut nans = [0u64; GROUP];
        let (groups, rest) = x.as_chunks::<GROUP>();
        for group in groups {
            prefetch_next_page(group);
            for lane in 0..GROUP {
                let value = group[lane];
                greatest[lane] = if value > greatest[lane] { value } else { greatest[lane] };
                nans[lane] |= u64::from(value.is_nan());
            }
        }
        for (lane, &value) in rest.iter().enumerate() {
            greatest[lane] = if value > greatest[lane] { value } else { greatest[lane] };
            nans[lane] |= u64::from(value.is_nan());
        }
        let mut result = f64::NEG_INFINITY;
        for value in greatest {
            result = if value > result { value } else { result };
        }
        (result, nans.iter().any(|&nan| nan != 0))
    }
}

/// 1 for what is neither zero nor NaN: whose bits without the sign are those of a number above zero.
#[inline(always)]
fn truth(value: f64) -> u64 {
    u64::from(((value.to_bits() << 1).wrapping_sub(1)) < (f64::INFINITY.to_bits() << 1))
}

levels! {
    /// How many are neither zero nor NaN.
    unsafe fn truthy_lanes(x: &[f64]) -> u64 {
        let mut counts = [0u64; GROUP];
        let (groups, rest) = x.as_chunks::<GROUP>();
        for group in groups {
            prefetch_next_page(group);
            for lane in 0..GROUP {
                counts[lane] += truth(group[lane]);
            }
        }
        counts.iter().sum::<u64>() + rest.iter().map(|&value| truth(value)).sum::<u64>()
    }
}

pub(in crate::data) fn sum(x: &[f64], level: Level) -> DoubleDouble {
    let mut sum = LaneSum::new();
    add(&mut sum, x, true, level);
    total(&sum)
}

pub(super) fn spread(x: &[f64], centre: f64, level: Level) -> (DoubleDouble, DoubleDouble) {
    // SAFETY: as for `add`.
    unsafe { spread_lanes::TABLE.at(level)(x, centre) }
}

pub(super) fn product(x: &[f64], level: Level) -> f64 {
    // SAFETY: as for `add`.
    unsafe { product_lanes::TABLE.at(level)(x) }
}

pub(super) fn truthy(x: &[f64], level: Level) -> u64 {
    // SAFETY: as for `add`.
    unsafe { truthy_lanes::TABLE.at(level)(x) }
}

/// The least number as `Math.min` orders them (-0 before 0), infinity if there is none, and whether there is a NaN.
pub(in crate::data) fn least(x: &[f64], level: Level) -> (f64, bool) {
    // SAFETY: as for `add`.
    let (value, nan) = unsafe { least_lanes::TABLE.at(level)(x) };
    if value == 0.0 {
        let negative = x.iter().any(|v| v.to_bits() == (-0.0f64).to_bits());
        return (if negative { -0.0 } else { 0.0 }, nan);
    }
    (value, nan)
}

/// The greatest number as `Math.max` orders them, and whether there is a NaN.
pub(in crate::data) fn greatest(x: &[f64], level: Level) -> (f64, bool) {
    // SAFETY: as for `add`.
    let (value, nan) = unsafe { greatest_lanes::TABLE.at(level)(x) };
    if value == 0.0 {
        let positive = x.iter().any(|v| v.to_bits() == 0);
        return (if positive { 0.0 } else { -0.0 }, nan);
    }
    (value, nan)
}

#[cfg(test)]
mod tests {
    use super::spread;
    use crate::isa::Level;

    #[test]
    fn distances_and_their_squares_add_up_to_the_same_bits_at_every_level() {
        let mut state = 0x9E37_79B9_7F4A_7C15u64;
        let x: Vec<f64> = (0..1000)
            .map(|i| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state as i64 as f64) * 2f64.powi(i % 60 - 60)
            })
            .collect();
        check(&x, 0.37);
        // Squares with parts that are too small for what has no fused multiply-add; and of all magnitudes.
        for scale in [1e-165, 1e-175] {
            let small: Vec<f64> = x.iter().map(|value| value * scale).collect();
            check(&small, 0.0);
        }
        let wild: Vec<f64> = (0..)
            .zip(&x)
            .map(|(i, value)| value * 10f64.powi(i * 7 % 260 - 130))
            .collect();
        check(&wild, 0.0);
    }

    fn check(x: &[f64], centre: f64) {
        for n in [1, 31, 32, 33, 1000] {
            let of = |level| {
                let (sum, squares) = spread(&x[..n], centre, level);
                [sum.hi, sum.lo, squares.hi, squares.lo].map(f64::to_bits)
            };
            for level in [Level::Avx2, Level::Avx512] {
                if level <= Level::detected() {
                    assert_eq!(of(level), of(Level::Base), "{n} at {level:?}");
                }
            }
        }
    }
}
