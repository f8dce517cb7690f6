//! Who sleeps until a shared object is ready: a bitmap of participants, and whom to wake next.
//!
//! Sleeper: set bit, fence, re-check the object, sleep. Waker: change the object, fence, look for bits. One of the two
//! must see the other. A bit is set by the sleeper itself and cleared by whoever wakes it, by itself or by its sweep.

use crate::arena::Arena;
use crate::bitmap::Bitmap;
use crate::crash::cp;
use crate::layout::{BITMAP_BITS, BITMAP_WORDS};
use crate::prim::Ordering::SeqCst;

/// A bitmap of waiters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiters(pub(crate) Bitmap);

impl Waiters {
    pub(crate) fn at(offset: usize) -> Self {
        Self(Bitmap(offset))
    }

    /// Registers a sleeper. It must re-check its condition afterwards.
    pub(crate) fn add(self, arena: &Arena, entry: u32) {
        self.0.add(arena, entry);
    }

    /// Withdraws a sleeper. False when a waker had already picked it: it owes that wake-up to somebody else now.
    pub(crate) fn remove(self, arena: &Arena, entry: u32) -> bool {
        self.0.remove(arena, entry)
    }

    /// Whether it is registered.
    #[inline]
    pub(crate) fn has(self, arena: &Arena, entry: u32) -> bool {
        self.0.has(arena, entry)
    }

    /// Wakes one sleeper if there is any; starts looking behind `me`, so that no participant is always first.
    #[inline]
    pub(crate) fn wake_one(self, arena: &Arena, me: u32) {
        let used = self.0.used(arena).load(SeqCst);
        if used != 0 {
            self.wake_in(arena, me, used);
        }
    }

    /// Wakes everybody who sleeps now.
    pub(crate) fn wake_all(self, arena: &Arena) {
        let used = self.0.used(arena).load(SeqCst);
        for index in (0..BITMAP_WORDS).filter(|index| used & 1 << index != 0) {
            let mut bits = self.0.word(arena, index).swap(0, SeqCst);
            cp!(WakeAllCleared);
            while bits != 0 {
                arena.ring_participant(index * BITMAP_BITS + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
    }

    fn wake_in(self, arena: &Arena, me: u32, used: u64) {
        for step in 0..BITMAP_WORDS {
            let index = (me / BITMAP_BITS + step) % BITMAP_WORDS;
            if used & 1 << index == 0 {
                continue;
            }
            let word = self.0.word(arena, index);
            loop {
                let bits = word.load(SeqCst);
                if bits == 0 {
                    break;
                }
                let turn = me % BITMAP_BITS;
                let bit = (bits.rotate_right(turn).trailing_zeros() + turn) % 64;
                cp!(WakeFound);
                if word.fetch_and(!(1 << bit), SeqCst) & 1 << bit != 0 {
                    cp!(WakeCleared);
                    arena.ring_participant(index * BITMAP_BITS + bit);
                    return;
                }
            }
        }
    }

    /// Forgets everybody, in an object that nobody uses yet.
    pub(crate) fn clear(self, arena: &Arena) {
        self.0.clear(arena);
    }
}
