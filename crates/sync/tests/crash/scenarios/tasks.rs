//! Who puts, takes or finishes tasks dies: the counts stay true.

use crate::scene::scene;
use crate::support::{bury_all, drain, message, spawn, was_killed};
use manyhands_sync::crash::Point;
use manyhands_sync::{Error, Member, Side};
use std::time::Duration;

/// Somebody who puts, takes and finishes tasks dies: what is unfinished then is what is in the queues.
pub(super) fn worker(crash: Option<(Point, u32)>) -> bool {
    let mut scene = scene();
    let queues = [
        scene.me.create_counted_queue(2).unwrap(),
        scene.me.create_counted_queue(0).unwrap(),
    ];
    let mut numbers = scene.numbers().to_vec();
    numbers.extend(queues);
    let killed = was_killed(spawn("worker", &scene.arena, &numbers, crash));
    bury_all(&mut scene.me, &[]);
    let what = format!("worker {crash:?}");
    for queue in queues {
        finish_all(&mut scene.me, queue, &what);
        scene.me.let_go(queue).unwrap();
    }
    scene.check(&what);
    killed
}

/// Two die while they put a task and two while they are given one, each with another one in hand; so may their sweeper.
pub(super) fn accounts(crash: Option<(Point, u32)>) -> bool {
    let mut scene = scene();
    let queue = scene.me.create_counted_queue(8).unwrap();
    for id in 1..=4 {
        let block = message(&mut scene.me, id);
        assert!(scene.me.put(queue, block).unwrap());
    }
    let mut numbers = scene.numbers().to_vec();
    numbers.push(queue);
    for (role, point, nth) in [
        ("task-putter", Point::TaskCounted, 2),
        ("task-putter", Point::PutPublished, 2),
        ("task-taker", Point::TaskTaken, 2),
        ("task-taker", Point::TaskTakes, 2),
        ("task-taker", Point::TaskTaken, 2),
    ] {
        let died = was_killed(spawn(role, &scene.arena, &numbers, Some((point, nth))));
        assert!(died, "{role} does not come to its step");
    }
    let killed = was_killed(spawn("sweeper", &scene.arena, &scene.numbers(), crash));
    bury_all(&mut scene.me, &[]);
    let what = format!("accounts {crash:?}");
    // Four and three were put, three are gone with those who had them.
    assert_eq!(scene.me.task_state(queue).unwrap().0, 4, "{what}");
    finish_all(&mut scene.me, queue, &what);
    scene.me.let_go(queue).unwrap();
    scene.check(&what);
    killed
}

/// What is unfinished is what is in the queue; once that is done, nothing is, and whoever waits for it hears of it.
fn finish_all(me: &mut Member, queue: u64, what: &str) {
    let length = me.queue_length(queue).unwrap();
    let (unfinished, zeros) = me.task_state(queue).unwrap();
    assert_eq!(unfinished, length, "{what}: unfinished");
    for _ in drain(me, queue) {
        assert!(
            !me.wait_slice(queue, Side::Done(zeros), Duration::ZERO)
                .unwrap()
        );
        me.task_done(queue).unwrap();
    }
    assert!(
        me.wait_slice(queue, Side::Done(zeros), Duration::ZERO)
            .unwrap()
    );
    assert_eq!(me.task_state(queue).unwrap().0, 0, "{what}: all is done");
    assert_eq!(me.task_done(queue), Err(Error::NotHeld), "{what}");
}
