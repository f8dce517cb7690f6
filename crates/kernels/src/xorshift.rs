//! Numbers that look random and are the same every time: Marsaglia's xorshift generators ("Xorshift RNGs", 2003).

/// Of 32 bits: shifts by 13, 17 and 5.
pub(crate) struct Xorshift32(u32);

impl Xorshift32 {
    /// `seed`: not 0, which stays 0.
    pub(crate) const fn new(seed: u32) -> Self {
        assert!(seed != 0);
        Self(seed)
    }

    pub(crate) fn draw(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}

/// Of 64 bits: shifts by 13, 7 and 17.
pub(crate) struct Xorshift64(u64);

impl Xorshift64 {
    /// `seed`: not 0, which stays 0.
    pub(crate) const fn new(seed: u64) -> Self {
        assert!(seed != 0);
        Self(seed)
    }

    pub(crate) fn draw(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
