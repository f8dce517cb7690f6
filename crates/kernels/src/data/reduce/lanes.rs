//! What reductions do with the doubles of one grain: 32 lanes whatever the machine, folded in a fixed order.

use crate::GROUP;
use crate::data::double_double::DoubleDouble;
use crate::fused_adder::FusedAdder;
use crate::isa::{Level, levels};
use crate::lane_sum::{LaneSum, two_sum};
use crate::reading::Reading;

/// Adds up lanes and their errors in order.
#[inline(always)]
pub(super) fn fold<const N: usize>(sums: &[f64; N], errors: &[f64; N]) -> DoubleDouble {
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
    unsafe fn add_lanes(sum: &mut LaneSum, x: &[f64], reading: Reading) {
        let adder = FusedAdder::<LEVEL>::new();
        let mut lanes = sum.clone();
        let (groups, rest) = x.as_chunks::<GROUP>();
        for group in groups {
            reading.ask(group);
            lanes.add(group, adder);
        }
        lanes.add(rest, adder);
        *sum = lanes;
    }
}

/// Adds values to their lanes.
pub(super) fn add(sum: &mut LaneSum, x: &[f64], reading: Reading, level: Level) {
    // SAFETY: `level` is at most what the machine has (see `Reduce`).
    unsafe { add_lanes::TABLE.at(level)(sum, x, reading) };
}

pub(super) fn total(sum: &LaneSum) -> DoubleDouble {
    fold(&sum.sums, &sum.errors)
}

levels! {
    unsafe fn product_lanes(x: &[f64]) -> f64 {
        let mut products = [1.0; GROUP];
        let (groups, rest) = x.as_chunks::<GROUP>();
        let reading = Reading::onwards(1);
        for group in groups {
            reading.ask(group);
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
        let reading = Reading::onwards(1);
        for group in groups {
            reading.ask(group);
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
        let reading = Reading::onwards(1);
        for group in groups {
            reading.ask(group);
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
    u64::from(value.abs() > 0.0)
}

levels! {
    /// How many are neither zero nor NaN.
    unsafe fn truthy_lanes(x: &[f64]) -> u64 {
        let mut counts = [0u64; GROUP];
        let (groups, rest) = x.as_chunks::<GROUP>();
        let reading = Reading::onwards(1);
        for group in groups {
            reading.ask(group);
            for lane in 0..GROUP {
                counts[lane] += truth(group[lane]);
            }
        }
        counts.iter().sum::<u64>() + rest.iter().map(|&value| truth(value)).sum::<u64>()
    }
}

levels! {
    /// Whether one of them has these bits.
    unsafe fn has_bits(x: &[f64], bits: u64) -> bool {
        let (groups, rest) = x.as_chunks::<GROUP>();
        for group in groups {
            let mut found = false;
            for value in group {
                found |= value.to_bits() == bits;
            }
            if found {
                return true;
            }
        }
        rest.iter().any(|value| value.to_bits() == bits)
    }
}

/// A zero among values that are no less, or no greater, if one of them has these bits of a zero; else the other zero.
fn zero_among(x: &[f64], wanted: f64, level: Level) -> f64 {
    // SAFETY: as for `add`.
    let found = unsafe { has_bits::TABLE.at(level)(x, wanted.to_bits()) };
    if found { wanted } else { -wanted }
}

pub(in crate::data) fn sum(x: &[f64], level: Level) -> DoubleDouble {
    let mut sum = LaneSum::new();
    add(&mut sum, x, Reading::onwards(1), level);
    total(&sum)
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
        return (zero_among(x, -0.0, level), nan);
    }
    (value, nan)
}

/// The greatest number as `Math.max` orders them, and whether there is a NaN.
pub(in crate::data) fn greatest(x: &[f64], level: Level) -> (f64, bool) {
    // SAFETY: as for `add`.
    let (value, nan) = unsafe { greatest_lanes::TABLE.at(level)(x) };
    if value == 0.0 {
        return (zero_among(x, 0.0, level), nan);
    }
    (value, nan)
}
