//! 64-bit fingerprints of states, the only thing the explorer keeps of a visited one.
//!
//! With n states the chance that two share a fingerprint is about n^2 / 2^65: less than one in
//! a hundred thousand for ten million states.

use std::hash::{BuildHasherDefault, Hash, Hasher};

/// The fingerprint of `state`.
pub(crate) fn fingerprint(state: &impl Hash) -> u64 {
    let mut mixer = Mixer::default();
    state.hash(&mut mixer);
    mixer.finish()
}

/// Packs the small words of a state into 64-bit lanes and mixes each lane in.
#[derive(Default)]
struct Mixer {
    mixed: u64,
    lane: u64,
    bits: u32,
}

impl Mixer {
    fn push(&mut self, value: u64, bits: u32) {
        if self.bits + bits > 64 {
            self.mix();
        }
        self.lane |= value << self.bits;
        self.bits += bits;
    }

    // Every step is a bijection of `mixed`, so that states differing in one lane never collide.
    fn mix(&mut self) {
        let x = (self.mixed.rotate_left(25) ^ self.lane).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.mixed = x ^ (x >> 31);
        self.lane = 0;
        self.bits = 0;
    }
}

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.push(byte.into(), 8);
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.push(value.into(), 8);
    }

    fn write_u16(&mut self, value: u16) {
        self.push(value.into(), 16);
    }

    // Lengths of arrays and discriminants of enums: always small in a model.
    fn write_usize(&mut self, value: usize) {
        self.push(value as u64 & 0xff, 8);
    }

    fn write_isize(&mut self, value: isize) {
        self.push(value as u64 & 0xff, 8);
    }

    fn finish(&self) -> u64 {
        let mut last = Mixer { ..*self };
        last.mix();
        let x = (last.mixed ^ (last.mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x ^ (x >> 32)
    }
}

/// Fingerprints are hashed already: the table takes them as they are.
#[derive(Default)]
pub(crate) struct Ready(u64);

impl Hasher for Ready {
    fn write(&mut self, _: &[u8]) {
        unreachable!("only fingerprints are keys")
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Builds [`Ready`] hashers.
pub(crate) type BuildReady = BuildHasherDefault<Ready>;
