//! BigInts modulo 2^64: exact for everything that a `BigInt64Array` or `BigUint64Array` stores of `+ - * & | ^ ~ <<`.

use super::lanes::ops;

ops! {
    "add.i64" fn add(a: i64, b: i64) -> i64 { a.wrapping_add(b) }
    "sub.i64" fn sub(a: i64, b: i64) -> i64 { a.wrapping_sub(b) }
    "mul.i64" fn mul(a: i64, b: i64) -> i64 { a.wrapping_mul(b) }
    "neg.i64" fn neg(a: i64) -> i64 { a.wrapping_neg() }
    "and.i64" fn and(a: i64, b: i64) -> i64 { a & b }
    "or.i64" fn or(a: i64, b: i64) -> i64 { a | b }
    "xor.i64" fn xor(a: i64, b: i64) -> i64 { a ^ b }
    "not.i64" fn not(a: i64) -> i64 { !a }
    "shl.i64" fn shl(a: i64, b: i64) -> i64 { if (b as u64) < 64 { a << (b & 63) } else { 0 } }
    "mov.i64" fn copy(a: i64) -> i64 { a }
}
