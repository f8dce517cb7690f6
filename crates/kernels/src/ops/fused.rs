//! Several operations in one pass over the lanes. Each rounds as often as those apart: none is a fused multiply-add.

use super::lanes::ops;

ops! {
    constants;
    "mul_add.f64" fn mul_add(a: f64, b: f64, c: f64) -> f64 { a * b + c }
    "mul_sub.f64" fn mul_sub(a: f64, b: f64, c: f64) -> f64 { a * b - c }
    "sub_mul.f64" fn sub_mul(a: f64, b: f64, c: f64) -> f64 { c - a * b }
    "add_mul.f64" fn add_mul(a: f64, b: f64, c: f64) -> f64 { (a + b) * c }
    "sub_times.f64" fn sub_times(a: f64, b: f64, c: f64) -> f64 { (a - b) * c }
    "mul_u8.f64" fn mul_byte(a: u8, b: f64) -> f64 { f64::from(a) * b }
    "mul_add_u8.f64" fn mul_add_byte(a: u8, b: f64, c: f64) -> f64 { f64::from(a) * b + c }
    "blend_u8.f64" fn blend_bytes(a: u8, b: f64, c: u8, d: f64) -> f64 { f64::from(a) * b + f64::from(c) * d }
    "add_i32.f64" fn add_ints(a: i32, b: i32) -> f64 { f64::from(a) + f64::from(b) }
    "sub_i32.f64" fn sub_ints(a: i32, b: i32) -> f64 { f64::from(a) - f64::from(b) }
    "mul_i32.f64" fn mul_ints(a: i32, b: i32) -> f64 { f64::from(a) * f64::from(b) }
    "mul_add_i32.f64" fn mul_add_ints(a: i32, b: i32, c: i32) -> f64 { f64::from(a) * f64::from(b) + f64::from(c) }
    "mul_mul_add.f64" fn mul_mul_add(a: f64, b: f64, c: f64, d: f64) -> f64 { (a * b) * c + d }
    "mul_mul_sub.f64" fn mul_mul_sub(a: f64, b: f64, c: f64, d: f64) -> f64 { (a * b) * c - d }
    "sub_mul_mul.f64" fn sub_mul_mul(a: f64, b: f64, c: f64, d: f64) -> f64 { d - (a * b) * c }
    "over_mul_add.f64" fn over_mul_add(a: f64, b: f64, c: f64, d: f64) -> f64 { d / (a * b + c) }
    "products.f64" fn products(a: f64, b: f64, c: f64, d: f64) -> f64 { a * b + c * d }
    "squares_add.f64" fn squares_add(a: f64, b: f64, c: f64) -> f64 { (a * a - b * b) + c }
    "squares_lt.f64" fn squares_lt(a: f64, b: f64, c: f64) -> u8 { u8::from(a * a + b * b < c) }
    "squares_le.f64" fn squares_le(a: f64, b: f64, c: f64) -> u8 { u8::from(a * a + b * b <= c) }
    "lt_and.f64" fn lt_and(a: f64, b: f64, c: u8) -> u8 { u8::from(a < b) & c }
    "le_and.f64" fn le_and(a: f64, b: f64, c: u8) -> u8 { u8::from(a <= b) & c }
    "horner.f64" fn horner(a: f64, b: f64, c: f64, d: f64) -> f64 { (a * b + c) * b + d }
    "neg_mul.f64" fn neg_mul(a: f64, b: f64) -> f64 { -a * b }
    "mul_mul.f64" fn mul_mul(a: f64, b: f64, c: f64) -> f64 { (a * b) * c }
    "add_add.f64" fn add_add(a: f64, b: f64, c: f64) -> f64 { (a + b) + c }
    "sub_add.f64" fn sub_add(a: f64, b: f64, c: f64) -> f64 { (a - b) + c }
    "add_sub.f64" fn add_sub(a: f64, b: f64, c: f64) -> f64 { (a + b) - c }
    "sub_square.f64" fn sub_square(a: f64, b: f64) -> f64 { (a - b) * (a - b) }
    "negate_lt.f64" fn negate_lt(a: f64, b: f64, c: f64) -> f64 { if a < b { -c } else { c } }
    "select_lt.f64" fn select_lt(a: f64, b: f64, c: f64, d: f64) -> f64 { if a < b { c } else { d } }
    "select_le.f64" fn select_le(a: f64, b: f64, c: f64, d: f64) -> f64 { if a <= b { c } else { d } }
    "select_eq.f64" fn select_eq(a: f64, b: f64, c: f64, d: f64) -> f64 { if a == b { c } else { d } }
    "select_lt.i32" fn select_lt_int(a: i32, b: i32, c: i32, d: i32) -> i32 { if a < b { c } else { d } }
    "select_le.i32" fn select_le_int(a: i32, b: i32, c: i32, d: i32) -> i32 { if a <= b { c } else { d } }
    "select_eq.i32" fn select_eq_int(a: i32, b: i32, c: i32, d: i32) -> i32 { if a == b { c } else { d } }
}
