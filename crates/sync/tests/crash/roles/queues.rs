//! Those who make and end queues, with and without a limit, and send queues through queues.

use super::Stage;
use crate::support::{carrying, drain, message, number};
use manyhands_sync::layout::{CARRIER_SLOTS, SEGMENT_CAPACITY};
use manyhands_sync::{Error, Side};
use std::sync::atomic::Ordering::SeqCst;

/// Makes, shares, shuts and ends queues with and without a limit, some too large for an object of their own.
pub(super) fn queues(mut stage: Stage) {
    let me = &mut stage.me;
    let mut other = me.arena().join().unwrap();
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
pub(super) fn segments(mut stage: Stage) {
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

/// Puts until a second segment is needed.
pub(super) fn appender(mut stage: Stage) {
    for id in 1..=SEGMENT_CAPACITY + 1 {
        let block = message(&mut stage.me, id * 2 + 1);
        stage.me.put(stage.small, block).unwrap();
    }
}

/// Takes until the first segment is used up.
pub(super) fn retirer(mut stage: Stage) {
    for id in 1..=2 * SEGMENT_CAPACITY + 1 {
        let block = message(&mut stage.me, id * 2 + 1);
        stage.me.put(stage.small, block).unwrap();
    }
    drain(&mut stage.me, stage.small);
}

/// Ends a queue that holds messages and has a body.
pub(super) fn ender(mut stage: Stage) {
    let queue = stage.me.create_queue(2000).unwrap();
    for id in 1..=3 {
        let block = message(&mut stage.me, id);
        stage.me.put(queue, block).unwrap();
    }
    stage.me.let_go(queue).unwrap();
}

/// Sends queues through queues: objects that only a message knows, in more messages than an object can list.
pub(super) fn carrier(mut stage: Stage) {
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
