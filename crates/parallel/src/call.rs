//! One call: its chunks, how many are taken and done, and whether it is to stop.

#![allow(clippy::disallowed_types, reason = "the types of crate::prim")]

use crate::prim::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use crate::shares::Shares;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What a pool runs.
pub trait Work: Send + Sync {
    /// Number of chunks; each is run once, by any thread, several at once.
    fn chunks(&self) -> usize;
    /// Whether chunks have to be begun in their order, for they wait for what those before them find. Where not, each thread
    /// goes through neighbouring ones.
    fn in_order(&self) -> bool {
        false
    }
    /// Runs one chunk. Long ones ask `stop` now and then.
    fn chunk(&self, index: usize, stop: &Stop<'_>);
    /// Called once, after the last chunk has ended (or none will run), on a thread of the pool; not called where
    /// [`crate::Pool::submit_helping`] gave the outcome itself.
    fn finished(&self, outcome: Outcome) {
        let _ = outcome;
    }
}

/// How a call ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Outcome {
    /// Every chunk ran to its end.
    Done,
    /// It was cancelled, or the pool ended.
    Cancelled,
    /// A chunk panicked.
    Panicked,
}

/// Whether the running call is to stop.
pub struct Stop<'a>(&'a AtomicBool);

/// Nobody waits where the call was submitted: its end is told by [`Work::finished`].
const ALONE: u8 = 0;
/// Whoever submitted the call helps, and will see its end.
const ATTENDED: u8 = 1;
/// The call ended while it was attended; the outcome's number is added.
const ENDED: u8 = 2;

impl Outcome {
    fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Done,
            1 => Self::Cancelled,
            _ => Self::Panicked,
        }
    }
}

impl Stop<'_> {
    /// True once somebody cancelled the call.
    #[inline]
    #[must_use]
    pub fn asked(&self) -> bool {
        // Partner: `Call::stop`. Nothing else is read because of it.
        self.0.load(Ordering::Relaxed)
    }
}

/// How long whoever helps waits for chunks that others have begun: less than it takes to be woken.
const LAST_CHUNKS: Duration = Duration::from_micros(20);

pub(crate) struct Call {
    work: Arc<dyn Work>,
    /// The chunks that nobody has taken.
    pub(crate) shares: Shares,
    /// Chunks that have not ended.
    open: AtomicUsize,
    stop: AtomicBool,
    panicked: AtomicBool,
    /// [`ALONE`], [`ATTENDED`], or [`ENDED`] and the outcome.
    attended: AtomicU8,
    ended: Mutex<Option<Outcome>>,
    end: Condvar,
}

impl Call {
    /// For so many `threads`. `attended`: whoever submits it asks for the end itself, and calls [`Call::leave`] when it stops
    /// doing so.
    pub(crate) fn new(work: Arc<dyn Work>, threads: usize, attended: bool) -> Self {
        let chunks = work.chunks();
        let shares = if work.in_order() { 1 } else { threads };
        Self {
            work,
            shares: Shares::new(chunks, shares),
            open: AtomicUsize::new(chunks),
            stop: AtomicBool::new(false),
            panicked: AtomicBool::new(false),
            attended: AtomicU8::new(if attended { ATTENDED } else { ALONE }),
            ended: Mutex::new(None),
            end: Condvar::new(),
        }
    }

    pub(crate) fn stop(&self) {
        // Partner: `Stop::asked`.
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Runs a chunk that was taken, unless the call is to stop; the last one to end finishes the call.
    pub(crate) fn run(&self, chunk: usize) {
        let stop = Stop(&self.stop);
        if !stop.asked() {
            let ran = catch_unwind(AssertUnwindSafe(|| self.work.chunk(chunk, &stop)));
            if ran.is_err() {
                self.panicked.store(true, Ordering::Relaxed);
                self.stop();
            }
        }
        self.close(1);
    }

    /// Stops, and counts the chunks that nobody has taken as ended.
    pub(crate) fn abandon(&self) {
        self.stop();
        self.close(self.shares.take_all());
    }

    fn close(&self, chunks: usize) {
        // AcqRel: the last to close sees what every chunk wrote (each released it by its own subtraction).
        if chunks > 0 && self.open.fetch_sub(chunks, Ordering::AcqRel) == chunks {
            self.finish();
        }
    }

    /// Runs chunks on the thread that submitted the call, then waits a little for those that others have begun.
    pub(crate) fn help(&self, limit: Duration) {
        let begun = Instant::now();
        let own = self.shares.enter();
        while begun.elapsed() < limit
            && let Some(chunk) = self.shares.take(own)
        {
            self.run(chunk);
        }
        let waiting = Instant::now();
        while !self.shares.has_more()
            // Partner: `finish`; `leave` acquires what the chunks wrote.
            && self.attended.load(Ordering::Relaxed) == ATTENDED
            && begun.elapsed() < limit
            && waiting.elapsed() < LAST_CHUNKS
        {
            std::hint::spin_loop();
        }
    }

    /// From now on [`Work::finished`] tells of the end; gives the outcome where it has come already.
    pub(crate) fn leave(&self) -> Option<Outcome> {
        // Partner: `finish`. Acquire: whoever sees the end sees what every chunk wrote.
        self.attended
            .compare_exchange(ATTENDED, ALONE, Ordering::Relaxed, Ordering::Acquire)
            .err()
            .map(|ended| Outcome::from_number(ended - ENDED))
    }

    /// Tells everybody of the end.
    pub(crate) fn finish(&self) {
        let outcome = if self.panicked.load(Ordering::Relaxed) {
            Outcome::Panicked
        } else if self.stop.load(Ordering::Relaxed) {
            Outcome::Cancelled
        } else {
            Outcome::Done
        };
        // Partner: `leave`. Release: with the end go the writes of every chunk.
        let alone = self
            .attended
            .compare_exchange(
                ATTENDED,
                ENDED + outcome as u8,
                Ordering::Release,
                Ordering::Relaxed,
            )
            .is_err();
        if alone {
            self.work.finished(outcome);
        }
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        self.end.notify_all();
    }

    /// Waits for the end; after `limit` it stops the call and waits on.
    fn wait(&self, limit: Option<Duration>) -> Outcome {
        let mut deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(outcome) = *ended {
                return outcome;
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            ended = match left {
                Some(Duration::ZERO) => {
                    self.stop();
                    deadline = None;
                    ended
                }
                Some(left) => {
                    let woken = self.end.wait_timeout(ended, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.end.wait(ended).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

/// A submitted call.
#[derive(Clone)]
pub struct Ticket(Arc<Call>);

impl Ticket {
    pub(crate) fn new(call: &Arc<Call>) -> Self {
        Self(Arc::clone(call))
    }

    /// Asks the call to stop; chunks that have not begun do not begin. It still finishes, as cancelled.
    pub fn cancel(&self) {
        self.0.stop();
    }

    /// Blocks until the call has ended.
    #[must_use]
    pub fn wait(&self) -> Outcome {
        self.0.wait(None)
    }

    /// The same, but stops the call after so long; `None`: never.
    #[must_use]
    pub fn wait_at_most(&self, limit: Option<Duration>) -> Outcome {
        self.0.wait(limit)
    }
}
