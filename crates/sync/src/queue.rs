//! The crash-safe queue: one CAS publishes a message, one CAS takes it over. `slot.rs` has the words and transitions.
//!
//! A message is a chain of blocks. Its producer fills them while they are private, so a producer killed anywhere leaves
//! either nothing or a complete message. A consumer makes itself owner of the blocks *before* the CAS that empties the
//! slot: a block whose owner is dead and which no slot refers to is therefore unreachable, and its sweep may free it.
//!
//! Everything here is sequentially consistent: each operation reads one word and changes another, and two peers must
//! never both miss each other. The partner of every access is the same word's access in the operations beside it.

use crate::arena::Arena;
use crate::blocks::Block;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::member::Member;
use crate::prim::{
    AtomicU32, AtomicU64,
    Ordering::{Relaxed, SeqCst},
    fence_after_rmw,
};
use crate::registry::Registration;
use crate::slot::{Lap, Position, Slot, SlotState};
use crate::waiters::Waiters;

/// Rounds after which a retry loop gives up: real contention ends far earlier, corrupt words never do.
const MAX_ROUNDS: u32 = 1 << 20;

/// A message that a consumer holds but has not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// First block of the message.
    pub block: u32,
    pub(crate) index: u32,
    pub(crate) word: u64,
}

/// What a look behind head gave.
enum Look {
    Taken(Taken),
    /// There was a message; somebody else took it, and may yet die with it.
    LostRace,
    Nothing,
}

/// A queue in the arena, checked: all its words exist.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Queue<'a> {
    arena: &'a Arena,
    index: u32,
    /// The registration through which the queue was found.
    registration: Registration,
    at: usize,
    /// Slots the block has room for.
    room: u32,
}

impl<'a> Queue<'a> {
    /// The queue that the registration at `index` names.
    #[inline]
    pub(crate) fn at(
        arena: &'a Arena,
        index: u32,
        registration: Registration,
    ) -> Result<Self, Error> {
        let block = arena.block(registration.block)?;
        let queue = Self::over(arena, index, registration, block);
        if queue.room == 0 {
            Err(Error::BadQueue)
        } else {
            Ok(queue)
        }
    }

    #[inline]
    pub(crate) fn over(
        arena: &'a Arena,
        index: u32,
        registration: Registration,
        block: Block,
    ) -> Self {
        let room = (block.size.saturating_sub(SLOTS_AT) / 8) as u32;
        Self {
            arena,
            index,
            registration,
            at: block.at,
            room,
        }
    }

    /// Whether the memory still belongs to this queue, in the same state. Words read before belong to it then; and as
    /// turns never come back, a CAS of such a word can only succeed on this queue, however late it comes.
    #[inline]
    pub(crate) fn is_same(&self) -> bool {
        self.arena.registration(self.index) == self.registration
    }

