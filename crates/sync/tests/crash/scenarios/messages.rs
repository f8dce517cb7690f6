//! Who puts, takes or sweeps messages dies.

use crate::roles::{GREETED, MESSAGES, PUT_DONE, TAKE_BEGUN, TAKE_DONE};
use crate::scene::{Scene, scene};
use crate::support::{bury_all, drain, message, spawn, was_killed};
use manyhands_sync::Side;
use manyhands_sync::crash::Point;
use std::time::Duration;

/// A producer dies; whoever waits for its messages gets a prefix of them: all completed ones, none twice.
pub(super) fn producer(crash: Option<(Point, u32)>) -> bool {
    let mut scene = scene();
    // Somebody died between publishing and advancing tail, in both queues: the next producer must help.
    for queue in [scene.small, scene.large] {
        let numbers = [queue, queue, scene.board.block.into(), 0];
        let lagging = spawn(
            "lagging-put",
            &scene.arena,
            &numbers,
            Some((Point::PutPublished, 1)),
        );
        assert!(was_killed(lagging));
    }
    let mut child = spawn("producer", &scene.arena, &scene.numbers(), crash);
    let mut ids = Vec::new();
    while child.try_wait().unwrap().is_none() {
        scene
            .me
            .wait_slice(scene.small, Side::Take, Duration::from_millis(1))
            .unwrap();
        ids.extend(drain(&mut scene.me, scene.small));
    }
    let killed = was_killed(child);
    bury_all(&mut scene.me, &[]);
    ids.extend(drain(&mut scene.me, scene.small));
    let what = format!("producer {crash:?}");
    assert_eq!(
        ids.first(),
        Some(&1000),
        "{what}: the lagging message is lost"
    );
    let first = drain(&mut scene.me, scene.large);
    let greeted = scene.board.get(GREETED);
    assert!(
        first == [1000, 2000] || (killed && greeted == 0 && first == [1000]),
        "{what}: {first:?}"
    );
    let expected: Vec<u32> = (1..ids.len() as u32).collect();
    assert_eq!(ids[1..], expected, "{what}: order, loss or duplicate");
    let (sent, done) = (expected.len() as u32, scene.board.get(PUT_DONE));
    assert!(
        sent == done || (killed && sent == done + 1),
        "{what}: put {done}, got {sent}"
    );
    assert!(killed || done == MESSAGES, "{what}: only {done} messages");
    scene.check(&what);
    killed
}

/// A consumer dies; what it had not finished is delivered again, the rest goes on in order.
pub(super) fn consumer(crash: Option<(Point, u32)>) -> bool {
    let mut scene = scene();
    fill(&mut scene);
    // Somebody is dead but not buried, holding each first message, with head not yet advanced: the consumer must help.
    for queue in [scene.small, scene.large] {
        let numbers = [queue, queue, scene.board.block.into(), 0];
        assert!(was_killed(spawn(
            "holding",
            &scene.arena,
            &numbers,
            Some((Point::TakeClaimed, 1))
        )));
    }
    let killed = was_killed(spawn("consumer", &scene.arena, &scene.numbers(), crash));
    check_consumed(scene, killed, &format!("consumer {crash:?}"))
}

/// As above, but there are redelivered messages behind head.
pub(super) fn redelivery(crash: Option<(Point, u32)>) -> bool {
    let mut scene = scene();
    fill(&mut scene);
    for _ in 0..2 {
        let holding = spawn(
            "holding",
            &scene.arena,
            &scene.numbers(),
            Some((Point::TakeAdvanced, 1)),
        );
        assert!(was_killed(holding));
    }
    bury_all(&mut scene.me, &[]);
    let killed = was_killed(spawn("consumer", &scene.arena, &scene.numbers(), crash));
    check_consumed(scene, killed, &format!("redelivery {crash:?}"))
}

fn fill(scene: &mut Scene) {
    for id in 1..=10 {
        let block = message(&mut scene.me, id);
        let queue = if id <= 8 { scene.large } else { scene.small };
        assert!(scene.me.put(queue, block).unwrap());
    }
}

fn check_consumed(mut scene: Scene, killed: bool, what: &str) -> bool {
    bury_all(&mut scene.me, &[]);
    let mut rest = drain(&mut scene.me, scene.large);
    rest.extend(drain(&mut scene.me, scene.small));
    assert!(rest.is_sorted(), "{what}: {rest:?} is out of order");
    for id in 1..=10u32 {
        let begun = scene.board.get(TAKE_BEGUN + id as usize);
        let done = scene.board.get(TAKE_DONE + id as usize);
        let left = rest.iter().filter(|&&other| other == id).count() as u32;
        assert!(
            done <= 1 && left <= 1 && done + left <= 1,
            "{what}: message {id} came twice"
        );
        // Between the CAS that delivers and the note of it, the message is the dead consumer's.
        assert!(
            done + left == 1 || (killed && begun == 1),
            "{what}: message {id} is lost"
        );
    }
    scene.check(what);
    killed
}

/// The sweeper of somebody who left everything behind dies itself; the next one completes the work.
pub(super) fn sweeper(crash: Option<(Point, u32)>) -> bool {
    let mut scene = scene();
    for id in 1..=3 {
        let block = message(&mut scene.me, id);
        assert!(scene.me.put(scene.large, block).unwrap());
    }
    for _ in 0..2 {
        assert!(was_killed(spawn(
            "victim",
            &scene.arena,
            &scene.numbers(),
            None
        )));
    }
    let killed = was_killed(spawn("sweeper", &scene.arena, &scene.numbers(), crash));
    bury_all(&mut scene.me, &[]);
    let what = format!("sweeper {crash:?}");
    assert_eq!(drain(&mut scene.me, scene.large), [1, 2, 3], "{what}");
    scene.check(&what);
    killed
}
