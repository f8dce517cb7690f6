//! Those who join, leave much behind, sweep, or start programs.

use super::{HEIR, Stage};
use crate::support::{die, message};
use manyhands_sync::Side;

/// Dies with two messages taken, blocks of all kinds, queues, reserved entries, waiter bits and a half-done sweep of its own.
pub(super) fn victim(mut stage: Stage) {
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

pub(super) fn sweeper(mut stage: Stage) {
    let dead: Vec<u32> = (1..=manyhands_sync::layout::MAX_PARTICIPANTS)
        .filter(|&entry| entry != stage.survivor && entry != stage.me.entry())
        .collect();
    for entry in dead {
        stage.me.bury(entry);
    }
    stage.me.leave();
}

/// Dies between fork and exec of a program; the copy has all descriptors.
pub(super) fn forking(stage: &Stage) {
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

pub(super) fn joiner(stage: Stage) {
    let arena = std::sync::Arc::clone(stage.me.arena());
    for _ in 0..3 {
        let reservation = stage.me.reserve().unwrap();
        let mut child = arena.join_reserved(reservation).unwrap();
        child.alloc(10).unwrap();
        child.create_queue(2).unwrap();
        child.reserve().unwrap();
        child.leave();
    }
    stage.me.leave();
}
