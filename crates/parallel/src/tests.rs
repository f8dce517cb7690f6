//! The pool: every chunk once, fair shares, cancelling, panics, the end.

use super::prim::{AtomicBool, Ordering};
use super::sleeper::waiting;
use super::{Call, Outcome, Pool, Stop, Work};
use manyhands_os::{CpuSet, available_cpus, current_cpu, current_thread};
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

/// A pool whose threads have all begun, and sleep.
fn settled(threads: usize) -> Pool {
    let pool = Pool::new(threads);
    let all = Barrier::new(threads);
    let work = Record::new(threads, move |_, _| {
        all.wait();
    });
    assert_eq!(pool.run(work), Outcome::Done);
    asleep(&pool, threads);
    pool
}

/// Waits until so many threads sleep, and none watches any more.
fn asleep(pool: &Pool, threads: usize) {
    loop {
        let state = pool.shared.lock();
        let asleep = state.asleep.iter().filter(|one| one.watches_on().is_none());
        if asleep.count() == threads && state.watching == 0 {
            return;
        }
        drop(state);
        std::thread::yield_now();
    }
}

#[test]
fn a_thread_is_woken_beside_no_other_one_and_may_then_run_anywhere() {
    let me = current_thread();
    let all = CpuSet::of(me).unwrap();
    let pool = settled(2);
    let sleeper = {
        let mut state = pool.shared.lock();
        let call = Arc::new(Call::new(Record::new(1, |_, _| ()), 1, false));
        state.waiting.push_back(call);
        let id = state.asleep.last().unwrap().id;
        let here = current_cpu();
        let caller = all.without([here]).map(|_| here);
        // As if another thread of the pool ran here, and the caller as well.
        state.awake.push((me, here));
        let (thread, moved) = state.next(me, Some(here)).unwrap();
        assert!(moved);
        state.awake.clear();
        let set = CpuSet::of(id).unwrap();
        assert!(caller.is_none_or(|cpu| !set.has(cpu)));
        thread.tell(moved);
        id
    };
    asleep(&pool, 2);
    assert_eq!(CpuSet::of(sleeper), Some(all));
}

#[test]
fn the_processor_of_the_caller_is_better_than_one_of_another_thread() {
    let all = CpuSet::of(current_thread()).unwrap();
    let here = current_cpu();
    let Some(others) = all.without([here]) else {
        return;
    };
    let pool = settled(1);
    let mut state = pool.shared.lock();
    let call = Arc::new(Call::new(Record::new(1, |_, _| ()), 1, false));
    state.waiting.push_back(call);
    let id = state.asleep.last().unwrap().id;
    state.awake = (0..1024)
        .filter(|&cpu| others.has(cpu))
        .map(|cpu| (cpu, cpu))
        .collect();
    let (thread, moved) = state.next(current_thread(), Some(here)).unwrap();
    state.awake.clear();
    assert_eq!(
        CpuSet::of(id),
        all.without((0..1024).filter(|&cpu| others.has(cpu)))
    );
    thread.tell(moved);
}

#[test]
fn a_thread_that_watches_is_told_before_one_that_sleeps_and_stays_where_it_is() {
    let me = current_thread();
    let pool = settled(2);
    let mut state = pool.shared.lock();
    let call = Arc::new(Call::new(Record::new(1, |_, _| ()), 1, false));
    state.waiting.push_back(call);
    let (watching, told) = waiting(u32::MAX, true);
    let here = watching.watches_on().unwrap();
    state.asleep.insert(0, watching);
    let (thread, moved) = state.next(me, Some(here + 1)).unwrap();
    assert_eq!((thread.id, moved), (u32::MAX, false));
    thread.tell(moved);
    assert!(!told.sleep());
    // Where the caller runs, it could not go on.
    let (watching, _) = waiting(u32::MAX, true);
    state.asleep.insert(0, watching);
    let (thread, moved) = state.next(me, Some(here)).unwrap();
    assert_ne!(thread.id, u32::MAX);
    state.asleep.remove(0);
    thread.tell(moved);
}

