//! Remainders by pi/2 where one subtraction is not enough: near multiples of it, and for huge arguments.

// The algorithms and constants are those of fdlibm (https://www.netlib.org/fdlibm):
//
// ====================================================
// Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
//
// Developed at SunSoft, a Sun Microsystems, Inc. business.
// Permission to use, copy, modify, and distribute this
// software is freely granted, provided that this notice
// is preserved.
// ====================================================

use super::lane::{from_high, high_part};

const PI_2_1: f64 = f64::from_bits(0x3FF9_21FB_5440_0000);
const PI_2_1_TAIL: f64 = f64::from_bits(0x3DD0_B461_1A62_6331);
const PI_2_2: f64 = f64::from_bits(0x3DD0_B461_1A60_0000);
const PI_2_2_TAIL: f64 = f64::from_bits(0x3BA3_198A_2E03_7073);
const PI_2_3: f64 = f64::from_bits(0x3BA3_198A_2E00_0000);
const PI_2_3_TAIL: f64 = f64::from_bits(0x397B_839A_2520_49C1);

/// `t = n pi/2 + hi + lo` for finite t above pi/4: (n modulo 8, hi, lo) with the bits of fdlibm.
pub(super) fn reduce_any(t: f64) -> (u64, f64, f64) {
    if t < from_high(0x4002_D97C) {
        return reduce_once(t);
    }
    if t < from_high(0x4139_21FC) {
        reduce_medium(t)
    } else {
        reduce_huge(t)
    }
}

/// Below 3 pi/4.
fn reduce_once(t: f64) -> (u64, f64, f64) {
    let z = t - PI_2_1;
    if high_part(t) != from_high(0x3FF9_21FB) {
        let hi = z - PI_2_1_TAIL;
        return (1, hi, (z - hi) - PI_2_1_TAIL);
    }
    let z = z - PI_2_2;
    let hi = z - PI_2_2_TAIL;
    (1, hi, (z - hi) - PI_2_2_TAIL)
}

/// Up to 2^19 pi/2: up to three parts of pi/2, as many as the cancellation asks for.
fn reduce_medium(t: f64) -> (u64, f64, f64) {
    const INVERSE: f64 = f64::from_bits(0x3FE4_5F30_6DC9_C883);
    let n = (t * INVERSE + 0.5).trunc();
    let quadrant = n as u64 & 7;
    let mut r = t - n * PI_2_1;
    let mut w = n * PI_2_1_TAIL;
    let mut hi = r - w;
    let multiple = n * std::f64::consts::FRAC_PI_2;
    if n >= 32.0 || high_part(multiple) == high_part(t) {
        let exponent = |v: f64| (v.to_bits() >> 52 & 0x7FF) as i64;
        if exponent(t) - exponent(hi) > 16 {
            let before = r;
            w = n * PI_2_2;
            r = before - w;
            w = n * PI_2_2_TAIL - ((before - r) - w);
            hi = r - w;
            if exponent(t) - exponent(hi) > 49 {
                let before = r;
                w = n * PI_2_3;
                r = before - w;
                w = n * PI_2_3_TAIL - ((before - r) - w);
                hi = r - w;
            }
        }
    }
    (quadrant, hi, (r - hi) - w)
}

const TWO_24: f64 = 16_777_216.0;
const TWO_M24: f64 = 1.0 / TWO_24;
/// Terms of 2/pi that fdlibm starts with, less one, for a result of two doubles.
const FIRST_TERMS: usize = 4;

/// 2/pi in pieces of 24 bits.
const TWO_OVER_PI: [u32; 66] = [
    0xA2_F983, 0x6E_4E44, 0x15_29FC, 0x27_57D1, 0xF5_34DD, 0xC0_DB62, 0x95_993C, 0x43_9041,
    0xFE_5163, 0xAB_DEBB, 0xC5_61B7, 0x24_6E3A, 0x42_4DD2, 0xE0_0649, 0x2E_EA09, 0xD1_921C,
    0xFE_1DEB, 0x1C_B129, 0xA7_3EE8, 0x82_35F5, 0x2E_BB44, 0x84_E99C, 0x70_26B4, 0x5F_7E41,
    0x39_91D6, 0x39_8353, 0x39_F49C, 0x84_5F8B, 0xBD_F928, 0x3B_1FF8, 0x97_FFDE, 0x05_980F,
    0xEF_2F11, 0x8B_5A0A, 0x6D_1F6D, 0x36_7ECF, 0x27_CB09, 0xB7_4F46, 0x3F_669E, 0x5F_EA2D,
    0x75_27BA, 0xC7_EBE5, 0xF1_7B3D, 0x07_39F7, 0x8A_5292, 0xEA_6BFB, 0x5F_B11F, 0x8D_5D08,
    0x56_0330, 0x46_FC7B, 0x6B_ABF0, 0xCF_BC20, 0x9A_F436, 0x1D_A9E3, 0x91_615E, 0xE6_1B08,
    0x65_9985, 0x5F_14A0, 0x68_408D, 0xFF_D880, 0x4D_7327, 0x31_0606, 0x15_56CA, 0x73_A8C9,
    0x60_E27B, 0xC0_8C6B,
];

/// pi/2 in pieces of 24 bits.
const HALF_PI: [f64; 8] = [
    f64::from_bits(0x3FF9_21FB_4000_0000),
    f64::from_bits(0x3E74_442D_0000_0000),
    f64::from_bits(0x3CF8_4698_8000_0000),
    f64::from_bits(0x3B78_CC51_6000_0000),
    f64::from_bits(0x39F0_1B83_8000_0000),
    f64::from_bits(0x387A_2520_4000_0000),
    f64::from_bits(0x36E3_8222_8000_0000),
    f64::from_bits(0x3569_F31D_0000_0000),
];

