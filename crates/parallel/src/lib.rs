//! A pool of native threads: several calls at once, each cut into chunks that the threads take one by one.
//!
//! A thread takes one chunk of the call at the head of the queue and puts that call back at the end, so calls share the
//! threads fairly whatever their lengths; with one call alone it takes chunk after chunk. Nothing is held while a chunk runs.
//!
//! A call wakes one thread, and each thread that takes a call wakes one more while there is more to take; whoever wakes
//! another keeps it off the processors that have one of these threads already, until it runs. Left to the system, threads
//! often queue behind each other on one processor for milliseconds and leave the next one idle.

#![allow(clippy::disallowed_types, reason = "the types of crate::prim")]

mod call;
mod prim;
mod shares;
mod sleeper;

pub use call::{Outcome, Stop, Ticket, Work};

use crate::prim::{AtomicUsize, Ordering};
use call::Call;
use manyhands_os::{CpuSet, available_cpus, current_cpu, current_thread};
use sleeper::Sleeper;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Native threads, started by the first call and joined when the pool is dropped.
pub struct Pool {
    shared: Arc<Shared>,
    threads: usize,
    handles: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
    state: Mutex<State>,
    /// How many calls wait, for a thread that has the only one and asks without the lock.
    calls: AtomicUsize,
    /// The thread that made the pool: the others may run where it may.
    maker: u32,
    /// How many threads may watch for work at once: more would only watch each other.
    watchers: usize,
}

struct State {
    /// Calls with chunks that nobody has taken yet.
    waiting: VecDeque<Arc<Call>>,
    /// Calls that may still run, to be stopped at the end; pruned by each new one.
    open: Vec<Weak<Call>>,
    /// Threads that wait, and have not been told of work.
    asleep: Vec<Sleeper>,
    /// Each of the others: its id, and the processor that it took its last call on.
    awake: Vec<(u32, u32)>,
    /// Callers that run chunks of their own calls now, each in place of a thread.
    helpers: usize,
    /// Threads that watch for work before they sleep.
    watching: usize,
    ended: bool,
}

impl State {
    /// The thread to be told of work next, if one more is to be, and whether it was moved: it no longer counts as asleep,
    /// and is kept off the processors of those that are awake, and off that of the caller, unless that leaves none.
    fn next(&mut self, maker: u32, caller: Option<u32>) -> Option<(Sleeper, bool)> {
        let taken = || self.awake.iter().map(|&(_, processor)| processor);
        // A thread that the caller has pushed off its processor does not take part while the caller helps.
        let behind = taken()
            .filter(|&processor| Some(processor) == caller)
            .count();
        if self.waiting.is_empty() || self.helpers >= self.asleep.len() + behind {
            return None;
        }
        // One that watches is there at once, unless it waits for a processor itself.
        let ready = self.asleep.iter().position(|sleeper| {
            sleeper
                .watches_on()
                .is_some_and(|here| taken().chain(caller).all(|processor| processor != here))
        });
        if let Some(ready) = ready {
            return Some((self.asleep.swap_remove(ready), false));
        }
        let sleeper = self.asleep.pop()?;
        let others = CpuSet::of(maker).and_then(|all| {
            all.without(taken().chain(caller))
                .or_else(|| all.without(taken()))
        });
        // Only a hint: where the system refuses, it chooses among all.
        let moved = others.is_some_and(|others| others.confine(sleeper.id));
        Some((sleeper, moved))
    }

    /// A thread takes a call.
    fn takes(&mut self, thread: u32) {
        let here = current_cpu();
        match self.awake.iter_mut().find(|(id, _)| *id == thread) {
            Some((_, processor)) => *processor = here,
            None => self.awake.push((thread, here)),
        }
    }
}

impl Pool {
    /// A pool of exactly so many threads, at least one, that may run where the calling thread may.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            open: Vec::new(),
            asleep: Vec::new(),
            awake: Vec::new(),
            helpers: 0,
            watching: 0,
            ended: false,
        };
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(state),
                calls: AtomicUsize::new(0),
                maker: current_thread(),
                watchers: available_cpus(),
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
        let call = Arc::new(Call::new(work, self.threads, false));
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
        let call = Arc::new(Call::new(work, self.threads, true));
        if self.enqueue(&call, true) {
            call.help(limit);
            self.shared.helper_leaves();
        }
        (Ticket::new(&call), call.leave())
    }

    /// False: nobody will run it, and it has ended.
    fn enqueue(&self, call: &Arc<Call>, helping: bool) -> bool {
        if !call.shares.has_more() {
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
            sleeper.tell(false);
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
        self.wake_next(state, Some(current_cpu()));
        true
    }

    /// A thread takes the place of a caller that leaves its call, and its processor if need be.
    fn helper_leaves(&self) {
        let mut state = self.lock();
        state.helpers -= 1;
        self.wake_next(state, None);
    }

    /// Wakes one more thread, where there is work for it.
    fn wake_next(&self, mut state: MutexGuard<'_, State>, caller: Option<u32>) {
        // What others have taken to the end meanwhile is nothing to wake anybody for.
        state.waiting.retain(|call| call.shares.has_more());
        // Partner: `serve`. Relaxed: it only tells how long a thread may go on with its call.
        self.calls.store(state.waiting.len(), Ordering::Relaxed);
        let next = state.next(self.maker, caller);
        drop(state);
        if let Some((sleeper, moved)) = next {
            sleeper.tell(moved);
        }
    }

    /// What each thread does until the end.
    fn serve(&self) {
        let me = current_thread();
        let mut woken = Instant::now();
        let mut state = self.lock();
        loop {
            if state.ended {
                return;
            }
            let Some(call) = state.waiting.pop_front() else {
                state = self.sleep(state, me, woken.elapsed());
                woken = Instant::now();
                continue;
            };
            let own = call.shares.enter();
            let Some(chunk) = call.shares.take(own) else {
                continue;
            };
            state.takes(me);
            if call.shares.has_more() {
                state.waiting.push_back(Arc::clone(&call));
            }
            self.wake_next(state, None);
            call.run(chunk);
            // Partner: `wake_next`. A thread that waits for the lock may wake beside another one, and behind it.
            while self.calls.load(Ordering::Relaxed) <= 1
                && let Some(chunk) = call.shares.take(own)
            {
                call.run(chunk);
            }
            drop(call);
            state = self.lock();
        }
    }

    /// Waits, after so much work, until this thread is told of more, or of the end.
    fn sleep<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        me: u32,
        worked: Duration,
    ) -> MutexGuard<'a, State> {
        state.awake.retain(|&(id, _)| id != me);
        let watches = state.watching < self.watchers;
        state.watching += usize::from(watches);
        let (sleeper, waiting) = sleeper::waiting(me, watches);
        state.asleep.push(sleeper);
        drop(state);
        if watches {
            waiting.watch(worked);
            self.lock().watching -= 1;
        }
        if waiting.sleep()
            && let Some(all) = CpuSet::of(self.maker)
        {
            all.confine(me);
        }
        self.lock()
    }
}

#[cfg(test)]
mod tests;
