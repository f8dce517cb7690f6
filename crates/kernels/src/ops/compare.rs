//! Comparisons, logic on booleans, and selection.

use super::lanes::ops;

ops! {
    constants;
    "lt.f64" fn lt(a: f64, b: f64) -> u8 { u8::from(a < b) }
    "le.f64" fn le(a: f64, b: f64) -> u8 { u8::from(a <= b) }
    "eq.f64" fn eq(a: f64, b: f64) -> u8 { u8::from(a == b) }
    "lt.i32" fn lt_int(a: i32, b: i32) -> u8 { u8::from(a < b) }
    "le.i32" fn le_int(a: i32, b: i32) -> u8 { u8::from(a <= b) }
    "eq.i32" fn eq_int(a: i32, b: i32) -> u8 { u8::from(a == b) }
    "lt.i64" fn lt_long(a: i64, b: i64) -> u8 { u8::from(a < b) }
    "le.i64" fn le_long(a: i64, b: i64) -> u8 { u8::from(a <= b) }
    "eq.i64" fn eq_long(a: i64, b: i64) -> u8 { u8::from(a == b) }
    "lt.u64" fn lt_unsigned(a: u64, b: u64) -> u8 { u8::from(a < b) }
    "le.u64" fn le_unsigned(a: u64, b: u64) -> u8 { u8::from(a <= b) }
    "truthy.f64" fn truthy(a: f64) -> u8 { u8::from((a < 0.0) | (a > 0.0)) }
    "truthy.i32" fn truthy_int(a: i32) -> u8 { u8::from(a != 0) }
    "nan.f64" fn is_nan(a: f64) -> u8 { u8::from(a.is_nan()) }
    "finite.f64" fn is_finite(a: f64) -> u8 { u8::from(a.abs() < f64::INFINITY) }
    "integer.f64" fn is_integer(a: f64) -> u8 { u8::from((a.abs() < f64::INFINITY) & (a.trunc() == a)) }
    "safe.f64" fn is_safe_integer(a: f64) -> u8 { u8::from((a.abs() <= 9_007_199_254_740_991.0) & (a.trunc() == a)) }
    "same.f64" fn same_value(a: f64, b: f64) -> u8 { u8::from((a.to_bits() == b.to_bits()) | (a.is_nan() & b.is_nan())) }
    "and.bool" fn and(a: u8, b: u8) -> u8 { a & b }
    "or.bool" fn or(a: u8, b: u8) -> u8 { a | b }
    "xor.bool" fn xor(a: u8, b: u8) -> u8 { a ^ b }
    "not.bool" fn not(a: u8) -> u8 { a ^ 1 }
    "mov.bool" fn copy(a: u8) -> u8 { a }
    "select.f64" fn select(c: u8, a: f64, b: f64) -> f64 { if c != 0 { a } else { b } }
    "select.i32" fn select_int(c: u8, a: i32, b: i32) -> i32 { if c != 0 { a } else { b } }
    "select.i64" fn select_long(c: u8, a: i64, b: i64) -> i64 { if c != 0 { a } else { b } }
    "select.bool" fn select_bool(c: u8, a: u8, b: u8) -> u8 { if c != 0 { a } else { b } }
}
