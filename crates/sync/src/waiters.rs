//! Who sleeps until a queue is non-empty (or non-full): a bitmap of participants.
//!
//! | word | meaning |
//! |------|---------|
//! | 0 | bit w: word w has been used. Sticky, so that no race can hide a waiter; saves looking at 16 words |
//! | 1.. | one bit per participant: set by the sleeper itself, cleared by whoever wakes it, by itself or by its sweep |
//!
//! Sleeper: set bit, fence, re-check the queue, sleep. Waker: change the queue, fence, look for bits. One of the two
//! must see the other.

use crate::arena::Arena;
use crate::crash::cp;
use crate::layout::BITMAP_WORDS;
use crate::prim::{AtomicU64, Ordering::SeqCst};

/// A bitmap of waiters, by the byte offset of its first word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiters(pub(crate) usize);

impl Waiters {
    fn used(self, arena: &Arena) -> &AtomicU64 {
        arena.u64(self.0)
    }

    fn word(self, arena: &Arena, index: u32) -> &AtomicU64 {
        arena.u64(self.0 + 8 + index as usize * 8)
    }

    /// Registers a sleeper. It must re-check its condition afterwards.
    pub(crate) fn add(self, arena: &Arena, entry: u32) {
        let (index, bit) = (entry / 64, entry % 64);
        if self.used(arena).load(SeqCst) & 1 << index == 0 {
            self.used(arena).fetch_or(1 << index, SeqCst);
        }
        self.word(arena, index).fetch_or(1 << bit, SeqCst);
    }

    /// Withdraws a sleeper. False when a waker had already picked it: it owes that wake-up to somebody else now.
    pub(crate) fn remove(self, arena: &Arena, entry: u32) -> bool {
        let (index, bit) = (entry / 64, entry % 64);
        let word = self.word(arena, index);
        word.load(SeqCst) & 1 << bit != 0 && word.fetch_and(!(1 << bit), SeqCst) & 1 << bit != 0
    }

    /// Wakes one sleeper if there is any; starts looking behind `me`, so that no participant is always first.
    #[inline]
    pub(crate) fn wake_one(self, arena: &Arena, me: u32) {
        let used = self.used(arena).load(SeqCst);
        if used != 0 {
            self.wake_in(arena, me, used);
        }
    }

    #[inline]
    fn wake_in(self, arena: &Arena, me: u32, used: u64) {
        for step in 0..BITMAP_WORDS {
            let index = (me / 64 + step) % BITMAP_WORDS;
            if used & 1 << index == 0 {
                continue;
            }
            let word = self.word(arena, index);
            loop {
                let bits = word.load(SeqCst);
                if bits == 0 {
                    break;
                }
                let turn = me % 64;
                let bit = (bits.rotate_right(turn).trailing_zeros() + turn) % 64;
                cp!(WakeFound);
                if word.fetch_and(!(1 << bit), SeqCst) & 1 << bit != 0 {
                    cp!(WakeCleared);
                    arena.ring_participant(index * 64 + bit);
                    return;
                }
            }
        }
    }

    /// Forgets everybody, in a queue that nobody uses yet.
    pub(crate) fn clear(self, arena: &Arena) {
        self.used(arena).store(0, SeqCst);
        for index in 0..BITMAP_WORDS {
            self.word(arena, index).store(0, SeqCst);
        }
    }
}
