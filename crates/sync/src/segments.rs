//! Queues without a limit: a chain of segments, each a ring that is gone through once. `segment_life.rs` has
//! how they begin and end.
//!
//! The queue has three words with handles of segments: OLDEST (not yet freed), TAKE_FROM and PUT_INTO (hints that lag;
//! anybody advances them). A segment's generation is the turn of its slots and of its NEXT word, and its memory never is
//! anything but a segment: a peer who is late finds another turn, and each of its CASes fails.
//!
//! NEXT (u64): `turn:24 << 40 | closed:1 << 28 | block:28`
//!
//! | from | to | by |
//! |------|----|----|
//! | (turn) | (turn, block) | a producer that found the segment used up; its new segment becomes LIVE after that |
//! | (turn) | (turn, closed) | a consumer that found the queue shut and empty |

use crate::arena::Arena;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::life::{LifeState, block_of, generation_of};
use crate::objects::Object;
use crate::prim::{AtomicU64, Ordering::SeqCst};
use crate::queue::Queue;
use crate::ring::{MAX_ROUNDS, Ring};

const CLOSED: u64 = 1 << 28;

/// A segment as a word of its queue names it; it may be freed and used again meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    arena: &'a Arena,
    pub(crate) object: Object,
    pub(crate) handle: u64,
}

/// What comes after a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Nothing,
    Segment(u64),
    Closed,
    /// The segment is ended or ending: look at the words of the queue again.
    Stale,
}

impl<'a> Segment<'a> {
    pub(crate) fn at(arena: &'a Arena, handle: u64) -> Result<Self, Error> {
        let object = arena.object_in(block_of(handle))?;
        if object.class == SEGMENT_CLASS {
            Ok(Self {
                arena,
                object,
                handle,
            })
        } else {
            Err(Error::Corrupt)
        }
    }

    pub(crate) fn turn(&self) -> u32 {
        generation_of(self.handle) as u32
    }

    pub(crate) fn ring(&self) -> Ring<'a> {
        Ring {
            arena: self.arena,
            at: self.object.at + SEGMENT_RING_AT,
            slots_at: self.object.at + SEGMENT_SLOTS_AT,
            capacity: SEGMENT_CAPACITY,
            once: Some(self.turn()),
        }
    }

    pub(crate) fn next_word(&self) -> &'a AtomicU64 {
        self.arena.u64(self.object.at + SEGMENT_NEXT_AT)
    }

    pub(crate) fn queue(&self) -> &'a AtomicU64 {
        self.arena.u64(self.object.at + SEGMENT_QUEUE_AT)
    }

    pub(crate) fn unlinked(&self) -> u64 {
        u64::from(self.turn()) << 40
    }

    /// What the NEXT word says, and in which generation the next one is now.
    pub(crate) fn peek(&self) -> Next {
        let word = self.next_word().load(SeqCst);
        if word >> 40 != u64::from(self.turn()) {
            return Next::Stale;
        }
        if word & CLOSED != 0 {
            return Next::Closed;
        }
        match self.arena.object_in(block_of(word)) {
            Ok(next) => Next::Segment(next.state(self.arena).handle(next.block)),
            Err(_) => Next::Nothing,
        }
    }

    pub(crate) fn next(&self) -> Next {
        let next = self.peek();
        // Segments end in order: while this one has not begun to, the next one is what its life word says.
        let life = self.object.state(self.arena);
        let current = matches!(life.state, LifeState::Live | LifeState::Building);
        if current && life.handle(self.object.block) == self.handle {
            next
        } else {
            Next::Stale
        }
    }

    /// Nothing comes after this segment any more; false when something does.
    pub(crate) fn close(&self) {
        cp!(SegmentShut);
        let open = self.unlinked();
        let _ = self
            .next_word()
            .compare_exchange(open, open | CLOSED, SeqCst, SeqCst);
    }
}

impl<'a> Queue<'a> {
    pub(crate) fn oldest(&self) -> &'a AtomicU64 {
        self.arena.u64(self.object.at + OLDEST_AT)
    }

    pub(crate) fn take_from(&self) -> &'a AtomicU64 {
        self.arena.u64(self.object.at + TAKE_FROM_AT)
    }

    pub(crate) fn put_into(&self) -> &'a AtomicU64 {
        self.arena.u64(self.object.at + PUT_INTO_AT)
    }

    pub(crate) fn segment(&self, word: &AtomicU64) -> Result<Segment<'a>, Error> {
        Segment::at(self.arena, word.load(SeqCst))
    }

    /// Moves a word of the queue to the next segment. It can only have moved on otherwise, never back.
    pub(crate) fn advance_segment(word: &AtomicU64, from: u64, to: u64) {
        let _ = word.compare_exchange(from, to, SeqCst, SeqCst);
    }

    /// The oldest segment that has not begun to end.
    pub(crate) fn oldest_segment(&self) -> Result<Segment<'a>, Error> {
        for _ in 0..MAX_ROUNDS {
            let oldest = self.segment(self.oldest())?;
            let life = oldest.object.state(self.arena);
            if life.handle(oldest.object.block) != oldest.handle {
                continue;
            }
            if matches!(life.state, LifeState::Live | LifeState::Building) {
                return Ok(oldest);
            }
            // Whoever ends it may have died before it could move on.
            if let Next::Segment(next) = oldest.peek()
                && self.oldest().load(SeqCst) == oldest.handle
            {
                Self::advance_segment(self.oldest(), oldest.handle, next);
            }
        }
        Err(Error::Corrupt)
    }

    /// Calls `visit` for each segment, oldest first, until it returns false. May start again when segments end meanwhile.
    pub(crate) fn for_each_segment(
        &self,
        mut visit: impl FnMut(Segment<'a>) -> bool,
    ) -> Result<(), Error> {
        let mut segment = self.oldest_segment()?;
        for _ in 0..MAX_ROUNDS {
            if !visit(segment) {
                return Ok(());
            }
            segment = match segment.next() {
                Next::Segment(next) => Segment::at(self.arena, next)?,
                Next::Stale => self.oldest_segment()?,
                Next::Nothing | Next::Closed => return Ok(()),
            };
        }
        Err(Error::Corrupt)
    }

    pub(crate) fn links(&self, handle: u64) -> bool {
        let mut found = false;
        let walked = self.for_each_segment(|segment| {
            found |= segment.handle == handle;
            !found
        });
        found && walked.is_ok()
    }
}
