//! Numbers that look random and are the same every time: Marsaglia's xorshift generators ("Xorshift RNGs", 2003).

macro_rules! generators {
    ($($name:ident: $word:ty, $left:literal, $right:literal, $last:literal;)*) => {$(
        /// Words of this many bits.
        pub(crate) struct $name($word);

        impl $name {
            /// `seed`: not 0, which stays 0.
            pub(crate) const fn new(seed: $word) -> Self {
                assert!(seed != 0);
                Self(seed)
            }

            pub(crate) fn draw(&mut self) -> $word {
                self.0 ^= self.0 << $left;
                self.0 ^= self.0 >> $right;
                self.0 ^= self.0 << $last;
                self.0
            }
        }
    )*};
}

generators! {
    Xorshift32: u32, 13, 17, 5;
    Xorshift64: u64, 13, 7, 17;
}
