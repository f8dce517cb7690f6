//! `%` on doubles: the exact remainder with the sign of the dividend.

use super::lanes::{lanes, lanes_mut};
use crate::isa::levels;

/// Beyond it a quotient may be off by more than one.
const SURE: f64 = 4_503_599_627_370_496.0;

pub(crate) const OPS: &[super::Entry] = &[super::Entry {
    name: "rem.f64",
    operands: &[8, 8],
    bodies: &[remainder::TABLE],
    streamed: None,
    summed: None,
}];

levels! {
    pub(super) unsafe fn remainder(dst: *mut u8, a: *const u8, b: *const u8, _c: *const u8, _d: *const u8, groups: usize) {
        let (dst, a, b) = (lanes_mut(dst, groups), lanes(a, groups), lanes(b, groups));
        if main_lanes(dst, a, b) {
            patch(dst, a, b);
        }
    }
}

/// True: some lanes are unsure.
#[inline(always)]
fn main_lanes(dst: &mut [f64], a: &[f64], b: &[f64]) -> bool {
    let mut any = 0u64;
    for ((dst, a), b) in dst.iter_mut().zip(a).zip(b) {
        let (value, unsure) = main(*a, *b);
        *dst = value;
        any |= u64::from(unsure);
    }
    any != 0
}

fn patch(dst: &mut [f64], a: &[f64], b: &[f64]) {
    for ((dst, a), b) in dst.iter_mut().zip(a).zip(b) {
        if main(*a, *b).1 {
            *dst = a % b;
        }
    }
}

/// The remainder, and whether it is unsure. The quotient is off by at most one, and every difference below is exact: it is
/// a multiple of the last place of `b`, and not larger than `b`.
#[inline(always)]
fn main(a: f64, b: f64) -> (f64, bool) {
    let quotient = a / b;
    let size = b.abs();
    let rest = (-quotient.trunc()).mul_add(b, a);
    // As if both were positive.
    let positive = if a < 0.0 { -rest } else { rest };
    let above = if positive < 0.0 {
        positive + size
    } else {
        positive
    };
    let within = if above >= size { above - size } else { above };
    let unsure = !((quotient.abs() < SURE) & (size < f64::INFINITY));
    (within.copysign(a), unsure)
}