#[test]
fn whoever_watches_gives_way_to_others_on_its_processor() {
    const ROUNDS: usize = 100;
    let me = current_thread();
    let all = CpuSet::of(me).unwrap();
    let here = current_cpu();
    let others = (0..1024).filter(|&cpu| cpu != here);
    assert!(all.without(others).is_some_and(|one| one.confine(me)));
    let mut in_time = 0;
    for _ in 0..ROUNDS {
        let (sleeper, waiting) = waiting(me, true);
        let watching = AtomicBool::new(false);
        std::thread::scope(|scope| {
            // It runs where this thread may.
            let teller = scope.spawn(|| {
                while !watching.load(Ordering::Relaxed) {
                    std::thread::yield_now();
                }
                let in_time = sleeper.watches_on().is_some();
                sleeper.tell(false);
                in_time
            });
            watching.store(true, Ordering::Relaxed);
            waiting.watch(Duration::MAX);
            waiting.sleep();
            in_time += usize::from(teller.join().unwrap());
        });
    }
    assert!(all.confine(me));
    // Without giving way it is seldom: only where the system takes the processor away meanwhile.
    assert!(in_time > ROUNDS / 4, "{in_time} of {ROUNDS}");
}

#[test]
fn whoever_is_told_while_it_watches_does_not_sleep() {
    for round in 0..2000 {
        let (sleeper, waiting) = waiting(1, true);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for _ in 0..round {
                    std::hint::spin_loop();
                }
                sleeper.tell(round % 2 == 0);
            });
            waiting.watch(Duration::ZERO);
            assert_eq!(waiting.sleep(), round % 2 == 0);
        });
    }
}

#[test]
fn no_more_threads_watch_than_there_are_processors() {
    let threads = available_cpus() + 2;
    let pool = settled(threads);
    let watchers = pool.shared.watchers;
    assert_eq!(watchers, available_cpus());
    for _ in 0..100 {
        assert_eq!(pool.run(Record::new(threads, |_, _| ())), Outcome::Done);
        assert!(pool.shared.lock().watching <= watchers);
    }
    asleep(&pool, threads);
}

#[test]
fn a_helping_caller_stands_in_for_no_thread_that_it_has_pushed_off_its_processor() {
    let pool = settled(2);
    let here = current_cpu();
    let call = Arc::new(Call::new(Record::new(2, |_, _| ()), 2, true));
    let mut state = pool.shared.lock();
    state.helpers = 1;
    state.waiting.push_back(Arc::clone(&call));
    let idle = state.asleep.pop().unwrap();
    // It has ended its work, and waits for a processor to say so.
    state.awake.push((idle.id, here));
    let maker = pool.shared.maker;
    let beside = state.next(maker, Some(here + 1));
    let behind = state.next(maker, Some(here));
    let woken = [&beside, &behind].map(Option::is_some);
    // All as before, so that the pool can end whatever was found.
    state.asleep.push(idle);
    state.awake.clear();
    state.helpers = 0;
    drop(state);
    for (sleeper, moved) in [beside, behind].into_iter().flatten() {
        sleeper.tell(moved);
    }
    assert_eq!(woken, [false, true]);
}

#[test]
fn a_call_that_has_nothing_left_to_take_wakes_nobody() {
    let pool = settled(2);
    let call = Arc::new(Call::new(Record::new(1, |_, _| ()), 1, false));
    let chunk = call.shares.take(0).unwrap();
    let mut state = pool.shared.lock();
    state.waiting.push_back(Arc::clone(&call));
    pool.shared.wake_next(state, None);
    let state = pool.shared.lock();
    assert_eq!((state.waiting.len(), state.asleep.len()), (0, 2));
    drop(state);
    call.run(chunk);
}
