//! What the killed processes do. Each role is deterministic, and together they pass every crash point twice.

use crate::support::{Board, Role, carrying, die, drain, link, message, number};
use manyhands_sync::layout::{CARRIER_SLOTS, SEGMENT_CAPACITY};
use manyhands_sync::{Error, Member, Passage, Received, Side, Taken};
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

/// Board: completed puts.
pub(crate) const PUT_DONE: usize = 0;
/// Board: the message to the other queue is out.
pub(crate) const GREETED: usize = 1;
/// Board: the process that `forking` leaves behind.
pub(crate) const HEIR: usize = 2;
/// Board: per message, about to be delivered.
pub(crate) const TAKE_BEGUN: usize = 16;
/// Board: per message, delivered.
pub(crate) const TAKE_DONE: usize = 32;
/// Messages a producer sends.
pub(crate) const MESSAGES: u32 = 6;

const MOMENT: Duration = Duration::from_millis(1);

struct Stage {
    me: Member,
    small: u64,
    large: u64,
    board: Board,
    survivor: u32,
    objects: Vec<u64>,
}

pub(crate) fn play(role: Role) {
    let [small, large, block, survivor, ..] = role.numbers[..] else {
        panic!("numbers")
    };
    let reserved = role.name == "forking";
    let me = role.arena.join(if reserved { survivor as u32 } else { 0 });
    let me = me.unwrap();
    let board = Board::of(&me, block as u32);
    let mut stage = Stage {
        me,
        small,
        large,
        board,
        survivor: survivor as u32,
        objects: role.numbers[4..].to_vec(),
    };
    match role.name.as_str() {
        "lagging-put" => lagging_put(stage),
        "producer" => producer(stage),
        "holding" => {
            stage.me.hold(small).unwrap();
            stage.me.take_begin(large).unwrap();
        }
        "consumer" => consumer(stage),
        "victim" => victim(stage),
        "sweeper" => sweeper(stage),
        "memory" => memory(stage),
        "queues" => queues(stage),
        "segments" => segments(stage),
        "carrier" => carrier(stage),
        "appender" => appender(stage),
        "retirer" => retirer(stage),
        "ender" => ender(stage),
        "locks" => locks(stage),
        "heirless" => heirless(stage),
        "worker" => worker(stage),
        "task-putter" => task_putter(stage),
        "task-taker" => task_taker(stage),
        "joiner" => joiner(stage),
        "forking" => forking(&stage),
        other => panic!("no role {other}"),
    }
}

fn lagging_put(mut stage: Stage) {
    let block = message(&mut stage.me, 1000);
    stage.me.put(stage.small, block).unwrap();
}

fn producer(mut stage: Stage) {
    let mut sleeper = stage.me.arena().join(0).unwrap();
    let block = message(&mut stage.me, 2000);
    assert!(stage.me.put(stage.large, block).unwrap());
    stage.board.set(GREETED, 1);
    for id in 1..=MESSAGES {
        // Somebody of ours sleeps on the queue too, so that there is always a bell to ring.
        sleeper.arm(stage.small, Side::Take).unwrap();
        let mut left = if id % 2 == 0 {
            Some(message(&mut stage.me, id))
        } else {
            send(&mut stage.me, stage.small, id)
        };
        while let Some(block) = left
            && !stage.me.put(stage.small, block).unwrap()
        {
            stage.me.wait_slice(stage.small, Side::Put, MOMENT).unwrap();
            left = Some(block);
        }
        stage.board.set(PUT_DONE, id);
    }
    sleeper.leave();
    stage.me.leave();
}

/// Sends a message in one call; the message when there is no room.
fn send(me: &mut Member, queue: u64, id: u32) -> Option<u32> {
    // SAFETY: the core gives four aligned bytes of a block that nobody else knows yet.
    me.send(queue, 4, |to| unsafe { to.cast::<u32>().write(id) })
        .unwrap()
}

