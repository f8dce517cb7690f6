//! How the segments of a queue without a limit begin and end: linked behind a used up one, ended from the oldest on.
//!
//! | a segment | when | by |
//! |-----------|------|----|
//! | BUILDING -> LIVE | linked | its producer; a sweep; whoever ends it |
//! | LIVE -> DYING(me) | the oldest, every slot finished, TAKE_FROM and PUT_INTO are beyond it | any consumer |
//! | DYING(me) -> FREE | OLDEST is beyond it | `me`; the sweep of `me` |

use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::life::{Life, LifeState, block_of};
use crate::member::Member;
use crate::objects::{Kind, Object};
use crate::prim::Ordering::SeqCst;
use crate::queue::Queue;
use crate::ring::MAX_ROUNDS;
use crate::segments::{Next, Segment};
use std::sync::Arc;

impl Member {
    /// A segment of `queue`, in state BUILDING.
    fn build_segment(&mut self, queue: u64) -> Result<(Object, Life), Error> {
        let (object, life) = self.claim_class(SEGMENT_CLASS)?;
        let arena = &*self.arena;
        object.set_kind(arena, Kind::Segment);
        let segment = Segment::at(arena, life.handle(object.block))?;
        segment.queue().store(queue, SeqCst);
        segment.next_word().store(segment.unlinked(), SeqCst);
        segment.ring().reset(segment.turn());
        cp!(SegmentBuilt);
        Ok((object, life))
    }

    /// The first segment of a queue that is being built.
    pub(crate) fn first_segment(&mut self, object: Object, handle: u64) -> Result<(), Error> {
        let (first, life) = self.build_segment(handle)?;
        let arena = &*self.arena;
        let queue = Queue::over(arena, object);
        for word in [queue.take_from(), queue.put_into(), queue.oldest()] {
            word.store(life.handle(first.block), SeqCst);
        }
        cp!(SegmentLinked);
        first.change(arena, life, life.live());
        Ok(())
    }

    /// Links a new segment behind `full`, unless somebody else has.
    pub(crate) fn append_segment(&mut self, handle: u64, full: u64) -> Result<(), Error> {
        let arena = Arc::clone(&self.arena);
        let queue = Queue::over(&arena, arena.object(handle)?);
        let full = Segment::at(&arena, full)?;
        if full.next() == Next::Nothing {
            let (object, life) = self.build_segment(handle)?;
            let open = full.unlinked();
            let linked = full
                .next_word()
                .compare_exchange(open, open | u64::from(object.block), SeqCst, SeqCst)
                .is_ok();
            cp!(SegmentLinked);
            if !linked {
                self.free_object(object, life);
                return Ok(());
            }
            object.change(&arena, life, life.live());
            cp!(SegmentLive);
            Queue::advance_segment(queue.put_into(), full.handle, life.handle(object.block));
        }
        Ok(())
    }

    /// Frees the oldest segments as far as everything in them is finished.
    pub(crate) fn retire_segments(&mut self, object: Object) -> Result<(), Error> {
        let arena = Arc::clone(&self.arena);
        let queue = Queue::over(&arena, object);
        for _ in 0..MAX_ROUNDS {
            let oldest = queue.oldest_segment()?;
            let handle = oldest.handle;
            if queue.take_from().load(SeqCst) == handle || !oldest.ring().is_finished(oldest.turn())
            {
                return Ok(());
            }
            let Next::Segment(next) = oldest.next() else {
                return Ok(());
            };
            Queue::advance_segment(queue.put_into(), handle, next);
            self.end_segment(&queue, oldest, next);
        }
        Err(Error::Corrupt)
    }

    fn end_segment(&mut self, queue: &Queue<'_>, segment: Segment<'_>, next: u64) {
        let (arena, object) = (queue.arena, segment.object);
        let mut life = object.state(arena);
        if life.handle(object.block) != segment.handle {
            return;
        }
        if life.state == LifeState::Building && object.change(arena, life, life.live()) {
            life = life.live();
        }
        if life.state == LifeState::Live && object.change(arena, life, life.dying(self.me)) {
            cp!(SegmentDying);
            Queue::advance_segment(queue.oldest(), segment.handle, next);
            cp!(SegmentUnlinked);
            object.change(arena, life.dying(self.me), life.free());
            cp!(SegmentFreed);
            self.note_free(SEGMENT_CLASS, object.block);
        }
    }

