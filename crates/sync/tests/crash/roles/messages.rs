//! Those who put, take, or die with what they took.

use super::{GREETED, MESSAGES, PUT_DONE, Stage, TAKE_BEGUN, TAKE_DONE};
use crate::support::{message, number};
use manyhands_sync::{Member, Received, Side, Taken};
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

const MOMENT: Duration = Duration::from_millis(1);

pub(super) fn lagging_put(mut stage: Stage) {
    let block = message(&mut stage.me, 1000);
    stage.me.put(stage.small, block).unwrap();
}

pub(super) fn producer(mut stage: Stage) {
    let mut sleeper = stage.me.arena().join().unwrap();
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

pub(super) fn consumer(mut stage: Stage) {
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
