//! 32-bit integers. The lanes hold int32 or uint32 bits; arithmetic wraps, as `|0` or a store makes it.

use super::lanes::ops;

ops! {
    "add.i32" fn add(a: i32, b: i32) -> i32 { a.wrapping_add(b) }
    "sub.i32" fn sub(a: i32, b: i32) -> i32 { a.wrapping_sub(b) }
    "mul.i32" fn mul(a: i32, b: i32) -> i32 { a.wrapping_mul(b) }
    "neg.i32" fn neg(a: i32) -> i32 { a.wrapping_neg() }
    "and.i32" fn and(a: i32, b: i32) -> i32 { a & b }
    "or.i32" fn or(a: i32, b: i32) -> i32 { a | b }
    "xor.i32" fn xor(a: i32, b: i32) -> i32 { a ^ b }
    "not.i32" fn not(a: i32) -> i32 { !a }
    "shl.i32" fn shl(a: i32, b: i32) -> i32 { a << (b & 31) }
    "sar.i32" fn sar(a: i32, b: i32) -> i32 { a >> (b & 31) }
    "shr.i32" fn shr(a: u32, b: u32) -> u32 { a >> (b & 31) }
    "clz.i32" fn clz(a: u32) -> i32 { leading_zeros(a) }
    "abs.i32" fn abs(a: i32) -> i32 { a.wrapping_abs() }
    "min.i32" fn min(a: i32, b: i32) -> i32 { if a < b { a } else { b } }
    "max.i32" fn max(a: i32, b: i32) -> i32 { if a > b { a } else { b } }
    "mov.i32" fn copy(a: i32) -> i32 { a }
}

#[inline(always)]
fn leading_zeros(x: u32) -> i32 {
    x.leading_zeros() as i32
}
