//! Numbers of two doubles, about 106 bits: what partial results are combined in.
//!
//! Products are Dekker's with Veltkamp's splitting. Without fused operations, so that every machine has the same bits.

use crate::lane_sum::two_sum;

/// The unevaluated sum of two doubles.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct DoubleDouble {
    pub(super) hi: f64,
    pub(super) lo: f64,
}

fn two_product(a: f64, b: f64) -> (f64, f64) {
    let split = |v: f64| {
        let scaled = 134_217_729.0 * v;
        let high = scaled - (scaled - v);
        (high, v - high)
    };
    let product = a * b;
    let ((a_high, a_low), (b_high, b_low)) = (split(a), split(b));
    let error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    (product, error)
}

/// Of a positive normal number. Products and quotients with a power of two are exact.
fn is_power_of_two(n: f64) -> bool {
    n.to_bits() << 12 == 0
}

impl DoubleDouble {
    pub(super) fn new(hi: f64, lo: f64) -> Self {
        Self { hi, lo }
    }

    /// a + b exactly.
    pub(super) fn sum_of(a: f64, b: f64) -> Self {
        let (hi, lo) = two_sum(a, b);
        Self::normalised(hi, lo)
    }

    /// The nearest double. Where the sum is not finite, the tail is noise.
    pub(super) fn value(self) -> f64 {
        if self.hi.is_finite() {
            self.hi + self.lo
        } else {
            self.hi
        }
    }

    fn normalised(hi: f64, lo: f64) -> Self {
        if !hi.is_finite() {
            return Self { hi, lo: 0.0 };
        }
        let sum = hi + lo;
        Self {
            hi: sum,
            lo: lo - (sum - hi),
        }
    }

    pub(super) fn add(self, other: Self) -> Self {
        let (hi, error) = two_sum(self.hi, other.hi);
        Self::normalised(hi, error + (self.lo + other.lo))
    }

    pub(super) fn negated(self) -> Self {
        Self {
            hi: -self.hi,
            lo: -self.lo,
        }
    }

    pub(super) fn times(self, other: Self) -> Self {
        let (hi, error) = two_product(self.hi, other.hi);
        // Beyond 2^996 the splitting overflows: then the product alone is all there is.
        let error = if error.is_finite() { error } else { 0.0 };
        Self::normalised(hi, error + (self.hi * other.lo + self.lo * other.hi))
    }

    pub(super) fn times_number(self, n: f64) -> Self {
        if is_power_of_two(n) {
            return Self::new(self.hi * n, self.lo * n);
        }
        self.times(Self::new(n, 0.0))
    }

    pub(super) fn over(self, n: f64) -> Self {
        if is_power_of_two(n) {
            return Self::new(self.hi / n, self.lo / n);
        }
        let first = self.hi / n;
        if !first.is_finite() {
            return Self { hi: first, lo: 0.0 };
        }
        let taken = Self::new(first, 0.0).times(Self::new(n, 0.0));
        let rest = self.add(taken.negated());
        Self::normalised(first, (rest.hi + rest.lo) / n)
    }
}

#[cfg(test)]
mod tests {
    use super::{DoubleDouble, is_power_of_two};

    #[test]
    fn powers_of_two_scale_and_others_divide_to_both_parts() {
        assert!([1.0, 0.5, 16_384.0].into_iter().all(is_power_of_two));
        assert!(![3.0, 16_383.0, 0.1].into_iter().any(is_power_of_two));
        let value = DoubleDouble::sum_of(0.1, 1e-18);
        for n in [1.0, 16_384.0] {
            let scaled = value.times_number(n);
            assert_eq!(scaled, DoubleDouble::new(value.hi * n, value.lo * n));
            assert_eq!(scaled.over(n), value);
        }
        let back = value.times_number(16_383.0).over(16_383.0);
        let off = back.add(value.negated());
        assert!(off.value().abs() < 1e-30, "{off:?}");
    }
}
