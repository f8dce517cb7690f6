//! A sum in lanes with the errors of all additions (Neumaier's), so that it has all its bits whatever the order of magnitude.

use crate::GROUP;
use crate::fused_adder::FusedAdder;

/// a + b exactly: the rounded sum and its error (Knuth's).
#[inline(always)]
pub(crate) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

/// The sums of the lanes of groups, and what their roundings lost.
#[derive(Clone)]
pub(crate) struct LaneSum {
    pub(crate) sums: [f64; GROUP],
    pub(crate) errors: [f64; GROUP],
}

impl LaneSum {
    pub(crate) fn new() -> Self {
        Self {
            sums: [0.0; GROUP],
            errors: [0.0; GROUP],
        }
    }

    /// Adds the values of a group, or fewer, each to its lane.
    #[inline(always)]
    pub(crate) fn add<const LEVEL: u8>(&mut self, group: &[f64], adder: FusedAdder<LEVEL>) {
        for ((sum, lost), &value) in self.sums.iter_mut().zip(&mut self.errors).zip(group) {
            let (next, error) = adder.two_sum(*sum, value);
            *sum = next;
            *lost = adder.add(*lost, error);
        }
    }
}