/// 2^e for a normal result.
fn scale(e: i32) -> f64 {
    f64::from_bits(((e + 1023) as u64) << 52)
}

/// Payne and Hanek: the bits of 2/pi that make integers above 8 are never multiplied.
///
/// `q[i]` is the product's piece of weight 2^(exponent - 24 i), `iq` the same as integers of 24 bits, least weight first.
fn reduce_huge(t: f64) -> (u64, f64, f64) {
    // t = (x[0] + x[1] 2^-24 + x[2] 2^-48) 2^e0 with integers x of 24 bits.
    let e0 = (t.to_bits() >> 52) as i32 - 1046;
    let mut rest = f64::from_bits(t.to_bits() - ((e0 as u64) << 52));
    let mut x = [0.0; 3];
    for piece in &mut x[..2] {
        *piece = rest.trunc();
        rest = (rest - *piece) * TWO_24;
    }
    x[2] = rest;
    let used = x
        .iter()
        .rposition(|&piece| piece != 0.0)
        .map_or(1, |last| last + 1);

    let skipped = ((e0 - 3) / 24).max(0);
    let mut exponent = e0 - 24 * (skipped + 1);
    let two_over_pi = |i: i32| {
        if i < 0 {
            0.0
        } else {
            f64::from(TWO_OVER_PI[i as usize])
        }
    };
    let piece = |i: usize| -> f64 {
        let mut sum = 0.0;
        for (j, &part) in x[..used].iter().enumerate() {
            sum += part * two_over_pi(skipped + i as i32 - j as i32);
        }
        sum
    };
    let mut q = [0.0f64; 20];
    let mut iq = [0i32; 20];
    for (i, q) in q[..=FIRST_TERMS].iter_mut().enumerate() {
        *q = piece(i);
    }

    let mut top = FIRST_TERMS;
    let (mut n, mut z, half);
    loop {
        z = q[top];
        for i in 0..top {
            let carry = (TWO_M24 * z).trunc();
            iq[i] = (z - TWO_24 * carry) as i32;
            z = q[top - 1 - i] + carry;
        }
        z *= scale(exponent);
        z -= 8.0 * (z * 0.125).floor();
        n = z as i32;
        z -= f64::from(n);
        let above = if exponent > 0 {
            let whole = iq[top - 1] >> (24 - exponent);
            n += whole;
            iq[top - 1] -= whole << (24 - exponent);
            iq[top - 1] >> (23 - exponent)
        } else if exponent == 0 {
            iq[top - 1] >> 23
        } else if z >= 0.5 {
            2
        } else {
            0
        };
        if above > 0 {
            n += 1;
            let borrowed = complement(&mut iq[..top]);
            if exponent == 1 {
                iq[top - 1] &= 0x7F_FFFF;
            } else if exponent == 2 {
                iq[top - 1] &= 0x3F_FFFF;
            }
            if above == 2 {
                z = 1.0 - z;
                if borrowed {
                    z -= scale(exponent);
                }
            }
        }
        if z == 0.0 && iq[FIRST_TERMS..top].iter().all(|&piece| piece == 0) {
            // All bits so far cancelled: take as many more pieces as there are zeros.
            let zeros = (1..=FIRST_TERMS)
                .take_while(|k| iq[FIRST_TERMS - k] == 0)
                .count()
                + 1;
            for (i, q) in q.iter_mut().enumerate().take(top + zeros + 1).skip(top + 1) {
                *q = piece(i);
            }
            top += zeros;
            continue;
        }
        half = above > 0;
        break;
    }

    if z == 0.0 {
        top -= 1;
        exponent -= 24;
        while iq[top] == 0 {
            top -= 1;
            exponent -= 24;
        }
    } else {
        z *= scale(-exponent);
        if z >= TWO_24 {
            let carry = (TWO_M24 * z).trunc();
            iq[top] = (z - TWO_24 * carry) as i32;
            top += 1;
            exponent += 24;
            iq[top] = carry as i32;
        } else {
            iq[top] = z as i32;
        }
    }
    let (hi, lo) = times_half_pi(&iq[..=top], exponent);
    let sign = if half { -1.0 } else { 1.0 };
    ((n & 7) as u64, sign * hi, sign * lo)
}

/// 1 - q over the pieces, least weight first; whether any was not zero.
fn complement(pieces: &mut [i32]) -> bool {
    let mut borrowed = false;
    for piece in pieces {
        if borrowed {
            *piece = 0xFF_FFFF - *piece;
        } else if *piece != 0 {
            borrowed = true;
            *piece = 0x100_0000 - *piece;
        }
    }
    borrowed
}

/// The fraction in `pieces` times pi/2 as two doubles, summed in fdlibm's order.
fn times_half_pi(pieces: &[i32], exponent: i32) -> (f64, f64) {
    let top = pieces.len() - 1;
    let mut q = [0.0f64; 20];
    let mut weight = scale(exponent);
    for i in (0..=top).rev() {
        q[i] = weight * f64::from(pieces[i]);
        weight *= TWO_M24;
    }
    let mut products = [0.0f64; 20];
    for i in (0..=top).rev() {
        let mut sum = 0.0;
        for k in 0..=FIRST_TERMS.min(top - i) {
            sum += HALF_PI[k] * q[i + k];
        }
        products[top - i] = sum;
    }
    let mut hi = 0.0;
    for i in (0..=top).rev() {
        hi += products[i];
    }
    let mut lo = products[0] - hi;
    for product in &products[1..=top] {
        lo += product;
    }
    (hi, lo)
}
