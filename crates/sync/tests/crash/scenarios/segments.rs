//! Somebody dies in the middle of a step on the segments of a queue that others have to complete.

use crate::scene::scene;
use crate::support::{bury_all, drain, message, spawn, was_killed};
use manyhands_sync::crash::Point;
use manyhands_sync::layout::SEGMENT_CAPACITY;

/// Two die in the middle of a step that others have to complete; the sweeper of the first dies itself.
pub(super) fn half_done(role: &str, point: Point, crash: Option<(Point, u32)>) -> bool {
    let mut scene = scene();
    let queues = [
        scene.me.create_queue(0).unwrap(),
        scene.me.create_queue(0).unwrap(),
    ];
    for queue in queues {
        let mut numbers = scene.numbers();
        numbers[0] = queue;
        let died = was_killed(spawn(role, &scene.arena, &numbers, Some((point, 1))));
        assert!(died, "{role} does not come to its step");
    }
    let killed = was_killed(spawn("sweeper", &scene.arena, &scene.numbers(), crash));
    bury_all(&mut scene.me, &[]);
    let what = format!("{role} {crash:?}");
    for queue in queues {
        let ids = drain(&mut scene.me, queue);
        assert!(ids.is_sorted(), "{what}: {ids:?} is out of order");
        if role == "appender" {
            let expected: Vec<u32> = (1..=SEGMENT_CAPACITY).map(|id| id * 2 + 1).collect();
            assert_eq!(ids, expected, "{what}: messages are lost");
        }
        scene.me.let_go(queue).unwrap();
    }
    scene.check(&what);
    killed
}

/// A segment is linked and used by others while its maker has not got round to bring it to life: what they put there stays
/// when they leave.
pub(super) fn building(crash: Option<(Point, u32)>) -> bool {
    if crash.is_some() {
        return false;
    }
    let mut scene = scene();
    let queue = scene.me.create_queue(0).unwrap();
    let mut numbers = scene.numbers();
    numbers[0] = queue;
    let linked = Some((Point::SegmentLinked, 1));
    assert!(was_killed(spawn(
        "appender",
        &scene.arena,
        &numbers,
        linked
    )));
    let mut other = scene.arena.join().unwrap();
    let expected: Vec<u32> = (1..=SEGMENT_CAPACITY + 3).map(|id| id * 2 + 1).collect();
    for &id in &expected[SEGMENT_CAPACITY as usize..] {
        let block = message(&mut other, id);
        assert!(other.put(queue, block).unwrap());
    }
    other.leave();
    // Nobody who writes now may find that memory free.
    let written: Vec<u32> = (0..2 * SEGMENT_CAPACITY)
        .map(|_| message(&mut scene.me, 1))
        .collect();
    let ids = drain(&mut scene.me, queue);
    assert_eq!(ids, expected, "what was put there is lost");
    for block in written {
        scene.me.free(block).unwrap();
    }
    bury_all(&mut scene.me, &[]);
    scene.me.let_go(queue).unwrap();
    scene.check("building");
    false
}
