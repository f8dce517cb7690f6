//! 16-bit integers, where the front end has proved that every number fits: half as long as int32, and twice as many at once.
//! The lanes hold int16 or uint16 bits; where these differ, an operation is there for each.

use super::lanes::ops;

ops! {
    "load_i8.i16" fn load_i8(a: i8) -> i16 { i16::from(a) }
    "load_u8.i16" fn load_u8(a: u8) -> i16 { i16::from(a) }
    "add.i16" fn add(a: i16, b: i16) -> i16 { a.wrapping_add(b) }
    "sub.i16" fn sub(a: i16, b: i16) -> i16 { a.wrapping_sub(b) }
    "mul.i16" fn mul(a: i16, b: i16) -> i16 { a.wrapping_mul(b) }
    "neg.i16" fn neg(a: i16) -> i16 { a.wrapping_neg() }
    "and.i16" fn and(a: i16, b: i16) -> i16 { a & b }
    "or.i16" fn or(a: i16, b: i16) -> i16 { a | b }
    "xor.i16" fn xor(a: i16, b: i16) -> i16 { a ^ b }
    "not.i16" fn not(a: i16) -> i16 { !a }
    "shl.i16" fn shl(a: i16, b: i16) -> i16 { a << (b & 15) }
    "sar.i16" fn sar(a: i16, b: i16) -> i16 { a >> (b & 15) }
    "sar.u16" fn shr(a: u16, b: u16) -> u16 { a >> (b & 15) }
    "abs.i16" fn abs(a: i16) -> i16 { a.wrapping_abs() }
    "min.i16" fn min(a: i16, b: i16) -> i16 { if a < b { a } else { b } }
    "min.u16" fn min_unsigned(a: u16, b: u16) -> u16 { if a < b { a } else { b } }
    "max.i16" fn max(a: i16, b: i16) -> i16 { if a > b { a } else { b } }
    "max.u16" fn max_unsigned(a: u16, b: u16) -> u16 { if a > b { a } else { b } }
    "lt.i16" fn lt(a: i16, b: i16) -> u8 { u8::from(a < b) }
    "lt.u16" fn lt_unsigned(a: u16, b: u16) -> u8 { u8::from(a < b) }
    "le.i16" fn le(a: i16, b: i16) -> u8 { u8::from(a <= b) }
    "le.u16" fn le_unsigned(a: u16, b: u16) -> u8 { u8::from(a <= b) }
    "eq.i16" fn eq(a: i16, b: i16) -> u8 { u8::from(a == b) }
    "truthy.i16" fn truthy(a: i16) -> u8 { u8::from(a != 0) }
    "select.i16" fn select(c: u8, a: i16, b: i16) -> i16 { if c != 0 { a } else { b } }
    "select_lt.i16" fn select_lt(a: i16, b: i16, c: i16, d: i16) -> i16 { if a < b { c } else { d } }
    "select_lt.u16" fn select_lt_unsigned(a: u16, b: u16, c: u16, d: u16) -> u16 { if a < b { c } else { d } }
    "select_le.i16" fn select_le(a: i16, b: i16, c: i16, d: i16) -> i16 { if a <= b { c } else { d } }
    "select_le.u16" fn select_le_unsigned(a: u16, b: u16, c: u16, d: u16) -> u16 { if a <= b { c } else { d } }
    "select_eq.i16" fn select_eq(a: i16, b: i16, c: i16, d: i16) -> i16 { if a == b { c } else { d } }
    "i16.bool" fn from_bool(a: u8) -> i16 { i16::from(a) }
    "f64.i16" fn to_double(a: i16) -> f64 { f64::from(a) }
    "f64.u16" fn unsigned_to_double(a: u16) -> f64 { f64::from(a) }
}
