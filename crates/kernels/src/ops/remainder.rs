//! `%` on doubles: the exact remainder with the sign of the dividend.

use super::lanes::Group;
use crate::GROUP;
use crate::isa::levels;

/// Beyond it a quotient may be off by more than one.
const SURE: f64 = 4_503_599_627_370_496.0;

pub(crate) const OPS: &[super::Entry] = &[super::Entry {
    name: "rem.f64",
    operands: &[8, 8],
    body: remainder::TABLE,
}];

levels! {
    pub(super) unsafe fn remainder(dst: *mut u8, a: *const u8, b: *const u8, _c: *const u8, _d: *const u8, groups: usize) {
        for group in 0..groups {
            each(
                &mut *dst.cast::<Group<f64>>().add(group),
                &*a.cast::<Group<f64>>().add(group),
                &*b.cast::<Group<f64>>().add(group),
            );
        }
    }
}

#[inline(always)]
fn each(dst: &mut Group<f64>, a: &Group<f64>, b: &Group<f64>) {
    let mut rare = 0u64;
    for lane in 0..GROUP {
        let (value, is_rare) = main(a[lane], b[lane]);
        dst[lane] = value;
        rare |= u64::from(is_rare);
    }
    if rare != 0 {
        for lane in 0..GROUP {
            if main(a[lane], b[lane]).1 {
                dst[lane] = a[lane] % b[lane];
            }
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
