//! Which thread is woken, where it may run, and how those wait that are not.

use super::Record;
use crate::prim::{AtomicBool, Ordering};
use crate::sleeper::waiting;
use crate::{Call, Outcome, Pool};
use manyhands_os::{CpuSet, available_cpus, current_cpu, current_thread};
use std::sync::{Arc, Barrier};
use std::time::Duration;

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
