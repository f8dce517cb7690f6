//! A pool of native threads: several calls at once, each cut into chunks that the threads take one by one.
//!
//! A thread takes one chunk of the call at the head of the queue and puts that call back at the end, so calls share the
//! threads fairly whatever their lengths. Nothing is held while a chunk runs.
//!
//! A call wakes one thread, and each thread that takes a chunk wakes one more while there is more to take; whoever wakes
//! another chooses one that slept on another processor than its own. Woken in any order, threads often queue behind each
//! other, or behind who woke them, on one processor, and leave the next one idle: systems look for an idle one where a
//! thread ran before, and not much further.

mod call;
mod prim;

pub use call::{Outcome, Stop, Ticket, Work};

use call::Call;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{JoinHandle, Thread};
use std::time::Duration;

/// Native threads, started by the first call and joined when the pool is dropped.
pub struct Pool {
    shared: Arc<Shared>,
    threads: usize,
    handles: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
    state: Mutex<State>,
    /// Which processor runs the calling thread.
    here: fn() -> u32,
}

/// A thread that waits for work.
struct Sleeper {
    thread: Thread,
    /// Where it ran last.
    processor: u32,
}

struct State {
    /// Calls with chunks that nobody has taken yet.
    waiting: VecDeque<Arc<Call>>,
    /// Calls that may still run, to be stopped at the end; pruned by each new one.
    open: Vec<Weak<Call>>,
    /// Threads that have begun.
    begun: usize,
    /// Those of them that wait, and have not been told of work.
    asleep: Vec<Sleeper>,
    /// Callers that run chunks of their own calls now, each in place of a thread.
    helpers: usize,
    ended: bool,
}

impl State {
    /// The thread to be told of work next, if one more is to be: it no longer counts as asleep.
    fn next(&mut self, here: u32) -> Option<Thread> {
        if self.waiting.is_empty() || self.helpers >= self.asleep.len() {
            return None;
        }
        let elsewhere = self
            .asleep
            .iter()
            .rposition(|sleeper| sleeper.processor != here);
        let index = elsewhere.unwrap_or(self.asleep.len() - 1);
        Some(self.asleep.remove(index).thread)
    }
}

impl Pool {
    /// A pool of exactly so many threads, at least one. `here` tells which processor runs the thread that asks.
    #[must_use]
    pub fn new(threads: usize, here: fn() -> u32) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            open: Vec::new(),
            begun: 0,
            asleep: Vec::new(),
            helpers: 0,
            ended: false,
        };
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(state),
                here,
            }),
            threads: threads.max(1),
            handles: Mutex::new(Vec::new()),
        }
    }

    /// Number of threads.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Runs every chunk of `work` on the threads; [`Work::finished`] tells of the end, on one of them.
    pub fn submit(&self, work: Arc<dyn Work>) -> Ticket {
        let call = Arc::new(Call::new(work, false));
        self.enqueue(&call, false);
        Ticket::new(&call)
    }

    /// The same, and the calling thread runs chunks meanwhile, in place of one of the threads and for about as long as
    /// `limit`. Gives the outcome where the call has ended by then; otherwise [`Work::finished`] tells of it.
    pub fn submit_helping(
        &self,
        work: Arc<dyn Work>,
        limit: Duration,
    ) -> (Ticket, Option<Outcome>) {
        let call = Arc::new(Call::new(work, true));
        if self.enqueue(&call, true) {
            call.help(limit);
            self.shared.helper_leaves();
        }
        (Ticket::new(&call), call.leave())
    }

    /// False: nobody will run it, and it has ended.
    fn enqueue(&self, call: &Arc<Call>, helping: bool) -> bool {
        if call.chunks() == 0 {
            call.finish();
            return false;
        }
        if !self.start() || !self.shared.enqueue(call, helping) {
            call.stop();
            call.finish();
            return false;
        }
        true
    }

    /// Runs every chunk of `work` on the threads and waits for the end.
    pub fn run(&self, work: Arc<dyn Work>) -> Outcome {
        self.submit(work).wait()
    }

    /// False: the system has no thread for us, or the pool has ended.
    fn start(&self) -> bool {
        let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        if self.shared.lock().ended {
            return false;
        }
        while handles.len() < self.threads {
            let shared = Arc::clone(&self.shared);
            let name = format!("manyhands-{}", handles.len());
            match std::thread::Builder::new()
                .name(name)
                .spawn(move || shared.serve())
            {
                Ok(handle) => handles.push(handle),
                // Fewer threads do the same work; none cannot.
                Err(_) => return !handles.is_empty(),
            }
        }
        true
    }

    /// Stops every call and joins the threads. Calls submitted later are cancelled at once.
    pub fn end(&self) {
        let (waiting, open, asleep) = {
            let mut state = self.shared.lock();
            state.ended = true;
            (
                std::mem::take(&mut state.waiting),
                std::mem::take(&mut state.open),
                std::mem::take(&mut state.asleep),
            )
        };
        for sleeper in asleep {
            sleeper.thread.unpark();
        }
        for call in open.iter().filter_map(Weak::upgrade) {
            call.stop();
        }
        for call in &waiting {
            call.abandon();
        }
        let handles =
            std::mem::take(&mut *self.handles.lock().unwrap_or_else(PoisonError::into_inner));
        for handle in handles {
            // A thread catches the panics of chunks; there is none of its own to pass on.
            let _ = handle.join();
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.end();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// False: the pool has ended.
    fn enqueue(&self, call: &Arc<Call>, helping: bool) -> bool {
        let mut state = self.lock();
        if state.ended {
            return false;
        }
        state.open.retain(|open| open.strong_count() > 0);
        state.open.push(Arc::downgrade(call));
        state.waiting.push_back(Arc::clone(call));
        state.helpers += usize::from(helping);
        self.wake_next(state);
        true
    }

    /// A thread takes the place of a caller that leaves its call. One that is awake will wake it with its next chunk, when
    /// the caller's processor is free; only where none is, the caller does.
    fn helper_leaves(&self) {
        let mut state = self.lock();
        state.helpers -= 1;
        if state.asleep.len() == state.begun {
            self.wake_next(state);
        }
    }

    /// Wakes one more thread, where there is work for it.
    fn wake_next(&self, mut state: MutexGuard<'_, State>) {
        let next = state.next((self.here)());
        drop(state);
        if let Some(thread) = next {
            thread.unpark();
        }
    }

    /// What each thread does until the end.
    fn serve(&self) {
        let mut state = self.lock();
        state.begun += 1;
        loop {
            if state.ended {
                return;
            }
            let Some(call) = state.waiting.pop_front() else {
                state = self.sleep(state);
                continue;
            };
            let Some(chunk) = call.take() else { continue };
            if call.has_more() {
                state.waiting.push_back(Arc::clone(&call));
            }
            self.wake_next(state);
            call.run(chunk);
            drop(call);
            state = self.lock();
        }
    }

    /// Waits until this thread is told of work, or of the end.
    fn sleep<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let thread = std::thread::current();
        let me = thread.id();
        state.asleep.push(Sleeper {
            thread,
            processor: (self.here)(),
        });
        while state.asleep.iter().any(|sleeper| sleeper.thread.id() == me) {
            drop(state);
            std::thread::park();
            state = self.lock();
        }
        state
    }
}

#[cfg(test)]
mod tests;