fn consumer(mut stage: Stage) {
    let (large, small) = (stage.large, stage.small);
    while let Some(taken) = stage.me.take_begin(large).unwrap() {
        deliver(&mut stage, large, taken);
    }
    loop {
        let mut id = 0;
        let copy = |from: *const u8, _: usize| {
            // SAFETY: the payload of a block has four aligned bytes, which nobody writes any more.
            id = unsafe { from.cast::<u32>().read() } as usize;
            stage.board.set(TAKE_BEGUN + id, 1);
        };
        match stage.me.receive(small, 256, copy).unwrap() {
            Received::Delivered(_) => stage.board.set(TAKE_DONE + id, 1),
            Received::Begun(chain) => deliver(&mut stage, small, chain),
            Received::Nothing => break,
        }
    }
    for _ in 0..3 {
        stage
            .me
            .wait_slice(stage.large, Side::Take, MOMENT)
            .unwrap();
    }
    for _ in 0..3 {
        assert!(stage.me.arm(stage.large, Side::Take).unwrap());
        stage.me.disarm(stage.large, Side::Take).unwrap();
    }
    stage.me.leave();
}

fn deliver(stage: &mut Stage, queue: u64, taken: Taken) {
    let block = taken.block;
    let id = number(&stage.me, block).load(SeqCst) as usize;
    stage.board.set(TAKE_BEGUN + id, 1);
    stage.me.take_finish(queue, taken).unwrap();
    stage.board.set(TAKE_DONE + id, 1);
    stage.me.free(block).unwrap();
}

/// Dies with two messages taken, blocks of all kinds, queues, reserved entries, waiter bits and a half-done sweep of its own.
fn victim(mut stage: Stage) {
    let me = &mut stage.me;
    me.take_begin(stage.large).unwrap();
    me.take_begin(stage.large).unwrap();
    for size in [10, 1000, 4000, 10_000, 60_000, 300_000] {
        me.alloc(size).unwrap();
    }
    me.reserve().unwrap();
    me.reserve().unwrap();
    assert!(me.arm(stage.small, Side::Take).unwrap());
    for id in [7, 8] {
        let queue = me.create_queue(4).unwrap();
        let block = message(me, id);
        me.put(queue, block).unwrap();
    }
    die();
}

fn sweeper(mut stage: Stage) {
    let dead: Vec<u32> = (1..=manyhands_sync::layout::MAX_PARTICIPANTS)
        .filter(|&entry| entry != stage.survivor && entry != stage.me.entry())
        .collect();
    for entry in dead {
        stage.me.bury(entry, false);
    }
    stage.me.leave();
}

/// Puts until a second segment is needed.
fn appender(mut stage: Stage) {
    for id in 1..=SEGMENT_CAPACITY + 1 {
        let block = message(&mut stage.me, id * 2 + 1);
        stage.me.put(stage.small, block).unwrap();
    }
}

/// Takes until the first segment is used up.
fn retirer(mut stage: Stage) {
    for id in 1..=2 * SEGMENT_CAPACITY + 1 {
        let block = message(&mut stage.me, id * 2 + 1);
        stage.me.put(stage.small, block).unwrap();
    }
    drain(&mut stage.me, stage.small);
}

/// Ends a queue that holds messages and has a body.
fn ender(mut stage: Stage) {
    let queue = stage.me.create_queue(2000).unwrap();
    for id in 1..=3 {
        let block = message(&mut stage.me, id);
        stage.me.put(queue, block).unwrap();
    }
    stage.me.let_go(queue).unwrap();
}

