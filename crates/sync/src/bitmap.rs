//! A bitmap of participants in shared memory: who holds an object, who sleeps on it.
//!
//! | word | meaning |
//! |------|---------|
//! | 0 | bit w: word w has been used. Sticky, so that no race can hide a participant; saves looking at 16 words |
//! | 1.. | one bit per participant, changed by single atomic operations |
//!
//! Sequentially consistent: the users read one bitmap or word after they have changed another.

use crate::arena::Arena;
use crate::layout::{BITMAP_BITS, BITMAP_WORDS};
use crate::prim::{AtomicU64, Ordering::SeqCst};

/// A bitmap, by the byte offset of its first word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bitmap(pub(crate) usize);

impl Bitmap {
    pub(crate) fn used(self, arena: &Arena) -> &AtomicU64 {
        arena.u64(self.0)
    }

    pub(crate) fn word(self, arena: &Arena, index: u32) -> &AtomicU64 {
        arena.u64(self.0 + 8 + index as usize * 8)
    }

    pub(crate) fn add(self, arena: &Arena, entry: u32) {
        let (index, bit) = (entry / BITMAP_BITS, entry % BITMAP_BITS);
        if self.used(arena).load(SeqCst) & 1 << index == 0 {
            self.used(arena).fetch_or(1 << index, SeqCst);
        }
        self.word(arena, index).fetch_or(1 << bit, SeqCst);
    }

    /// Clears a bit; false when it was clear.
    pub(crate) fn remove(self, arena: &Arena, entry: u32) -> bool {
        let (index, bit) = (entry / BITMAP_BITS, entry % BITMAP_BITS);
        let word = self.word(arena, index);
        word.load(SeqCst) & 1 << bit != 0 && word.fetch_and(!(1 << bit), SeqCst) & 1 << bit != 0
    }

    #[inline]
    pub(crate) fn has(self, arena: &Arena, entry: u32) -> bool {
        self.word(arena, entry / BITMAP_BITS).load(SeqCst) & 1 << (entry % BITMAP_BITS) != 0
    }

    /// Whether any bit is set.
    pub(crate) fn any(self, arena: &Arena) -> bool {
        let used = self.used(arena).load(SeqCst);
        (0..BITMAP_WORDS)
            .any(|index| used & 1 << index != 0 && self.word(arena, index).load(SeqCst) != 0)
    }

    /// Whether any bit but that of `me` is set.
    pub(crate) fn any_but(self, arena: &Arena, me: u32) -> bool {
        let mut others = false;
        self.for_each(arena, |other| others |= other != me);
        others
    }

    /// Calls `visit` for every participant whose bit is set.
    pub(crate) fn for_each(self, arena: &Arena, mut visit: impl FnMut(u32)) {
        let used = self.used(arena).load(SeqCst);
        for index in (0..BITMAP_WORDS).filter(|index| used & 1 << index != 0) {
            let mut bits = self.word(arena, index).load(SeqCst);
            while bits != 0 {
                visit(index * BITMAP_BITS + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
    }

    /// Empties memory that may hold anything.
    pub(crate) fn reset(self, arena: &Arena) {
        self.used(arena).store(0, SeqCst);
        for index in 0..BITMAP_WORDS {
            self.word(arena, index).store(0, SeqCst);
        }
    }

    /// Forgets everybody, in an object that nobody uses yet.
    pub(crate) fn clear(self, arena: &Arena) {
        let used = self.used(arena).load(SeqCst);
        for index in (0..BITMAP_WORDS).filter(|index| used & 1 << index != 0) {
            self.word(arena, index).store(0, SeqCst);
        }
    }
}
