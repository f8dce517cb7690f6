//! Tables of bytes that have two results, one of them for neighbouring values: thresholds and ranges, found by comparing.

use super::before_line;
use crate::isa::{Level, levels};

/// `inside` for the values `start ..= start + last`, which may go on from 255 to 0; else `outside`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Band {
    start: u8,
    last: u8,
    inside: u8,
    outside: u8,
}

/// `dst[i]` from `src[i]` for `count` bytes.
pub(super) type Body = unsafe fn(dst: *mut u8, src: *const u8, band: Band, count: usize);

impl Band {
    /// The band that `table` is; `None`: it is none.
    pub(super) fn of(table: &[u8; 256]) -> Option<Self> {
        // Where a value's entry is another than that of the value before it; 255 is before 0.
        let mut changes = (0..=u8::MAX).filter(|&value| {
            table[usize::from(value)] != table[usize::from(value.wrapping_sub(1))]
        });
        let (start, end) = match (changes.next(), changes.next(), changes.next()) {
            // All alike.
            (None, ..) => (0, 0),
            (Some(start), Some(end), None) => (start, end),
            _ => return None,
        };
        Some(Self {
            start,
            last: end.wrapping_sub(start).wrapping_sub(1),
            inside: table[usize::from(start)],
            outside: table[usize::from(end)],
        })
    }

    /// The body for `level`.
    pub(super) fn body(level: Level) -> Body {
        bytes::TABLE.at(level)
    }

    #[inline(always)]
    fn result(self, value: u8) -> u8 {
        if value.wrapping_sub(self.start) <= self.last {
            self.inside
        } else {
            self.outside
        }
    }
}

/// Bytes handled at a time: a line, or a register of AVX-512.
const LINE: usize = 64;

levels! {
    unsafe fn bytes(dst: *mut u8, src: *const u8, band: Band, count: usize) {
        let lead = before_line(dst, count);
        let lines = (count - lead) / LINE;
        for at in 0..lead {
            *dst.add(at) = band.result(*src.add(at));
        }
        for line in 0..lines {
            let at = lead + line * LINE;
            let values = src.add(at).cast::<[u8; LINE]>().read();
            dst.add(at).cast::<[u8; LINE]>().write(values.map(|value| band.result(value)));
        }
        for at in lead + lines * LINE..count {
            *dst.add(at) = band.result(*src.add(at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Band;

    fn table(inside: impl Fn(u8) -> bool) -> [u8; 256] {
        std::array::from_fn(|value| if inside(value as u8) { 255 } else { 9 })
    }

    #[test]
    fn thresholds_and_ranges_are_bands_wherever_they_lie() {
        let band = |start, last, inside, outside| {
            Some(Band {
                start,
                last,
                inside,
                outside,
            })
        };
        assert_eq!(Band::of(&table(|x| x > 128)), band(0, 128, 9, 255));
        assert_eq!(Band::of(&table(|x| x == 255)), band(0, 254, 9, 255));
        assert_eq!(
            Band::of(&table(|x| (10..20).contains(&x))),
            band(10, 9, 255, 9)
        );
        // Of signed bytes: all below zero, and a range with zero inside.
        assert_eq!(Band::of(&table(|x| (x as i8) < 0)), band(0, 127, 9, 255));
        assert_eq!(
            Band::of(&table(|x| (-3..3).contains(&(x as i8)))),
            band(3, 249, 9, 255)
        );
        assert_eq!(Band::of(&[7; 256]), band(0, 255, 7, 7));
    }

    #[test]
    fn tables_with_more_results_or_more_ranges_are_none() {
        assert_eq!(Band::of(&std::array::from_fn(|value| value as u8)), None);
        assert_eq!(Band::of(&table(|x| x % 64 < 10)), None);
        let mut three = table(|x| x > 128);
        three[0] = 1;
        assert_eq!(Band::of(&three), None);
    }
}