/// Uses locks and their like, with somebody who sleeps on each.
fn locks(mut stage: Stage) {
    let me = &mut stage.me;
    let mut other = me.arena().join(0).unwrap();
    let seen = Side::Change(0);
    for _ in 0..2 {
        let lock = me.create_lock().unwrap();
        assert!(me.acquire(lock).unwrap());
        assert!(other.arm(lock, seen).unwrap());
        assert!(!other.acquire(lock).unwrap());
        assert_eq!(other.release_lock(lock), Err(Error::NotHeld));
        me.release_lock(lock).unwrap();
        assert!(!other.arm(lock, seen).unwrap());

        let semaphore = me.create_semaphore(1, false).unwrap();
        assert!(me.acquire_permit(semaphore).unwrap());
        assert!(other.arm(semaphore, seen).unwrap());
        assert!(!other.acquire_permit(semaphore).unwrap());
        me.release_permit(semaphore).unwrap();
        me.release_permit(semaphore).unwrap();
        assert!(other.acquire_permit(semaphore).unwrap());
        assert_eq!(me.permits(semaphore), Ok(1));
        let bounded = me.create_semaphore(1, true).unwrap();
        assert_eq!(me.release_permit(bounded), Err(Error::NotHeld));

        let event = me.create_event().unwrap();
        assert!(other.arm(event, seen).unwrap());
        me.set_event(event, true).unwrap();
        me.set_event(event, false).unwrap();
        assert_eq!(me.event_state(event), Ok((false, 1)));
        assert!(!other.arm(event, seen).unwrap());

        let condition = me.create_condition(lock, 1).unwrap();
        me.let_go(lock).unwrap();
        other.let_go(lock).unwrap();
        assert_eq!(other.linked(condition), Ok((lock, 1)));
        other.begin_wait(condition).unwrap();
        other.begin_wait(condition).unwrap();
        assert!(other.arm(condition, seen).unwrap());
        assert_eq!(me.notify(condition, 1), Ok(1));
        assert!(other.take_notification(condition).unwrap());
        assert!(!other.give_up_wait(condition).unwrap());
        assert!(!other.take_notification(condition).unwrap());
        assert_eq!(me.notify(condition, 9), Ok(0));

        let barrier = me.create_barrier(2, 0).unwrap();
        assert_eq!(me.arrive(barrier), Ok(Some((0, 0))));
        assert!(me.arm(barrier, seen).unwrap());
        assert_eq!(other.arrive(barrier), Ok(Some((0, 1))));
        assert_eq!(me.arrive(barrier), Ok(None));
        assert!(other.pass(barrier, 0).unwrap());
        assert_eq!(me.passage(barrier, 0), Ok(Passage::Passed));
        assert_eq!(me.arrive(barrier), Ok(Some((1, 0))));
        me.reset_barrier(barrier).unwrap();
        assert_eq!(me.passage(barrier, 1), Ok(Passage::Broken));
        me.go_on(barrier).unwrap();
        other.go_on(barrier).unwrap();
        me.break_barrier(barrier).unwrap();
        assert_eq!(other.arrive(barrier), Err(Error::Broken));

        for object in [semaphore, bounded, event, condition, barrier] {
            me.let_go(object).unwrap();
        }
        for object in [semaphore, event, condition, barrier] {
            other.let_go(object).unwrap();
        }
        assert!(!me.holds(lock) && me.hold(lock) == Err(Error::BadHandle));
    }
    other.leave();
    stage.me.leave();
}

/// Dies with a lock, a permit, a wait for a notification, and as a party of a barrier.
fn heirless(mut stage: Stage) {
    let [lock, semaphore, condition, barrier] = stage.objects[..] else {
        panic!("objects")
    };
    let me = &mut stage.me;
    assert!(me.acquire(lock).unwrap());
    assert!(me.acquire_permit(semaphore).unwrap());
    me.begin_wait(condition).unwrap();
    assert!(me.arrive(barrier).unwrap().is_some());
    die();
}

