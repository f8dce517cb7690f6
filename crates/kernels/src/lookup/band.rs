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
