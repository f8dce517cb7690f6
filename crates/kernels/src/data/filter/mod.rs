//! Keeping the elements for which a predicate is truthy, in their order: after counting them, or in one go where there is room
//! for all.

mod counted;
mod in_room;

pub use counted::CountedFilter;
pub use in_room::FilterInRoom;

use crate::data::compress::compress;
use crate::data::{GRAIN, Operation};
use crate::element::{Column, ElementKind, Target};
use crate::isa::Level;
use crate::streaming::{copy_past_caches, fence};
use std::cell::RefCell;
use std::ops::Range;
use std::sync::OnceLock;

thread_local! {
    /// What is kept of a grain, on its way past the caches.
    static KEPT: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// What filters have in common: after the first stage they know how many items they keep, and the second one leaves those in
/// a target that has been set in between.
pub trait Filter: Operation {
    /// What the items are.
    fn kind(&self) -> ElementKind;

    /// How many are kept, after the first stage.
    fn count(&self) -> usize;

    /// Where they go.
    fn target(&self) -> &OnceLock<Target>;

    /// Whether this is room of the right kind and length.
    fn takes(&self, target: Target) -> bool {
        target.kind == self.kind() && target.length == self.count()
    }

    /// Where they go: an array of the kind of the items with room for [`Self::count`], apart from them.
    ///
    /// # Panics
    /// If kind or length are others.
    fn set_target(&self, target: Target) {
        assert!(self.takes(target));
        let _ = self.target().set(target);
    }
}

/// Moves the `count` items of a grain whose bits are set to `to`, one after the other.
///
/// # Safety
/// `to` is aligned, apart from the items, and writable by this thread alone for `count` of them; the items are alive, though
/// others may write to them; `level` is at most what the machine has.
unsafe fn move_kept(
    items: Column,
    grain: Range<usize>,
    bits: &[u64],
    to: *mut u8,
    count: usize,
    past_caches: bool,
    level: Level,
) {
    let n = grain.len();
    let bytes = items.kind.bytes();
    // SAFETY: within the items, and by the promise of the caller; the stage has room for a grain of any type.
    unsafe {
        let from = items.data.add(grain.start * bytes);
        if !past_caches {
            compress(bytes, from, n, bits, to, count, level);
            return;
        }
        KEPT.with_borrow_mut(|kept| {
            kept.resize(GRAIN, 0);
            let stage = kept.as_mut_ptr().cast();
            compress(bytes, from, n, bits, stage, GRAIN, level);
            copy_past_caches(to, stage, count * bytes, level);
        });
        fence();
    }
}

#[cfg(test)]
mod tests {
    use super::counted::{REMEMBERED, SHARE, STREAMED};
    use super::{CountedFilter, Filter, FilterInRoom, GRAIN};
    use crate::data::Source;
    use crate::element::{Column, ElementKind, Target};
    use crate::isa::Level;
    use crate::xorshift::Xorshift32;

    const LEVELS: [Level; 3] = [Level::Base, Level::Avx2, Level::Avx512];

    /// What a filter leaves in a target.
    fn results<T>(filter: &dyn Filter, kind: ElementKind, between: impl Fn()) -> Vec<T> {
        for chunk in 0..filter.begin(0) {
            filter.chunk(0, chunk, &|| false);
        }
        between();
        let length = filter.count();
        let mut kept: Vec<T> = Vec::with_capacity(length);
        let data = kept.as_mut_ptr().cast();
        filter.set_target(Target { kind, data, length });
        for chunk in 0..filter.begin(1) {
            filter.chunk(1, chunk, &|| false);
        }
        // SAFETY: that many have been moved there.
        unsafe { kept.set_len(length) };
        kept
    }

    /// Filters in both ways, which have to agree.
    fn filtered<T: Copy + Default + PartialEq>(
        kind: ElementKind,
        items: &[T],
        truths: &[u8],
        level: Level,
    ) -> Vec<T> {
        let column = |kind, data, length| Column { kind, data, length };
        let predicate = || Source::Array(column(ElementKind::U8, truths.as_ptr(), truths.len()));
        let n = items.len();
        let of_items = || column(kind, items.as_ptr().cast(), n);

        let counted = CountedFilter::new(predicate(), of_items(), level);
        let kept: Vec<T> = results(&counted, kind, || {
            let most = REMEMBERED + size_of_val(items) / SHARE;
            assert!(counted.remembered_bytes() <= most);
        });

        let mut room = vec![T::default(); n];
        let place = Target {
            kind,
            data: room.as_mut_ptr().cast(),
            length: n,
        };
        let in_room = FilterInRoom::new(predicate(), of_items(), place, level);
        assert!(results::<T>(&in_room, kind, || ()) == kept);
        assert!(room[..kept.len()] == kept);
        assert!(room[kept.len()..].iter().all(|item| *item == T::default()));
        kept
    }

    #[test]
    fn each_level_keeps_the_elements_of_every_width_in_order() {
        let mut random = Xorshift32::new(0x9E37_79B9);
        for level in LEVELS {
            for n in [0, 1, 63, 64, 65, 300, GRAIN, 2 * GRAIN + 100] {
                // From nearly none to all of a word.
                let truths: Vec<u8> = (0..n)
                    .map(|i| u8::from(random.draw() % 64 <= (i / 64 % 65) as u32))
                    .collect();
                let items: Vec<u64> = (0..n).map(|_| u64::from(random.draw()) << 20).collect();
                let kept = |i: &usize| truths[*i] == 1;
                macro_rules! check {
                    ($($kind:ident: $type:ty),*) => {$(
                        let narrow: Vec<$type> = items.iter().map(|&item| item as $type).collect();
                        let expected: Vec<$type> = (0..n).filter(kept).map(|i| narrow[i]).collect();
                        assert!(filtered(ElementKind::$kind, &narrow, &truths, level) == expected);
                    )*};
                }
                check!(U8: u8, U16: u16, U32: u32, U64: u64);
            }
        }
    }

    #[test]
    fn results_past_the_caches_have_their_elements_too() {
        let n = STREAMED / 8 + STREAMED / 32;
        let truths: Vec<u8> = (0..n).map(|i| u8::from(i % 10 != 3)).collect();
        let items: Vec<u64> = (0..n as u64).collect();
        let expected: Vec<u64> = items.iter().copied().filter(|i| i % 10 != 3).collect();
        assert!(expected.len() * 8 >= STREAMED);
        for level in LEVELS {
            if level <= Level::detected() {
                assert!(filtered(ElementKind::U64, &items, &truths, level) == expected);
            }
        }
    }

    #[test]
    fn more_bits_than_are_remembered_are_found_again() {
        let n = 9 * REMEMBERED;
        let truths: Vec<u8> = (0..n).map(|i| u8::from(i % 7 == 3)).collect();
        let items: Vec<u8> = (0..n).map(|i| ((i * i) >> 3) as u8).collect();
        let expected: Vec<u8> = (0..n).filter(|i| i % 7 == 3).map(|i| items[i]).collect();
        assert!(filtered(ElementKind::U8, &items, &truths, Level::detected()) == expected);
    }
}