/// Puts, takes and finishes tasks, of its own and of others, with somebody who waits until all are done.
fn worker(mut stage: Stage) {
    let me = &mut stage.me;
    let mut other = me.arena().join(0).unwrap();
    for &queue in &stage.objects {
        for _ in 0..2 {
            let (before, zeros) = me.task_state(queue).unwrap();
            assert_eq!(before, 0);
            for id in 1..=2 {
                let block = message(me, id);
                assert!(me.put(queue, block).unwrap());
            }
            if me.is_full(queue).unwrap() {
                let block = message(me, 3);
                assert!(!me.put(queue, block).unwrap());
                me.free(block).unwrap();
            }
            assert!(other.arm(queue, Side::Done(zeros)).unwrap());
            for taker in [&mut *me, &mut other] {
                let block = taker.take(queue).unwrap().unwrap();
                taker.free(block).unwrap();
            }
            // Its own, and the one that the other was given.
            me.task_done(queue).unwrap();
            me.task_done(queue).unwrap();
            assert_eq!(me.task_done(queue), Err(Error::NotHeld));
            assert!(me.task_state(queue).unwrap().1 > zeros);
            // What somebody has in hand who uses the queue no more is done.
            let block = message(me, 4);
            assert!(me.put(queue, block).unwrap());
            let block = other.take(queue).unwrap().unwrap();
            other.free(block).unwrap();
            other.leave_tasks(queue).unwrap();
            assert_eq!(me.task_state(queue).unwrap().0, 0);
            other.let_go(queue).unwrap();
        }
    }
    // What is called done before anybody was given it needs no second word.
    let queue = me.create_counted_queue(2).unwrap();
    for _ in 0..2 {
        let block = message(me, 5);
        assert!(me.put(queue, block).unwrap());
        me.task_done(queue).unwrap();
        assert_eq!(me.task_done(queue), Err(Error::NotHeld));
        drain(me, queue);
        assert_eq!(me.task_state(queue).unwrap().0, 0);
        assert_eq!(me.task_done(queue), Err(Error::NotHeld));
        // What the other one has when it lets the queue go was perhaps passed on: somebody calls it done.
        let block = message(me, 6);
        assert!(me.put(queue, block).unwrap());
        let block = other.take(queue).unwrap().unwrap();
        other.free(block).unwrap();
        other.let_go(queue).unwrap();
        assert_eq!(me.task_state(queue).unwrap().0, 1);
        me.task_done(queue).unwrap();
        assert_eq!(me.task_done(queue), Err(Error::NotHeld));
    }
    me.let_go(queue).unwrap();
    other.leave();
    stage.me.leave();
}

fn task_putter(mut stage: Stage) {
    for id in 5..=6 {
        let block = message(&mut stage.me, id);
        stage.me.put(stage.objects[0], block).unwrap();
    }
}

fn task_taker(mut stage: Stage) {
    for _ in 0..2 {
        stage.me.take(stage.objects[0]).unwrap().unwrap();
    }
}

fn memory(mut stage: Stage) {
    let me = &mut stage.me;
    let mut other = me.arena().join(0).unwrap();
    for _ in 0..2 {
        // Leaves a hint behind, which the other one makes wrong: claiming by hint must roll back.
        let three = me.alloc(150_000).unwrap();
        me.free(three).unwrap();
        let stolen = [other.alloc(60_000).unwrap(), other.alloc(60_000).unwrap()];
        other.free(stolen[0]).unwrap();
        let three = me.alloc(150_000).unwrap();
        other.free(stolen[1]).unwrap();
        me.free(three).unwrap();
        let mut blocks = Vec::new();
        for size in [
            10,
            900,
            3000,
            10_000,
            60_000,
            100_000,
            1 << 20,
            9 << 20,
            20 << 20,
        ] {
            blocks.push(me.alloc(size).unwrap());
        }
        link(me, blocks[0], blocks[1]);
        link(me, blocks[1], blocks[4]);
        me.free(blocks[0]).unwrap();
        for block in [2, 3, 5, 6, 7, 8] {
            me.release(blocks[block]).unwrap();
        }
        // The next round must grow again.
        me.alloc(30 << 20).unwrap();
    }
    other.leave();
    stage.me.leave();
}

/// Makes, shares, shuts and ends queues with and without a limit, some too large for an object of their own.
fn queues(mut stage: Stage) {
    let me = &mut stage.me;
    let mut other = me.arena().join(0).unwrap();
    for capacity in [3, 2000, 0] {
        let queue = me.create_queue(capacity).unwrap();
        for id in 1..=3 {
            let block = message(me, id);
            assert!(me.put(queue, block).unwrap());
        }
        assert_eq!(other.hold(queue), Ok(true));
        assert_eq!(other.hold(queue), Ok(false));
        let taken = other.take_begin(queue).unwrap().unwrap();
        let block = taken.block;
        me.destroy_queue(queue).unwrap();
        assert_eq!(me.take(queue), Err(Error::BadHandle));
        // The last holder ends it.
        other.take_finish(queue, taken).unwrap();
        other.free(block).unwrap();
        other.let_go(queue).unwrap();
        assert!(!me.is_queue(queue));
        let again = me.create_queue(capacity).unwrap();
        assert_ne!(again, queue);
        assert_eq!(other.hold(queue), Err(Error::BadHandle));
        assert!(drain(me, again).is_empty());
        assert!(other.arm(again, Side::Take).unwrap());
        assert!(other.arm(again, Side::Take).unwrap());
        me.shut_queue(again, capacity == 3).unwrap();
        assert_eq!(me.take(again), Err(Error::ShutDown));
        assert!(!other.arm(again, Side::Take).unwrap());
        me.let_go(again).unwrap();
        other.let_go(again).unwrap();
    }
    other.leave();
    stage.me.leave();
}

