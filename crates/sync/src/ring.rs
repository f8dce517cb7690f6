//! The crash-safe ring: one CAS publishes a message, one CAS takes it over. `slot.rs` has the words and transitions.
//!
//! A message is a chain of blocks. Its producer fills them while they are private, so a producer killed anywhere leaves
//! either nothing or a complete message. A consumer makes itself owner of the blocks *before* the CAS that empties the
//! slot: a block whose owner is dead and which no slot refers to is therefore unreachable, and its sweep may free it.
//!
//! A ring goes round and round (a queue with a limit) or is gone through once (a segment of a queue without): then every
//! position beyond its turn is past its end, also for somebody so late that the memory serves another queue by now.
//!
//! Everything here is sequentially consistent: each operation reads one word and changes another, and two peers must
//! never both miss each other. The partner of every access is the same word's access in the operations beside it.

use crate::arena::Arena;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::{HEAD_AT, TAIL_AT};
use crate::prim::{
    AtomicU64,
    Ordering::{Relaxed, SeqCst},
};
use crate::slot::{Lap, Position, Slot, SlotState};

/// Rounds after which a retry loop gives up: real contention ends far earlier, corrupt words never do.
pub(crate) const MAX_ROUNDS: u32 = 1 << 20;

/// A message that a consumer has taken but not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// First block of the message.
    pub block: u32,
    /// Byte offset of the slot; the queue is held, so it stays that.
    pub(crate) slot: usize,
    pub(crate) word: u64,
}

/// How far a put came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    Published,
    Full,
    /// The ring has been gone through.
    Past,
    Closed,
}

/// How far a take came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Take {
    Taken(Taken),
    Empty,
    Past,
    Closed,
}

/// What a look behind head gave.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Look {
    Taken(Taken),
    /// There was a message; somebody else took it, and may yet die with it.
    LostRace,
    Nothing,
}

/// A ring in the arena.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ring<'a> {
    pub(crate) arena: &'a Arena,
    /// Byte offset of the hints.
    pub(crate) at: usize,
    /// Byte offset of the first slot.
    pub(crate) slots_at: usize,
    /// At least 1, and all slots exist.
    pub(crate) capacity: u32,
    /// The only turn of a ring that is gone through once.
    pub(crate) once: Option<u32>,
}

