//! Functions of small integers as tables: what a kernel gives for each value of a byte or of two, looked up per element.

mod band;
#[cfg(target_arch = "x86_64")]
mod shuffle;

use crate::isa::{Level, levels};
use band::Band;

/// `dst[i] = table[src[i]]` for `count` elements.
type Body = unsafe fn(dst: *mut u8, src: *const u8, table: *const u8, count: usize);

/// Results for each value that an element of a column can have, and the fastest way to find them.
///
/// ```
/// use manyhands_kernels::isa::Level;
/// use manyhands_kernels::lookup::Table;
///
/// // The complement of a byte.
/// let entries: Vec<u64> = (0..32).map(|word| u64::from_le_bytes(std::array::from_fn(|byte| 255 - (word * 8 + byte) as u8))).collect();
/// let table = Table::new(Level::detected(), 1, 1, entries).unwrap();
/// let (source, mut target) = ([0u8, 1, 200], [0u8; 3]);
/// // SAFETY: three elements each.
/// unsafe { table.look_up(target.as_mut_ptr(), source.as_ptr(), 3) };
/// assert_eq!(target, [255, 254, 55]);
/// ```
pub struct Table {
    /// One entry for each value, one after the other, in words so that they are aligned.
    entries: Vec<u64>,
    way: Way,
}

enum Way {
    /// Two results only, one of them for neighbouring values: a comparison gives them.
    Band(Band, band::Body),
    Each(Body),
}

impl Table {
    /// A table for elements of `source_bytes`, with one entry of `element_bytes` for each of their values. `None`: there are
    /// no such tables, or `entries` has another length.
    #[must_use]
    pub fn new(
        level: Level,
        source_bytes: usize,
        element_bytes: usize,
        entries: Vec<u64>,
    ) -> Option<Self> {
        let level = level.min(Level::detected());
        let body: Body = match (source_bytes, element_bytes) {
            #[cfg(target_arch = "x86_64")]
            (1, 1) if level == Level::Avx512 && shuffle::there() => shuffle::bytes,
            (1, 1) => byte_1::TABLE.at(level),
            (1, 2) => byte_2::TABLE.at(level),
            (1, 4) => byte_4::TABLE.at(level),
            (1, 8) => byte_8::TABLE.at(level),
            (2, 1) => short_1::TABLE.at(level),
            (2, 2) => short_2::TABLE.at(level),
            (2, 4) => short_4::TABLE.at(level),
            (2, 8) => short_8::TABLE.at(level),
            _ => return None,
        };
        if entries.len() * 8 != (element_bytes << (8 * source_bytes)) {
            return None;
        }
        let band = if (source_bytes, element_bytes) == (1, 1) {
            // SAFETY: 256 bytes, of which any value is one.
            Band::of(unsafe { &*entries.as_ptr().cast() })
        } else {
            None
        };
        let way = band.map_or(Way::Each(body), |band| Way::Band(band, Band::body(level)));
        Some(Self { entries, way })
    }

    /// Looks `count` elements up: `dst[i] = table[src[i]]`.
    ///
    /// # Safety
    /// `src` and `dst` have `count` elements of the table's sizes, aligned, apart or the same.
    pub unsafe fn look_up(&self, dst: *mut u8, src: *const u8, count: usize) {
        // SAFETY: promised by the caller; the machine has the level; the table has an entry for each value.
        unsafe {
            match self.way {
                Way::Band(band, body) => body(dst, src, band, count),
                Way::Each(body) => body(dst, src, self.entries.as_ptr().cast(), count),
            }
        }
    }
}

macro_rules! bodies {
    ($($name:ident: $source:ty => $element:ty;)*) => {
        $(levels! {
            unsafe fn $name(dst: *mut u8, src: *const u8, table: *const u8, count: usize) {
                let (dst, src) = (dst.cast::<$element>(), src.cast::<$source>());
                let table = &*table.cast::<[$element; <$source>::MAX as usize + 1]>();
                for at in 0..count {
                    *dst.add(at) = table[*src.add(at) as usize];
                }
            }
        })*
    };
}

bodies! {
    byte_1: u8 => u8;
    byte_2: u8 => u16;
    byte_4: u8 => u32;
    byte_8: u8 => u64;
    short_1: u16 => u8;
    short_2: u16 => u16;
    short_4: u16 => u32;
    short_8: u16 => u64;
}

/// How many of `count` bytes lie before the first whole line of `dst`: stores across lines take twice as long.
#[inline(always)]
fn before_line(dst: *const u8, count: usize) -> usize {
    dst.align_offset(64).min(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(table: &[u8; 256]) -> Vec<u64> {
        let (words, _) = table.as_chunks::<8>();
        words.iter().map(|word| u64::from_ne_bytes(*word)).collect()
    }

    fn check(entries: &[u8; 256]) {
        let source: Vec<u8> = (0..1000usize).map(|i| (i * 7 % 256) as u8).collect();
        for level in [Level::Base, Level::Avx2, Level::Avx512] {
            let table = Table::new(level, 1, 1, words(entries)).unwrap();
            // Any part of lines before, between and behind; beside the source and in its place.
            for (from, to) in [(0, 1000), (1, 1000), (63, 200), (5, 9), (64, 128), (9, 9)] {
                let mut target = vec![7u8; 1000];
                let mut place = source.clone();
                // SAFETY: the bounds lie within all of them.
                unsafe {
                    table.look_up(
                        target[from..to].as_mut_ptr(),
                        source[from..to].as_ptr(),
                        to - from,
                    );
                    let place = place[from..to].as_mut_ptr();
                    table.look_up(place, place, to - from);
                }
                for at in 0..1000 {
                    let inside = (from..to).contains(&at);
                    let entry = entries[usize::from(source[at])];
                    assert_eq!(target[at], if inside { entry } else { 7 }, "{level:?} {at}");
                    assert_eq!(
                        place[at],
                        if inside { entry } else { source[at] },
                        "{level:?} {at}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_value_finds_its_entry_at_every_level() {
        check(&std::array::from_fn(|byte| {
            (byte as u8).wrapping_mul(77).wrapping_add(3)
        }));
    }

    #[test]
    fn thresholds_and_bands_find_their_entries() {
        for (start, end) in [
            (129, 256),
            (0, 1),
            (0, 128),
            (10, 20),
            (255, 256),
            (1, 255),
            (0, 256),
        ] {
            check(&std::array::from_fn(|byte| {
                if (start..end).contains(&byte) { 255 } else { 9 }
            }));
        }
    }

    #[test]
    fn tables_of_other_lengths_are_none() {
        assert!(Table::new(Level::Base, 1, 1, vec![0; 31]).is_none());
        assert!(Table::new(Level::Base, 1, 2, vec![0; 32]).is_none());
        assert!(Table::new(Level::Base, 4, 1, vec![0; 32]).is_none());
    }
}
