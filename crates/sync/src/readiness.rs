//! What can be seen of a queue without putting or taking: whether it has something, or room, and how much is in it.

use crate::error::Error;
use crate::prim::Ordering::SeqCst;
use crate::queue::{ENDED, Queue, SHUT};
use crate::segments::{Next, Segment};

impl Queue<'_> {
    /// Whether `take` would probably find something or fail.
    #[inline]
    pub(crate) fn ready(&self) -> bool {
        if self.epoch().load(SeqCst) != self.epoch_done().load(SeqCst) {
            return true;
        }
        let flags = self.flags().load(SeqCst) & ENDED;
        self.message_ready() || (flags != 0 && (flags & !SHUT != 0 || !self.any_taken()))
    }

    #[inline]
    fn message_ready(&self) -> bool {
        if !self.is_unbounded() {
            return self
                .ring()
                .is_ok_and(|ring| ring.ready() && !ring.is_closed());
        }
        let Ok(mut segment) = self.segment(self.take_from()) else {
            return true;
        };
        while segment.ring().is_used_up() {
            match segment.next() {
                Next::Segment(next) => match Segment::at(self.arena, next) {
                    Ok(next) => segment = next,
                    Err(_) => return true,
                },
                Next::Stale => return true,
                Next::Nothing | Next::Closed => return false,
            }
        }
        segment.ring().ready() && !segment.ring().is_closed()
    }

    /// Whether `put` would probably find room or fail.
    pub(crate) fn has_room(&self) -> bool {
        self.flags().load(SeqCst) & ENDED != 0
            || self.is_unbounded()
            || self.ring().map_or(true, |ring| ring.has_room())
    }

    /// Whether some consumer has a message that comes back if it dies, or one has come back since it was looked for.
    pub(crate) fn any_taken(&self) -> bool {
        if !self.is_unbounded() {
            return self.ring().is_ok_and(|ring| ring.any_taken());
        }
        let mut any = false;
        let walked = self.for_each_segment(|segment| {
            any |= segment.ring().any_taken();
            !any
        });
        any || walked.is_err()
    }

    /// Messages that can be taken: exact when nobody else is active.
    pub(crate) fn length(&self) -> Result<u32, Error> {
        let redelivered = self.epoch().load(SeqCst) != self.epoch_done().load(SeqCst);
        if !self.is_unbounded() {
            let ring = self.ring()?;
            return Ok(if redelivered {
                ring.count_ready()
            } else {
                ring.length()
            });
        }
        let mut length = 0;
        self.for_each_segment(|segment| {
            let ring = segment.ring();
            length += if redelivered {
                ring.count_ready()
            } else {
                ring.length()
            };
            true
        })?;
        Ok(length)
    }
}
