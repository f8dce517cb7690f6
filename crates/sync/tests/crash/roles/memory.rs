//! Those who allocate and free.

use super::Stage;
use crate::support::link;

pub(super) fn memory(mut stage: Stage) {
    let me = &mut stage.me;
    let mut other = me.arena().join().unwrap();
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
