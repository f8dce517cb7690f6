//! Those who put, take and finish tasks.

use super::Stage;
use crate::support::{drain, message};
use manyhands_sync::{Error, Side};

/// Puts, takes and finishes tasks, of its own and of others, with somebody who waits until all are done.
pub(super) fn worker(mut stage: Stage) {
    let me = &mut stage.me;
    let mut other = me.arena().join().unwrap();
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

pub(super) fn task_putter(mut stage: Stage) {
    for id in 5..=6 {
        let block = message(&mut stage.me, id);
        stage.me.put(stage.objects[0], block).unwrap();
    }
}

pub(super) fn task_taker(mut stage: Stage) {
    for _ in 0..2 {
        stage.me.take(stage.objects[0]).unwrap().unwrap();
    }
}
