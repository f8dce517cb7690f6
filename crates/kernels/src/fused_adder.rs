//! Additions where the machine multiplies: compensated sums are bound by what it adds, while its multipliers have nothing to do.

use crate::isa::Level;

/// Adds by fused multiply-adds in a body compiled for this level, with the bits of `+`: a product with 1 is exact.
#[derive(Clone, Copy)]
pub(crate) struct FusedAdder<const LEVEL: u8> {
    /// 1, which the compiler must not know, or it adds.
    one: f64,
}

impl<const LEVEL: u8> FusedAdder<LEVEL> {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self {
            one: std::hint::black_box(1.0),
        }
    }

    /// a + b; plainly at the level that has no fused multiply-add.
    #[inline(always)]
    pub(crate) fn add(self, a: f64, b: f64) -> f64 {
        if LEVEL == Level::Base as u8 {
            a + b
        } else {
            a.mul_add(self.one, b)
        }
    }

    /// a - b.
    #[inline(always)]
    pub(crate) fn sub(self, a: f64, b: f64) -> f64 {
        self.add(a, -b)
    }

    /// As [`crate::lane_sum::two_sum`], half of it done here.
    #[inline(always)]
    pub(crate) fn two_sum(self, a: f64, b: f64) -> (f64, f64) {
        let sum = a + b;
        let part = sum - a;
        (sum, self.add(self.sub(a, self.sub(sum, part)), b - part))
    }
}
