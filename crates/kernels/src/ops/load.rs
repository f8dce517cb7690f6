//! Elements of columns to lanes.

use super::lanes::ops;

ops! {
    "load_i8.i32" fn load_i8(a: i8) -> i32 { i32::from(a) }
    "load_u8.i32" fn load_u8(a: u8) -> i32 { i32::from(a) }
    "load_i16.i32" fn load_i16(a: i16) -> i32 { i32::from(a) }
    "load_u16.i32" fn load_u16(a: u16) -> i32 { i32::from(a) }
    "load_i8.f64" fn load_i8_f64(a: i8) -> f64 { f64::from(a) }
    "load_u8.f64" fn load_u8_f64(a: u8) -> f64 { f64::from(a) }
    "load_i16.f64" fn load_i16_f64(a: i16) -> f64 { f64::from(a) }
    "load_u16.f64" fn load_u16_f64(a: u16) -> f64 { f64::from(a) }
    "load_f32.f64" fn load_f32(a: f32) -> f64 { f64::from(a) }
}