impl<'a> Ring<'a> {
    #[inline]
    pub(crate) fn tail(&self) -> &'a AtomicU64 {
        self.arena.u64(self.at + TAIL_AT)
    }

    #[inline]
    pub(crate) fn head(&self) -> &'a AtomicU64 {
        self.arena.u64(self.at + HEAD_AT)
    }

    #[inline]
    fn slot_at(&self, index: u32) -> usize {
        self.slots_at + index.min(self.capacity - 1) as usize * 8
    }

    #[inline]
    pub(crate) fn slot(&self, index: u32) -> &'a AtomicU64 {
        self.arena.u64(self.slot_at(index))
    }

    /// Where a hint points, forced into the ring.
    #[inline]
    pub(crate) fn position(&self, hint: &AtomicU64) -> (u64, Position) {
        let word = hint.load(SeqCst);
        let position = Position::parse(word);
        let index = position.index.min(self.capacity - 1);
        (word, Position { index, ..position })
    }

    #[inline]
    fn is_past(&self, position: Position) -> bool {
        self.once.is_some_and(|turn| turn != position.turn)
    }

    #[inline]
    fn advance(&self, hint: &AtomicU64, word: u64, position: Position) {
        let _ = hint.compare_exchange(word, position.next(self.capacity).word(), SeqCst, Relaxed);
    }

    /// Publishes a message.
    #[inline]
    pub(crate) fn put(&self, block: u32) -> Result<Put, Error> {
        for _ in 0..MAX_ROUNDS {
            let (word, tail) = self.position(self.tail());
            if self.is_past(tail) {
                return Ok(Put::Past);
            }
            if let Some(put) = self.put_at(word, tail, block)? {
                return Ok(put);
            }
        }
        Err(Error::Corrupt)
    }

    /// One try to publish where tail was seen; `None` when somebody else has changed it since.
    #[inline]
    pub(crate) fn put_at(
        &self,
        word: u64,
        tail: Position,
        block: u32,
    ) -> Result<Option<Put>, Error> {
        let slot = self.slot(tail.index);
        let seen = slot.load(SeqCst);
        let content = Slot::parse(seen);
        match (content.lap(tail), content.state) {
            (lap, SlotState::Closed) if self.is_end(lap) => return Ok(Some(Put::Closed)),
            (Lap::Same, SlotState::Empty) => {
                cp!(PutPublish);
                let ready = Slot::ready(tail.turn, block).word();
                if slot.compare_exchange(seen, ready, SeqCst, Relaxed).is_ok() {
                    cp!(PutPublished);
                    self.advance(self.tail(), word, tail);
                    cp!(PutAdvanced);
                    return Ok(Some(Put::Published));
                }
            }
            (Lap::Behind, _) => {
                if self.tail().load(SeqCst) == word {
                    if self.is_impossible(content) {
                        return Err(Error::Corrupt);
                    }
                    return Ok(Some(Put::Full));
                }
            }
            _ => {
                cp!(PutHelp);
                self.advance(self.tail(), word, tail);
            }
        }
        Ok(None)
    }

    /// Takes a message without delivering it yet.
    #[inline]
    pub(crate) fn take(&self, me: u32) -> Result<Take, Error> {
        for _ in 0..MAX_ROUNDS {
            let (word, head) = self.position(self.head());
            if self.is_past(head) {
                return Ok(Take::Past);
            }
            if let Some(take) = self.take_at_head(me, word, head)? {
                return Ok(take);
            }
        }
        Err(Error::Corrupt)
    }

    /// One try to take where head was seen; `None` when somebody else has changed it since.
    #[inline]
    pub(crate) fn take_at_head(
        &self,
        me: u32,
        word: u64,
        head: Position,
    ) -> Result<Option<Take>, Error> {
        let seen = self.slot(head.index).load(SeqCst);
        let content = Slot::parse(seen);
        match (content.lap(head), content.state) {
            (lap, SlotState::Closed) if self.is_end(lap) => return Ok(Some(Take::Closed)),
            (Lap::Same, SlotState::Ready) => {
                // Meanwhile the slot comes over.
                self.arena.fetch(content.block);
                cp!(TakeClaim);
                if let Some(taken) = self.claim(me, head.index, seen) {
                    cp!(TakeClaimed);
                    self.advance(self.head(), word, head);
                    cp!(TakeAdvanced);
                    return Ok(Some(Take::Taken(taken)));
                }
            }
            (Lap::Same, SlotState::Empty) | (Lap::Behind, _) => {
                if self.head().load(SeqCst) == word {
                    if self.was_passed_over(head, seen) {
                        return Err(Error::Corrupt);
                    }
                    return Ok(Some(Take::Empty));
                }
            }
            (lap, _) => {
                cp!(TakeHelp);
                self.advance(self.head(), word, head);
                // This help may come so late that the taker was swept meanwhile and others have already looked
                // behind the old head in vain: then nobody but us would find its message.
                if lap == Lap::Same
                    && let Look::Taken(taken) = self.take_at(me, head)
                {
                    return Ok(Some(Take::Taken(taken)));
                }
            }
        }
        Ok(None)
    }

    /// Whether a closed slot is the end of this ring. Of one that is gone through once, a later turn is another queue's.
    #[inline]
    fn is_end(&self, lap: Lap) -> bool {
        self.once.is_none() || lap == Lap::Same
    }

    #[inline]
    fn claim(&self, me: u32, index: u32, seen: u64) -> Option<Taken> {
        let content = Slot::parse(seen);
        let word = content.taken(me).word();
        self.slot(index)
            .compare_exchange(seen, word, SeqCst, Relaxed)
            .ok()?;
        Some(Taken {
            block: content.block,
            slot: self.slot_at(index),
            word,
        })
    }

    /// Takes the message at a position that head has passed, if it was put back.
    fn take_at(&self, me: u32, position: Position) -> Look {
        if self.is_past(position) {
            // The memory serves another queue by now, whose messages are not ours.
            return Look::Nothing;
        }
        let seen = self.slot(position.index).load(SeqCst);
        let content = Slot::parse(seen);
        if content.state != SlotState::Ready || content.lap(position) != Lap::Same {
            return Look::Nothing;
        }
        cp!(RedeliverClaim);
        match self.claim(me, position.index, seen) {
            Some(taken) => {
                cp!(RedeliverClaimed);
                Look::Taken(taken)
            }
            None => Look::LostRace,
        }
    }

    /// Looks for messages that a sweep put back behind head, oldest first.
    #[cold]
    pub(crate) fn take_behind_head(&self, me: u32) -> Look {
        let (_, head) = self.position(self.head());
        let mut look = Look::Nothing;
        for back in (1..=self.capacity).rev() {
            match self.take_at(me, head.before(back, self.capacity)) {
                Look::Nothing => {}
                Look::LostRace => look = Look::LostRace,
                taken => return taken,
            }
        }
        look
    }

    /// Closes the slot where the next message would go, if the ring is empty: after that nothing is put any more.
    pub(crate) fn close(&self) {
        let (_, head) = self.position(self.head());
        let slot = self.slot(head.index);
        let seen = slot.load(SeqCst);
        let content = Slot::parse(seen);
        let is_end = content.state == SlotState::Empty && content.lap(head) == Lap::Same;
        if is_end && !self.is_past(head) {
            cp!(QueueShut);
            let _ = slot.compare_exchange(seen, Slot::closed(content.turn).word(), SeqCst, Relaxed);
        }
    }

    /// Whether a ring that is gone through once has been, by consumers.
    pub(crate) fn is_used_up(&self) -> bool {
        let (_, head) = self.position(self.head());
        self.is_past(head)
    }

    /// Whether nothing will be put here any more, and nothing is left in front of that place.
    pub(crate) fn is_closed(&self) -> bool {
        let (_, head) = self.position(self.head());
        Slot::parse(self.slot(head.index).load(SeqCst)).state == SlotState::Closed
    }

    /// Whether `take` would probably find a message or an end.
    #[inline]
    pub(crate) fn ready(&self) -> bool {
        let (_, head) = self.position(self.head());
        if self.is_past(head) {
            return true;
        }
        let content = Slot::parse(self.slot(head.index).load(SeqCst));
        match content.lap(head) {
            Lap::Same => content.state != SlotState::Empty,
            Lap::Behind => content.state == SlotState::Closed,
            Lap::Ahead => true,
        }
    }

    /// Whether `put` would probably find room or an end.
    pub(crate) fn has_room(&self) -> bool {
        let (_, tail) = self.position(self.tail());
        let content = Slot::parse(self.slot(tail.index).load(SeqCst));
        self.is_past(tail)
            || content.lap(tail) != Lap::Behind
            || content.state == SlotState::Closed
            || self.is_impossible(content)
    }

    /// Messages between head and tail: exact when nobody else is active. Redelivered ones are not counted.
    pub(crate) fn length(&self) -> u32 {
        let (_, head) = self.position(self.head());
        let (_, tail) = self.position(self.tail());
        tail.since(head, self.capacity)
    }

    /// Slots that hold a message nobody has taken, also behind head.
    pub(crate) fn count_ready(&self) -> u32 {
        self.count(SlotState::Ready)
    }

    /// Whether somebody has a message that may come back, or one has just come back: it stays in its slot until delivered.
    pub(crate) fn any_taken(&self) -> bool {
        (0..self.capacity).any(|index| Slot::parse(self.slot(index).load(SeqCst)).is_full())
    }

    fn count(&self, state: SlotState) -> u32 {
        (0..self.capacity)
            .filter(|&index| Slot::parse(self.slot(index).load(SeqCst)).state == state)
            .count() as u32
    }

    /// Whether every slot has been used and finished: nothing will ever happen here again (a ring gone through once).
    pub(crate) fn is_finished(&self, turn: u32) -> bool {
        let done = Slot::empty(turn + 1).word();
        (0..self.capacity).all(|index| self.slot(index).load(SeqCst) == done)
    }

    /// Empties memory that nobody else uses, from `turn` on.
    pub(crate) fn reset(&self, turn: u32) {
        let start = Position { turn, index: 0 }.word();
        self.tail().store(start, SeqCst);
        self.head().store(start, SeqCst);
        for index in 0..self.capacity {
            self.slot(index).store(Slot::empty(turn).word(), Relaxed);
        }
    }
}