    /// Frees all segments of a queue whose end is ours, with the messages in them.
    pub(crate) fn empty_segments(&mut self, object: Object) -> Result<(), Error> {
        let arena = Arc::clone(&self.arena);
        let queue = Queue::over(&arena, object);
        for _ in 0..MAX_ROUNDS {
            if queue.oldest().load(SeqCst) == 0 {
                return Ok(());
            }
            let segment = queue.oldest_segment()?;
            self.empty_ring(segment.ring());
            let next = match segment.next() {
                Next::Segment(next) => next,
                _ => 0,
            };
            self.end_segment(&queue, segment, next);
        }
        Err(Error::Corrupt)
    }

    /// The sweep of somebody who was making or ending a segment; its queue still exists, because it held that.
    pub(crate) fn sweep_segment(&mut self, object: Object, dead: u32) {
        let arena = Arc::clone(&self.arena);
        let life = object.state(&arena);
        if life.owner != dead {
            return;
        }
        let handle = life.handle(object.block);
        let Ok(segment) = Segment::at(&arena, handle) else {
            return;
        };
        let owner = arena.object_in(block_of(segment.queue().load(SeqCst)));
        let queue = owner.ok().filter(|&owner| {
            owner.kind(&arena) == Some(Kind::Queue)
                && owner.state(&arena).handle(owner.block) == segment.queue().load(SeqCst)
                && Queue::over(&arena, owner).is_unbounded()
        });
        let queue = queue.map(|owner| Queue::over(&arena, owner));
        match life.state {
            LifeState::Building if queue.is_some_and(|queue| queue.links(handle)) => {
                object.change(&arena, life, life.live());
            }
            LifeState::Building => self.free_object(object, life),
            LifeState::Dying => {
                if let Some(queue) = queue {
                    // Only a queue that is ending itself ends its last segment.
                    let next = match segment.peek() {
                        Next::Segment(next) => next,
                        _ => 0,
                    };
                    Queue::advance_segment(queue.oldest(), handle, next);
                }
                self.free_object(object, life);
            }
            LifeState::Free | LifeState::Live => {}
        }
        cp!(SweepSegment);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::arena::Arena;
    use crate::ring::Look;
    use crate::slot::Position;

    /// A segment whose queue has ended, and the queue that has its memory now.
    fn late_segment<'a>(arena: &'a Arc<Arena>, me: &mut Member) -> (Segment<'a>, u64) {
        let segment = |queue: u64| {
            let object = arena.object(queue).unwrap();
            Queue::over(arena, object).oldest_segment().unwrap()
        };
        let first = me.create_queue(0).unwrap();
        let late = segment(first);
        me.let_go(first).unwrap();
        let second = me.create_queue(0).unwrap();
        assert_eq!(segment(second).object, late.object, "other memory");
        (late, second)
    }

    /// A consumer that stopped in the middle of a look goes on when the segment is another queue's.
    #[test]
    fn who_is_late_leaves_the_messages_of_the_next_queue_alone() {
        let arena = Arc::new(Arena::create().unwrap());
        let mut me = arena.join().unwrap();
        let (late, second) = late_segment(&arena, &mut me);

        let block = me.alloc(8).unwrap();
        assert!(me.put(second, block).unwrap());
        let mut dead = arena.join().unwrap();
        dead.take_begin(second).unwrap().unwrap();
        dead.leave();
        late.ring().close();
        assert!(matches!(late.ring().take_behind_head(me.me), Look::Nothing));
        assert_eq!(me.take(second), Ok(Some(block)), "it is there for us");
        late.ring().close();
        let next = me.alloc(8).unwrap();
        assert!(me.put(second, next).unwrap(), "nobody has closed it");
    }

    /// Nor does it take the end of that queue for its own.
    #[test]
    fn the_end_of_another_queue_is_none_of_ours() {
        let arena = Arc::new(Arena::create().unwrap());
        let mut me = arena.join().unwrap();
        let (late, second) = late_segment(&arena, &mut me);
        // Where it saw head and tail, before it stopped.
        let start = Position {
            turn: late.turn(),
            index: 0,
        };
        me.shut_queue(second, false).unwrap();
        assert_eq!(me.take(second), Err(Error::ShutDown));

        let block = me.alloc(8).unwrap();
        let ring = late.ring();
        assert_eq!(ring.take_at_head(me.me, start.word(), start), Ok(None));
        assert_eq!(ring.put_at(start.word(), start, block), Ok(None));
    }
}