    pub(crate) fn arena(&self) -> &'a Arena {
        self.arena
    }

    /// Tells consumers to look behind head.
    pub(crate) fn bump_epoch(&self) {
        self.epoch().fetch_add(1, SeqCst);
    }

    pub(crate) fn room(&self) -> u32 {
        self.room
    }

    #[inline]
    fn capacity(&self) -> u32 {
        // Both bounds keep a corrupt word from leading outside the block.
        self.arena
            .u32(self.at + CAPACITY_AT)
            .load(Relaxed)
            .clamp(1, self.room)
    }

    #[inline]
    fn tail(&self) -> &'a AtomicU64 {
        self.arena.u64(self.at + TAIL_AT)
    }

    #[inline]
    fn head(&self) -> &'a AtomicU64 {
        self.arena.u64(self.at + HEAD_AT)
    }

    #[inline]
    fn epoch(&self) -> &'a AtomicU32 {
        self.arena.u32(self.at + EPOCH_AT)
    }

    #[inline]
    fn epoch_done(&self) -> &'a AtomicU32 {
        self.arena.u32(self.at + EPOCH_DONE_AT)
    }

    #[inline]
    pub(crate) fn slot(&self, index: u32) -> &'a AtomicU64 {
        self.arena
            .u64(self.at + SLOTS_AT + index.min(self.room - 1) as usize * 8)
    }

    #[inline]
    pub(crate) fn consumers(&self) -> Waiters {
        Waiters(self.at + CONSUMERS_AT)
    }

    #[inline]
    pub(crate) fn producers(&self) -> Waiters {
        Waiters(self.at + PRODUCERS_AT)
    }

    /// Where a hint points, forced into the ring.
    #[inline]
    fn position(&self, hint: &AtomicU64, capacity: u32) -> (u64, Position) {
        let word = hint.load(SeqCst);
        let position = Position::parse(word);
        (
            word,
            Position {
                index: position.index.min(capacity - 1),
                ..position
            },
        )
    }

    #[inline]
    fn advance(hint: &AtomicU64, word: u64, position: Position, capacity: u32) {
        let _ = hint.compare_exchange(word, position.next(capacity).word(), SeqCst, Relaxed);
    }

    /// Publishes a message; false when the queue is full.
    #[inline]
    pub(crate) fn put(&self, me: u32, block: u32) -> Result<bool, Error> {
        let capacity = self.capacity();
        for _ in 0..MAX_ROUNDS {
            let (word, tail) = self.position(self.tail(), capacity);
            let slot = self.slot(tail.index);
            let seen = slot.load(SeqCst);
            let content = Slot::parse(seen);
            if !self.is_same() {
                return Err(Error::BadQueue);
            }
            match (content.lap(tail), content.state) {
                (_, SlotState::Closed) => return Err(Error::BadQueue),
                (Lap::Same, SlotState::Empty) => {
                    cp!(PutPublish);
                    let ready = Slot::ready(tail.turn, block).word();
                    if slot.compare_exchange(seen, ready, SeqCst, Relaxed).is_ok() {
                        cp!(PutPublished);
                        Self::advance(self.tail(), word, tail, capacity);
                        cp!(PutAdvanced);
                        fence_after_rmw();
                        self.consumers().wake_one(self.arena, me);
                        return Ok(true);
                    }
                }
                (Lap::Behind, _) => {
                    if self.tail().load(SeqCst) == word {
                        return Ok(false);
                    }
                }
                _ => {
                    cp!(PutHelp);
                    Self::advance(self.tail(), word, tail, capacity);
                }
            }
        }
        Err(Error::Corrupt)
    }

    /// Takes a message without delivering it yet; `None` when the queue is empty.
    #[inline]
    pub(crate) fn take(&self, me: u32) -> Result<Option<Taken>, Error> {
        let capacity = self.capacity();
        let epoch = self.epoch().load(SeqCst);
        if epoch != self.epoch_done().load(SeqCst)
            && let Some(taken) = self.take_again(me, epoch, capacity)
        {
            return Ok(Some(taken));
        }
        for _ in 0..MAX_ROUNDS {
            let (word, head) = self.position(self.head(), capacity);
            let seen = self.slot(head.index).load(SeqCst);
            let content = Slot::parse(seen);
            if !self.is_same() {
                return Err(Error::BadQueue);
            }
            match (content.lap(head), content.state) {
                (_, SlotState::Closed) => return Err(Error::BadQueue),
                (Lap::Same, SlotState::Ready) => {
                    cp!(TakeClaim);
                    if let Some(taken) = self.claim(me, head.index, seen) {
                        cp!(TakeClaimed);
                        Self::advance(self.head(), word, head, capacity);
                        cp!(TakeAdvanced);
                        return Ok(Some(taken));
                    }
                }
                (Lap::Same, SlotState::Empty) | (Lap::Behind, _) => {
                    if self.head().load(SeqCst) == word {
                        return Ok(None);
                    }
                }
                (lap, _) => {
                    cp!(TakeHelp);
                    Self::advance(self.head(), word, head, capacity);
                    // This help may come so late that the taker was swept meanwhile and others have already looked
                    // behind the old head in vain: then nobody but us would find its message.
                    if lap == Lap::Same
                        && let Look::Taken(taken) = self.take_at(me, head)
                    {
                        return Ok(Some(taken));
                    }
                }
            }
        }
        Err(Error::Corrupt)
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
            index,
            word,
        })
    }

    /// Takes the message at a position that head has passed, if it was put back.
    fn take_at(&self, me: u32, position: Position) -> Look {
        let seen = self.slot(position.index).load(SeqCst);
        let content = Slot::parse(seen);
        if content.state != SlotState::Ready
            || content.lap(position) != Lap::Same
            || !self.is_same()
        {
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
    fn take_again(&self, me: u32, epoch: u32, capacity: u32) -> Option<Taken> {
        let (_, head) = self.position(self.head(), capacity);
        let mut lost_race = false;
        for back in (1..=capacity).rev() {
            match self.take_at(me, head.before(back, capacity)) {
                Look::Taken(taken) => return Some(taken),
                Look::LostRace => lost_race = true,
                Look::Nothing => {}
            }
        }
        if !lost_race {
            let done = self.epoch_done().load(SeqCst);
            if epoch.wrapping_sub(done).cast_signed() > 0 {
                let _ = self
                    .epoch_done()
                    .compare_exchange(done, epoch, SeqCst, Relaxed);
            }
            cp!(RedeliverDone);
        }
        None
    }

    /// Delivers a taken message: afterwards the blocks are the consumer's and the slot is free.
    #[inline]
    pub(crate) fn finish(&self, me: u32, taken: Taken) -> Result<(), Error> {
        self.arena.adopt_chain(taken.block, me)?;
        cp!(TakeFinish);
        let next = Slot::empty(Slot::parse(taken.word).turn + 1).word();
        let emptied = self
            .slot(taken.index)
            .compare_exchange(taken.word, next, SeqCst, Relaxed);
        cp!(TakeFinished);
        if emptied.is_err() {
            // Only a sweep changes a slot that is TAKEN by us, and nobody sweeps the living.
            return Err(Error::Corrupt);
        }
        fence_after_rmw();
        self.producers().wake_one(self.arena, me);
        if self.ready() {
            self.consumers().wake_one(self.arena, me);
        }
        Ok(())
    }

    /// Whether `take` would probably find something (or fail).
    #[inline]
    pub(crate) fn ready(&self) -> bool {
        if self.epoch().load(SeqCst) != self.epoch_done().load(SeqCst) {
            return true;
        }
        let (_, head) = self.position(self.head(), self.capacity());
        let content = Slot::parse(self.slot(head.index).load(SeqCst));
        match content.lap(head) {
            Lap::Same => content.state != SlotState::Empty,
            Lap::Behind => content.state == SlotState::Closed,
            Lap::Ahead => true,
        }
    }

    /// Whether `put` would probably find room (or fail).
    pub(crate) fn has_room(&self) -> bool {
        let (_, tail) = self.position(self.tail(), self.capacity());
        let content = Slot::parse(self.slot(tail.index).load(SeqCst));
        content.lap(tail) != Lap::Behind || content.state == SlotState::Closed
    }

    /// Messages between head and tail: exact when nobody else is active. Redelivered ones are not counted.
    pub(crate) fn length(&self) -> u32 {
        let capacity = self.capacity();
        let (_, head) = self.position(self.head(), capacity);
        let (_, tail) = self.position(self.tail(), capacity);
        tail.since(head, capacity)
    }

    /// Gives every word of fresh memory a meaning: a queue without messages that nobody can use.
    pub(crate) fn initialise(&self) {
        for index in 0..self.room {
            self.slot(index).store(Slot::closed(0).word(), Relaxed);
        }
        self.epoch().store(0, Relaxed);
        self.epoch_done().store(0, Relaxed);
        self.arena.u32(self.at + CAPACITY_AT).store(1, Relaxed);
        self.tail().store(0, Relaxed);
        self.head().store(0, Relaxed);
        self.consumers().clear(self.arena);
        self.producers().clear(self.arena);
    }

    /// Makes a closed queue usable again, in turns nobody has seen yet.
    pub(crate) fn reset(&self, capacity: u32) {
        let newest = (0..self.room)
            .map(|index| Slot::parse(self.slot(index).load(SeqCst)).turn)
            .max();
        let turn = Slot::empty(newest.unwrap_or(0) + 1).turn;
        self.arena
            .u32(self.at + CAPACITY_AT)
            .store(capacity, SeqCst);
        self.epoch_done().store(self.epoch().load(SeqCst), SeqCst);
        self.consumers().clear(self.arena);
        self.producers().clear(self.arena);
        let start = Position { turn, index: 0 }.word();
        self.tail().store(start, SeqCst);
        self.head().store(start, SeqCst);
        for index in 0..capacity.min(self.room) {
            self.slot(index).store(Slot::empty(turn).word(), SeqCst);
        }
    }

    pub(crate) fn all_closed(&self) -> bool {
        (0..self.room)
            .all(|index| Slot::parse(self.slot(index).load(SeqCst)).state == SlotState::Closed)
    }

    /// Closes every slot and frees the messages. Slots that a living consumer has taken are left to it.
    pub(crate) fn drain_and_close(&self, member: &mut Member) {
        for index in 0..self.room {
            self.close_slot(member, index);
        }
    }

    /// Closes one slot, unless somebody has it TAKEN.
    pub(crate) fn close_slot(&self, member: &mut Member, index: u32) {
        let me = member.me;
        for _ in 0..MAX_ROUNDS {
            cp!(QueueDrainSlot);
            let slot = self.slot(index);
            let seen = slot.load(SeqCst);
            let content = Slot::parse(seen);
            if !self.is_same() {
                // Others have finished the work; the memory may be the next queue's.
                return;
            }
            match content.state {
                SlotState::Closed | SlotState::Taken => return,
                SlotState::Empty => {
                    let closed = Slot::closed(content.turn).word();
                    let _ = slot.compare_exchange(seen, closed, SeqCst, Relaxed);
                }
                SlotState::Ready => {
                    let Some(taken) = self.claim(me, index, seen) else {
                        continue;
                    };
                    let adopted = self.arena.adopt_chain(taken.block, me);
                    cp!(QueueDrainAdopted);
                    let closed = Slot::closed(content.turn + 1).word();
                    let _ = slot.compare_exchange(taken.word, closed, SeqCst, Relaxed);
                    cp!(QueueDrainClosed);
                    // A leased message stays its producer's; what is corrupt is left to the sweep of its owner.
                    if adopted.is_ok() {
                        let _ = member.free(taken.block);
                    }
                    return;
                }
            }
        }
    }
}
