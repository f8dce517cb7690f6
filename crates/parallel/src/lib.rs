//! A pool of native threads: several calls at once, each cut into chunks that the threads take one by one.
//!
//! A thread takes one chunk of the call at the head of the queue and puts that call back at the end, so calls share the
//! threads fairly whatever their lengths. Nothing is held while a chunk runs.

mod call;
mod prim;

pub use call::{Outcome, Stop, Ticket, Work};

use call::Call;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;

/// Native threads, started by the first call and joined when the pool is dropped.
pub struct Pool {
    shared: Arc<Shared>,
    threads: usize,
    handles: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
    state: Mutex<State>,
    /// Told of every new call, and of the end.
    changed: Condvar,
}

struct State {
    /// Calls with chunks that nobody has taken yet.
    waiting: VecDeque<Arc<Call>>,
    /// Calls that may still run, to be stopped at the end; pruned by each new one.
    open: Vec<Weak<Call>>,
    ended: bool,
}

impl Pool {
    /// A pool of exactly so many threads, at least one.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            open: Vec::new(),
            ended: false,
        };
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(state),
                changed: Condvar::new(),
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
        let call = Arc::new(Call::new(work));
        let ticket = Ticket::new(&call);
        if call.chunks() == 0 {
            call.finish();
            return ticket;
        }
        if !self.start() || !self.shared.enqueue(&call) {
            call.stop();
            call.finish();
            return ticket;
        }
        let useful = call.chunks().min(self.threads);
        if useful == 1 {
            self.shared.changed.notify_one();
        } else {
            self.shared.changed.notify_all();
        }
        ticket
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
        let (waiting, open) = {
            let mut state = self.shared.lock();
            state.ended = true;
            (
                std::mem::take(&mut state.waiting),
                std::mem::take(&mut state.open),
            )
        };
        self.shared.changed.notify_all();
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
    fn enqueue(&self, call: &Arc<Call>) -> bool {
        let mut state = self.lock();
        if !state.ended {
            state.open.retain(|open| open.strong_count() > 0);
            state.open.push(Arc::downgrade(call));
            state.waiting.push_back(Arc::clone(call));
        }
        !state.ended
    }

    /// What each thread does until the end.
    fn serve(&self) {
        let mut state = self.lock();
        loop {
            if state.ended {
                return;
            }
            let Some(call) = state.waiting.pop_front() else {
                state = self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let Some(chunk) = call.take() else { continue };
            if call.has_more() {
                state.waiting.push_back(Arc::clone(&call));
            }
            drop(state);
            call.run(chunk);
            drop(call);
            state = self.lock();
        }
    }
}

#[cfg(test)]
mod tests;
