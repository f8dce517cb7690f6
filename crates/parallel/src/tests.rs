//! The pool: every chunk once, fair shares, cancelling, panics, the end.

mod waking;

use super::{Outcome, Pool, Stop, Work};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

type Act = dyn Fn(usize, &Stop<'_>) + Send + Sync;

struct Record {
    chunks: usize,
    seen: Mutex<Vec<usize>>,
    outcomes: Mutex<Vec<Outcome>>,
    act: Box<Act>,
}

impl Record {
    fn new(chunks: usize, act: impl Fn(usize, &Stop<'_>) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            chunks,
            seen: Mutex::default(),
            outcomes: Mutex::default(),
            act: Box::new(act),
        })
    }
}

impl Work for Record {
    fn chunks(&self) -> usize {
        self.chunks
    }

    fn chunk(&self, index: usize, stop: &Stop<'_>) {
        self.seen.lock().unwrap().push(index);
        (self.act)(index, stop);
    }

    fn finished(&self, outcome: Outcome) {
        self.outcomes.lock().unwrap().push(outcome);
    }
}

#[test]
fn runs_every_chunk_once_and_finishes_once() {
    for threads in [1, 2, 7] {
        let pool = Pool::new(threads);
        let work = Record::new(1000, |_, _| ());
        assert_eq!(pool.run(work.clone()), Outcome::Done);
        let mut seen = work.seen.lock().unwrap().clone();
        seen.sort_unstable();
        assert_eq!(seen, (0..1000).collect::<Vec<_>>());
        assert_eq!(*work.outcomes.lock().unwrap(), [Outcome::Done]);
    }
}

#[test]
fn a_call_without_chunks_is_done_at_once() {
    assert_eq!(Pool::new(2).run(Record::new(0, |_, _| ())), Outcome::Done);
}

#[test]
fn two_calls_on_one_thread_take_turns() {
    let pool = Pool::new(1);
    let (begun, both) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let first = {
        let (begun, both) = (begun.clone(), both.clone());
        Record::new(4, move |index, _| {
            if index == 0 {
                begun.wait();
                both.wait();
            }
        })
    };
    let order: Arc<Mutex<Vec<usize>>> = Arc::default();
    let ticket = pool.submit(first.clone());
    begun.wait();
    let second = {
        let (order, first) = (order.clone(), first.clone());
        Record::new(2, move |_, _| {
            order.lock().unwrap().push(first.seen.lock().unwrap().len());
        })
    };
    let other = pool.submit(second);
    both.wait();
    assert_eq!(
        (ticket.wait(), other.wait()),
        (Outcome::Done, Outcome::Done)
    );
    assert_eq!(*order.lock().unwrap(), [2, 3]);
}

#[test]
fn a_cancelled_call_begins_no_other_chunk() {
    let pool = Pool::new(1);
    let (begun, go) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let work = {
        let (begun, go) = (begun.clone(), go.clone());
        Record::new(100, move |_, stop| {
            begun.wait();
            go.wait();
            assert!(stop.asked());
        })
    };
    let ticket = pool.submit(work.clone());
    begun.wait();
    ticket.cancel();
    go.wait();
    assert_eq!(ticket.wait(), Outcome::Cancelled);
    assert_eq!(work.seen.lock().unwrap().len(), 1);
}

#[test]
fn a_panic_ends_its_call_only() {
    let pool = Pool::new(2);
    let bad = pool.submit(Record::new(10, |index, _| {
        assert_ne!(index, 3, "expected by the test");
    }));
    assert_eq!(bad.wait(), Outcome::Panicked);
    assert_eq!(pool.run(Record::new(10, |_, _| ())), Outcome::Done);
}

#[test]
fn the_end_cancels_what_waits_and_joins_the_threads() {
    let pool = Pool::new(1);
    let (begun, go) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let busy = {
        let (begun, go) = (begun.clone(), go.clone());
        pool.submit(Record::new(1, move |_, stop| {
            begun.wait();
            go.wait();
            assert!(stop.asked(), "the end stops what runs");
        }))
    };
    begun.wait();
    let waiting = pool.submit(Record::new(5, |_, _| ()));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            assert_eq!(waiting.wait(), Outcome::Cancelled);
            go.wait();
        });
        pool.end();
    });
    assert_eq!(busy.wait(), Outcome::Cancelled);
    assert_eq!(pool.run(Record::new(1, |_, _| ())), Outcome::Cancelled);
}

#[test]
fn a_call_gets_as_many_threads_as_it_has_chunks() {
    for threads in [2, 3, 8] {
        let pool = Pool::new(threads);
        for _ in 0..100 {
            let all = Barrier::new(threads);
            let work = Record::new(threads, move |_, _| {
                all.wait();
            });
            assert_eq!(pool.run(work), Outcome::Done);
        }
    }
}

#[test]
fn a_caller_that_helps_runs_what_the_threads_have_no_time_for() {
    let pool = Pool::new(1);
    let (begun, go) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let busy = {
        let (begun, go) = (begun.clone(), go.clone());
        pool.submit(Record::new(1, move |_, _| {
            begun.wait();
            go.wait();
        }))
    };
    begun.wait();
    let caller = std::thread::current().id();
    let work = Record::new(5, move |_, _| {
        assert_eq!(std::thread::current().id(), caller);
    });
    let (ticket, outcome) = pool.submit_helping(work.clone(), Duration::MAX);
    assert_eq!(outcome, Some(Outcome::Done));
    assert_eq!(ticket.wait(), Outcome::Done);
    assert_eq!(*work.seen.lock().unwrap(), [0, 1, 2, 3, 4]);
    assert!(
        work.outcomes.lock().unwrap().is_empty(),
        "told by the return alone"
    );
    let bad = Record::new(2, |_, _| panic!("expected by the test"));
    let (_, outcome) = pool.submit_helping(bad, Duration::MAX);
    assert_eq!(outcome, Some(Outcome::Panicked));
    go.wait();
    assert_eq!(busy.wait(), Outcome::Done);
}

#[test]
fn a_caller_that_leaves_its_call_leaves_it_to_the_threads() {
    for threads in [1, 2] {
        let pool = Pool::new(threads);
        for round in 0..200 {
            let work = Record::new(20, |_, _| ());
            let limit = Duration::from_micros(round % 4);
            let (ticket, outcome) = pool.submit_helping(work.clone(), limit);
            assert_eq!(ticket.wait(), Outcome::Done);
            assert_eq!(work.seen.lock().unwrap().len(), 20);
            // Either tells of the end, never both.
            let told = work.outcomes.lock().unwrap().len();
            assert_eq!(told + usize::from(outcome.is_some()), 1);
        }
    }
}

#[test]
fn a_caller_that_helps_is_one_of_the_threads() {
    let pool = Pool::new(2);
    for _ in 0..100 {
        let both = Barrier::new(2);
        let work = Record::new(2, move |_, _| {
            both.wait();
        });
        let (ticket, _) = pool.submit_helping(work, Duration::MAX);
        assert_eq!(ticket.wait(), Outcome::Done);
    }
}
