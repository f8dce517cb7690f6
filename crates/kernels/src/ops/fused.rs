//! Two operations in one pass over the lanes, or three with the loading of bytes. Each rounds twice, exactly as the two apart: none is a fused multiply-add.

use super::lanes::ops;

ops! {
    "mul_add.f64" fn mul_add(a: f64, b: f64, c: f64) -> f64 { a * b + c }
    "mul_sub.f64" fn mul_sub(a: f64, b: f64, c: f64) -> f64 { a * b - c }
    "sub_mul.f64" fn sub_mul(a: f64, b: f64, c: f64) -> f64 { c - a * b }
    "add_mul.f64" fn add_mul(a: f64, b: f64, c: f64) -> f64 { (a + b) * c }
    "sub_times.f64" fn sub_times(a: f64, b: f64, c: f64) -> f64 { (a - b) * c }
    "mul_u8.f64" fn mul_byte(a: u8, b: f64) -> f64 { f64::from(a) * b }
    "mul_add_u8.f64" fn mul_add_byte(a: u8, b: f64, c: f64) -> f64 { f64::from(a) * b + c }
    "mul_mul.f64" fn mul_mul(a: f64, b: f64, c: f64) -> f64 { (a * b) * c }
    "add_add.f64" fn add_add(a: f64, b: f64, c: f64) -> f64 { (a + b) + c }
    "sub_add.f64" fn sub_add(a: f64, b: f64, c: f64) -> f64 { (a - b) + c }
    "add_sub.f64" fn add_sub(a: f64, b: f64, c: f64) -> f64 { (a + b) - c }
    "sub_square.f64" fn sub_square(a: f64, b: f64) -> f64 { (a - b) * (a - b) }
    "select_lt.f64" fn select_lt(a: f64, b: f64, _c: f64, _d: f64) -> f64 { a < b }
    "select_le.f64" fn select_le(a: f64, b: f64, _c: f64, _d: f64) -> f64 { a <= b }
    "select_eq.f64" fn select_eq(a: f64, b: f64, _c: f64, _d: f64) -> f64 { a == b }
    "select_lt.i32" fn select_lt_int(a: i32, b: i32, _c: i32, _d: i32) -> i32 { a < b }
    "select_le.i32" fn select_le_int(a: i32, b: i32, _c: i32, _d: i32) -> i32 { a <= b }
    "select_eq.i32" fn select_eq_int(a: i32, b: i32, _c: i32, _d: i32) -> i32 { a == b }
}