/// More messages than a few segments hold go through a queue without limit, which is shut when a segment is just used up.
fn segments(mut stage: Stage) {
    let me = &mut stage.me;
    for rounds in [2, 3] {
        let queue = me.create_queue(0).unwrap();
        let last = SEGMENT_CAPACITY * rounds;
        for id in 1..=last {
            // Half of them wait at a time.
            let block = me.alloc(10).unwrap();
            number(me, block).store(id, SeqCst);
            assert!(me.put(queue, block).unwrap());
            if id.is_multiple_of(2) {
                let block = me.take(queue).unwrap().unwrap();
                assert_eq!(number(me, block).load(SeqCst), id / 2);
                me.free(block).unwrap();
            }
        }
        assert_eq!(me.queue_length(queue), Ok(last / 2));
        assert_eq!(drain(me, queue).len() as u32, last / 2);
        me.shut_queue(queue, false).unwrap();
        assert_eq!(me.take(queue), Err(Error::ShutDown));
        let block = me.alloc(10).unwrap();
        assert_eq!(me.put(queue, block), Err(Error::ShutDown));
        me.free(block).unwrap();
        me.let_go(queue).unwrap();
    }
    stage.me.leave();
}

/// Sends queues through queues: objects that only a message knows, in more messages than an object can list.
fn carrier(mut stage: Stage) {
    let me = &mut stage.me;
    for copies in [1, CARRIER_SLOTS + 2] {
        let road = me.create_queue(0).unwrap();
        let parcel = me.create_queue(2).unwrap();
        let inner = me.create_queue(2).unwrap();
        let block = carrying(me, &[inner]);
        assert!(me.put(parcel, block).unwrap());
        me.let_go(inner).unwrap();
        for _ in 0..copies {
            let block = carrying(me, &[parcel]);
            assert!(me.put(road, block).unwrap());
        }
        me.let_go(parcel).unwrap();
        assert!(!me.holds(parcel) && me.is_queue(parcel) && me.is_queue(inner));
        let block = me.take(road).unwrap().unwrap();
        assert_eq!(me.hold(parcel), Ok(true));
        me.free(block).unwrap();
        let block = me.take(parcel).unwrap().unwrap();
        assert_eq!(me.hold(inner), Ok(true));
        me.free(block).unwrap();
        me.let_go(inner).unwrap();
        assert!(!me.is_queue(inner));
        // The other copies go with the road.
        me.let_go(parcel).unwrap();
        assert_eq!(me.is_queue(parcel), copies > 1);
        me.let_go(road).unwrap();
        assert!(!me.is_queue(parcel));
    }
    stage.me.leave();
}

/// Dies between fork and exec of a program; the copy has all descriptors.
fn forking(stage: &Stage) {
    // SAFETY: the copy only sleeps; it takes no lock that another thread could have held.
    let heir = unsafe { libc::fork() };
    if heir == 0 {
        loop {
            // SAFETY: pause waits for a signal.
            unsafe { libc::pause() };
        }
    }
    stage.board.set(HEIR, heir.cast_unsigned());
    die();
}

fn joiner(stage: Stage) {
    let arena = std::sync::Arc::clone(stage.me.arena());
    for _ in 0..3 {
        let entry = stage.me.reserve().unwrap();
        let mut child = arena.join(entry).unwrap();
        child.alloc(10).unwrap();
        child.create_queue(2).unwrap();
        child.reserve().unwrap();
        child.leave();
    }
    stage.me.leave();
}
