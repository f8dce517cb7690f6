//! Operations that only `math: 'fast'` uses: with fused multiply-adds.

use super::lanes::ops;

ops! {
    constants;
    "fma.f64" fn fma(a: f64, b: f64, c: f64) -> f64 { a.mul_add(b, c) }
    "horner_fma.f64" fn horner_fma(a: f64, b: f64, c: f64, d: f64) -> f64 { a.mul_add(b, c).mul_add(b, d) }
    "over_fma.f64" fn over_fma(a: f64, b: f64, c: f64, d: f64) -> f64 { d / a.mul_add(b, c) }
    // Times an inverse in two doubles.
    "quotient.f64" fn quotient(a: f64, high: f64, low: f64) -> f64 { a.mul_add(high, a * low) }
}
