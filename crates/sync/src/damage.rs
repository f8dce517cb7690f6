//! What no participant leaves behind in the slots of a queue: seen, it is an error, because whoever waited for it to change
//! would wait for ever. Only what is cheap to see is looked for: most damage shows elsewhere, or changes no more than a message.

use crate::layout::{KIND_WORD, OWNER_SHARED};
use crate::prim::Ordering::{Relaxed, SeqCst};
use crate::queue::Queue;
use crate::ring::Ring;
use crate::slot::{Lap, Position, Slot, SlotState};

impl Ring<'_> {
    /// Whether tail is in front of the position of a slot that was `seen` to have no message: something was put there, so if
    /// the slot does not say it now, somebody has changed it, and nobody would ever come past it.
    #[inline]
    pub(crate) fn was_passed_over(&self, position: Position, seen: u64) -> bool {
        let (_, tail) = self.position(self.tail());
        let was_passed = match self.once {
            Some(turn) => tail.turn == turn && tail.index > position.index,
            None => tail.since(position, self.capacity) > 0,
        };
        was_passed && self.slot(position.index).load(SeqCst) == seen
    }

    /// Whether nobody can ever take anything here, because of a slot that no participant has left so.
    fn is_stuck(&self) -> bool {
        let (_, head) = self.position(self.head());
        let seen = self.slot(head.index).load(SeqCst);
        let content = Slot::parse(seen);
        let has_no_message = match content.lap(head) {
            Lap::Same => content.state == SlotState::Empty,
            Lap::Behind => content.state != SlotState::Closed,
            Lap::Ahead => false,
        };
        has_no_message && self.was_passed_over(head, seen)
    }

    /// Whether no participant can have left a slot so behind tail: nobody would ever make room there.
    pub(crate) fn is_impossible(&self, content: Slot) -> bool {
        match content.state {
            SlotState::Empty => self.once.is_none(),
            SlotState::Taken => content.owner == 0,
            SlotState::Ready | SlotState::Closed => false,
        }
    }
}

impl Queue<'_> {
    /// Whether the block with its slots is not its own any more, because somebody has changed the word that says so: then
    /// it may serve others.
    #[inline]
    pub(crate) fn has_lost_its_body(&self) -> bool {
        let body = self.object.body(self.arena).load(Relaxed);
        body != 0
            && self.arena.block(body).map_or(true, |block| {
                self.arena.owner(block) != OWNER_SHARED
                    || self.arena.header(block, KIND_WORD).load(Relaxed) != self.object.block
            })
    }

    /// Whether a damaged slot keeps back all that comes after it: `take` says so. Costs a look at what producers write.
    #[cold]
    pub(crate) fn is_stuck(&self) -> bool {
        let ring = if self.is_unbounded() {
            self.segment(self.take_from()).map(|segment| segment.ring())
        } else {
            self.ring()
        };
        self.has_lost_its_body()
            || ring.is_ok_and(|ring| ring.is_stuck() || (ring.is_closed() && !self.has_ended()))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use crate::arena::Arena;
    use crate::awaited::Side;
    use crate::error::Error;
    use crate::layout::OWNER_SHARED;
    use crate::member::Member;
    use crate::prim::{AtomicU64, Ordering::SeqCst};
    use crate::queue::Queue;
    use std::sync::Arc;

    const CAPACITY: u32 = 4;

    /// A queue in its third turn with two messages, the first in slot 2.
    fn queue_with_two(arena: &Arc<Arena>) -> (Member, u64) {
        let mut me = arena.join().unwrap();
        let queue = me.create_queue(CAPACITY).unwrap();
        for _ in 0..2 * CAPACITY + 2 {
            put(&mut me, queue).unwrap();
            let block = me.take(queue).unwrap().unwrap();
            me.free(block).unwrap();
        }
        put(&mut me, queue).unwrap();
        put(&mut me, queue).unwrap();
        (me, queue)
    }

    fn put(me: &mut Member, queue: u64) -> Result<bool, Error> {
        let block = me.alloc(8).unwrap();
        me.put(queue, block)
    }

    fn flip(word: &AtomicU64, bit: u32) {
        word.store(word.load(SeqCst) ^ 1 << bit, SeqCst);
    }

    /// Two laps of one message there and out again; the messages that came, or why none comes any more.
    fn go_on(me: &mut Member, queue: u64) -> Result<u32, Error> {
        let mut taken = 0;
        for _ in 0..2 * CAPACITY {
            assert!(put(me, queue)?, "no room, and nobody says why");
            let before = taken;
            while me.take(queue)?.is_some() {
                taken += 1;
            }
            assert!(taken > before, "something is there, and nobody says so");
        }
        Ok(taken)
    }

    /// One bit of a slot is changed: a message may be lost, but whoever waits for the next one gets it or an error.
    #[test]
    fn a_damaged_slot_holds_nobody_up_for_ever() {
        let (mut fine, mut refused) = (0, 0);
        for index in 0..CAPACITY {
            for bit in 0..64 {
                let arena = Arc::new(Arena::create().unwrap());
                let (mut me, queue) = queue_with_two(&arena);
                let ring = Queue::over(&arena, arena.object(queue).unwrap())
                    .ring()
                    .unwrap();
                flip(ring.slot(index), bit);
                match go_on(&mut me, queue) {
                    Ok(_) => fine += 1,
                    Err(_) => refused += 1,
                }
            }
        }
        assert!(fine > 0 && refused > 0, "{fine} {refused}");
    }

    /// Nor does an event loop go to sleep over it.
    #[test]
    fn an_event_loop_is_told_of_a_damaged_slot() {
        let arena = Arc::new(Arena::create().unwrap());
        let (mut me, queue) = queue_with_two(&arena);
        let ring = Queue::over(&arena, arena.object(queue).unwrap())
            .ring()
            .unwrap();
        // READY becomes EMPTY.
        flip(ring.slot(2), 38);
        assert_eq!(me.arm(queue, Side::Take), Ok(false));
        assert_eq!(me.take(queue), Err(Error::Corrupt));
    }

    /// The block with the slots is free by what it says, and may be anybody's.
    #[test]
    fn a_queue_that_has_lost_its_slots_says_so() {
        let arena = Arc::new(Arena::create().unwrap());
        let mut me = arena.join().unwrap();
        let queue = me.create_queue(1024).unwrap();
        let body = me.body_of(queue).unwrap();
        let body = arena.block(body).unwrap();
        assert!(arena.change_owner(body, OWNER_SHARED, 0));
        assert_eq!(me.arm(queue, Side::Take), Ok(false));
        assert_eq!(me.take(queue), Err(Error::Corrupt));
        for _ in 0..1024 {
            assert_eq!(put(&mut me, queue), Ok(true));
        }
        assert_eq!(put(&mut me, queue), Err(Error::Corrupt));
    }
}
