//! Numbers as unsigned integers in the order of `TypedArray.prototype.sort`: -0 before 0, NaN last.
//!
//! The mapping is one to one, so equal keys are equal bits: no sort can disturb the order of what it cannot tell apart, and
//! every NaN keeps its payload. Of a double with bits b the key is
//!
//! - b with the sign bit flipped, if that is clear, else b inverted, which orders all numbers;
//! - less the count of negative NaNs, which stand first in that order, so that they wrap around to the end.
//!
//! For descending order the key is inverted.

/// An unsigned integer that keys are made of.
pub(super) trait Key: Copy + Ord + Default + Send + Sync + 'static {
    /// Position above `least`, in units of 2^shift.
    fn digit(self, least: Self, shift: u32) -> usize;
    /// Bits that a difference to `least` can have.
    fn spread(self, least: Self) -> u32;
    /// The next greater key; the greatest stays.
    fn next(self) -> Self;
    /// The next lower key; the least stays.
    fn before(self) -> Self;
    /// The greatest key.
    fn greatest() -> Self;
    /// Inverted if `flip`: the opposite order.
    fn flipped(self, flip: bool) -> Self;
}

macro_rules! keys {
    ($($key:ty),*) => {$(
        impl Key for $key {
            #[inline(always)]
            fn digit(self, least: Self, shift: u32) -> usize {
                ((self - least) >> shift) as usize
            }

            fn spread(self, least: Self) -> u32 {
                Self::BITS - (self - least).leading_zeros()
            }

            fn next(self) -> Self {
                self.saturating_add(1)
            }

            fn before(self) -> Self {
                self.saturating_sub(1)
            }

            fn greatest() -> Self {
                Self::MAX
            }

            #[inline(always)]
            fn flipped(self, flip: bool) -> Self {
                self ^ Self::from(flip).wrapping_neg()
            }
        }
    )*};
}

keys!(u32, u64);

/// How the elements of a kind become keys and back.
pub(super) trait Coding: Send + Sync + 'static {
    /// As wide as the element.
    type Key: Key;
    /// The key of an element's bits.
    fn encode(bits: Self::Key) -> Self::Key;
    /// The bits of a key.
    fn decode(key: Self::Key) -> Self::Key;
}

/// `Float64Array`
pub(super) struct Float64;
/// `Float32Array`
pub(super) struct Float32;
/// `BigInt64Array`
pub(super) struct Int64;
/// `Int32Array`
pub(super) struct Int32;
/// `BigUint64Array`
pub(super) struct Uint64;
/// `Uint32Array`
pub(super) struct Uint32;

macro_rules! codings {
    ($key:ty, $signed:ty, $negative_nans:expr, $float:ty, $integer:ty, $natural:ty) => {
        impl Coding for $float {
            type Key = $key;
            #[inline(always)]
            fn encode(bits: $key) -> $key {
                let negative = (bits as $signed >> (<$key>::BITS - 1)) as $key;
                (bits ^ (negative | 1 << (<$key>::BITS - 1))).wrapping_sub($negative_nans)
            }
            #[inline(always)]
            fn decode(key: $key) -> $key {
                let ordered = key.wrapping_add($negative_nans);
                let negative = (!ordered as $signed >> (<$key>::BITS - 1)) as $key;
                ordered ^ (negative | 1 << (<$key>::BITS - 1))
            }
        }
        impl Coding for $integer {
            type Key = $key;
            #[inline(always)]
            fn encode(bits: $key) -> $key {
                bits ^ 1 << (<$key>::BITS - 1)
            }
            #[inline(always)]
            fn decode(key: $key) -> $key {
                key ^ 1 << (<$key>::BITS - 1)
            }
        }
        impl Coding for $natural {
            type Key = $key;
            #[inline(always)]
            fn encode(bits: $key) -> $key {
                bits
            }
            #[inline(always)]
            fn decode(key: $key) -> $key {
                key
            }
        }
    };
}

codings!(u64, i64, 0x000F_FFFF_FFFF_FFFF, Float64, Int64, Uint64);
codings!(u32, i32, 0x007F_FFFF, Float32, Int32, Uint32);

/// The key in the wanted order.
#[inline(always)]
pub(super) fn encoded<C: Coding>(bits: C::Key, flip: bool) -> C::Key {
    C::Key::flipped(C::encode(bits), flip)
}

/// The bits of a key in the wanted order.
#[inline(always)]
pub(super) fn decoded<C: Coding>(key: C::Key, flip: bool) -> C::Key {
    C::decode(C::Key::flipped(key, flip))
}
