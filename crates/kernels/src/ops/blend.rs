//! The weighted sum of two bytes: what blending images comes down to. Rounds three times, as the operations apart.

use super::lanes::{lanes, lanes_mut};
use crate::isa::levels;

pub(crate) const OPS: &[super::Entry] = &[super::Entry {
    name: "blend_u8.f64",
    operands: &[1, 8, 1, 8],
    body: blend::TABLE,
}];

levels! {
    pub(super) unsafe fn blend(dst: *mut u8, a: *const u8, b: *const u8, c: *const u8, d: *const u8, groups: usize) {
        weighted_sum(lanes_mut(dst, groups), lanes(a, groups), lanes(b, groups), lanes(c, groups), lanes(d, groups));
    }
}

#[inline(always)]
fn weighted_sum(dst: &mut [f64], a: &[u8], b: &[f64], c: &[u8], d: &[f64]) {
    for ((((dst, a), b), c), d) in dst.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        *dst = f64::from(*a) * b + f64::from(*c) * d;
    }
}
