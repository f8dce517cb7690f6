//! Every role is killed at every step, at its first and second visit; afterwards nothing may be lost, duplicated, leaked
//! or stuck. Each crash point must be hit.
#![allow(
    clippy::disallowed_types,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests"
)]

mod roles;
#[path = "../support/mod.rs"]
mod support;

use manyhands_sync::crash::{POINTS, Point};
use manyhands_sync::layout::SEGMENT_CAPACITY;
use manyhands_sync::{Arena, Error, Member, OWNER_DIED, Side};
use roles::{GREETED, MESSAGES, PUT_DONE, TAKE_BEGUN, TAKE_DONE};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use support::{Board, bury_all, drain, message, spawn, was_killed};

fn main() {
    support::watchdog(170);
    if let Some(role) = support::role() {
        roles::play(role);
        return;
    }
    if let Ok(name) = std::env::var(SCENARIO) {
        let &(_, scenario) = SCENARIOS.iter().find(|(known, _)| *known == name).unwrap();
        run(&name, scenario);
        return;
    }
    let mut hits = vec![[0u32; 2]; POINTS.len()];
    for (name, _) in SCENARIOS {
        // A process of its own for each: an arena stays mapped until its process ends.
        let output = Command::new(std::env::current_exe().unwrap())
            .env(SCENARIO, name)
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success(), "the {name} scenario failed");
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let (point, nth) = line.split_once(' ').unwrap();
            let (point, nth): (usize, usize) = (point.parse().unwrap(), nth.parse().unwrap());
            hits[point][nth - 1] += 1;
        }
    }
    let missed: Vec<_> = POINTS
        .iter()
        .filter(|&&point| hits[point as usize].contains(&0))
        .collect();
    assert!(missed.is_empty(), "never hit twice: {missed:?} ({hits:?})");
    let kills: u32 = hits.iter().flatten().sum();
    println!(
        "crash: {} points, {kills} kills, lost 0, duplicated 0, leaked 0",
        POINTS.len()
    );
}

const SCENARIO: &str = "CORE_TEST_SCENARIO";

type Scenario = fn(Option<(Point, u32)>) -> bool;

const SCENARIOS: [(&str, Scenario); 18] = [
    ("producer", producer),
    ("consumer", consumer),
    ("redelivery", redelivery),
    ("sweeper", sweeper),
    ("memory", |crash| alone("memory", crash)),
    ("queues", |crash| alone("queues", crash)),
    ("segments", |crash| alone("segments", crash)),
    ("carrier", |crash| alone("carrier", crash)),
    ("linked", |crash| {
        half_done("appender", Point::SegmentLinked, crash)
    }),
    ("retired", |crash| {
        half_done("retirer", Point::SegmentDying, crash)
    }),
    ("ended", |crash| {
        half_done("ender", Point::QueueDrainAdopted, crash)
    }),
    ("joiner", |crash| alone("joiner", crash)),
    ("building", building),
    ("outlived", outlived),
    ("locks", |crash| alone("locks", crash)),
    ("heirs", heirs),
    ("worker", worker),
    ("accounts", accounts),
];

/// Prints each point and visit at which the scenario let somebody die.
fn run(name: &str, scenario: Scenario) {
    assert!(!scenario(None), "the {name} scenario dies by itself");
    for &point in POINTS {
        for nth in [1, 2] {
            if !scenario(Some((point, nth))) {
                break;
            }
            println!("{} {nth}", point as u32);
        }
    }
}

/// An arena with the surviving participant, a queue of 2, one of 8, and a board.
struct Scene {
    arena: Arc<Arena>,
    me: Member,
    small: u64,
    large: u64,
    board: Board,
}

fn scene() -> Scene {
    let arena = Arc::new(Arena::create().unwrap());
    let mut me = arena.join(0).unwrap();
    let (small, large) = (me.create_queue(2).unwrap(), me.create_queue(8).unwrap());
    let board = Board::new(&mut me, 256);
    Scene {
        arena,
        me,
        small,
        large,
        board,
    }
}

impl Scene {
    fn numbers(&self) -> [u64; 4] {
        [
            self.small,
            self.large,
            self.board.block.into(),
            self.me.entry().into(),
        ]
    }

    /// After everything is drained: one participant, our two queues and our board, nothing else.
    fn check(mut self, what: &str) {
        assert_eq!(self.arena.participants(), 1, "{what}: entries leak");
        assert_eq!(self.arena.objects().0, 2, "{what}: queues leak");
        assert_eq!(self.arena.owned(0).0, 1, "{what}: blocks leak");
        // Everything still works.
        for queue in [self.small, self.large] {
            for id in 1..20 {
                let block = message(&mut self.me, id);
                assert!(
                    self.me.put(queue, block).unwrap(),
                    "{what}: an empty queue is full"
                );
                assert_eq!(
                    drain(&mut self.me, queue),
                    [id],
                    "{what}: the queue is broken"
                );
            }
            self.me.destroy_queue(queue).unwrap();
        }
        self.me.free(self.board.block).unwrap();
        assert_eq!(
            (self.arena.objects().0, self.arena.owned(0).0),
            (0, 0),
            "{what}: something leaks"
        );
        self.me.leave();
        assert_eq!(self.arena.participants(), 0);
    }
}

/// A producer dies; whoever waits for its messages gets a prefix of them: all completed ones, none twice.
fn producer(crash: Option<(Point, u32)>) -> bool {
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
fn consumer(crash: Option<(Point, u32)>) -> bool {
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
fn redelivery(crash: Option<(Point, u32)>) -> bool {
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
fn sweeper(crash: Option<(Point, u32)>) -> bool {
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

/// Two die in the middle of a step that others have to complete; the sweeper of the first dies itself.
fn half_done(role: &str, point: Point, crash: Option<(Point, u32)>) -> bool {
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
fn building(crash: Option<(Point, u32)>) -> bool {
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
    let mut other = scene.arena.join(0).unwrap();
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

/// A child dies while a program it is just starting still holds its lifeline: who has waited for the child buries it at once.
fn outlived(crash: Option<(Point, u32)>) -> bool {
    if crash.is_some() {
        return false;
    }
    let mut scene = scene();
    let entry = scene.me.reserve().unwrap();
    let mut numbers = scene.numbers();
    numbers[3] = entry.into();
    assert!(was_killed(spawn("forking", &scene.arena, &numbers, None)));
    assert!(!scene.me.bury(entry, false), "the lifeline is not held");
    assert!(scene.me.bury(entry, true), "a child that was waited for");
    let heir = scene.board.get(roles::HEIR).cast_signed();
    // SAFETY: kill takes two integers; the heir waits for this signal.
    assert_eq!(unsafe { libc::kill(heir, libc::SIGKILL) }, 0);
    scene.check("outlived");
    false
}

/// Two die with a lock, a permit, a notification and as parties; so may their sweeper. What they had goes to the living.
fn heirs(crash: Option<(Point, u32)>) -> bool {
    let mut scene = scene();
    let me = &mut scene.me;
    let locks = [me.create_lock().unwrap(), me.create_lock().unwrap()];
    let semaphore = me.create_semaphore(2, true).unwrap();
    let condition = me.create_condition(locks[0], 1).unwrap();
    let barrier = me.create_barrier(4, 0).unwrap();
    for lock in locks {
        let mut numbers = scene.numbers().to_vec();
        numbers.extend([lock, semaphore, condition, barrier]);
        assert!(was_killed(spawn("heirless", &scene.arena, &numbers, None)));
    }
    let me = &mut scene.me;
    // They are dead, but who notifies does not know.
    assert_eq!(me.notify(condition, 2), Ok(2));
    for _ in 0..2 {
        me.begin_wait(condition).unwrap();
    }
    assert!(!me.acquire(locks[0]).unwrap() && !me.acquire_permit(semaphore).unwrap());
    let killed = was_killed(spawn("sweeper", &scene.arena, &scene.numbers(), crash));
    let me = &mut scene.me;
    bury_all(me, &[]);
    let what = format!("heirs {crash:?}");
    for lock in locks {
        assert_eq!(me.lock_state(lock), Ok(OWNER_DIED), "{what}");
        assert!(
            me.acquire(lock).unwrap(),
            "{what}: a lock stays with the dead"
        );
        me.release_lock(lock).unwrap();
        assert_eq!(me.lock_state(lock), Ok(0), "{what}");
    }
    assert_eq!(me.permits(semaphore), Ok(2), "{what}");
    assert!(me.acquire_permit(semaphore).unwrap() && me.permit_owner_died(semaphore).unwrap());
    me.release_permit(semaphore).unwrap();
    assert!(!me.permit_owner_died(semaphore).unwrap(), "{what}");
    for _ in 0..2 {
        assert!(me.take_notification(condition).unwrap(), "{what}: lost");
    }
    assert!(!me.take_notification(condition).unwrap(), "{what}: doubled");
    assert_eq!(me.arrive(barrier), Err(Error::Broken), "{what}");
    me.reset_barrier(barrier).unwrap();
    assert_eq!(me.arrive(barrier), Ok(Some((1, 0))), "{what}");
    for object in [locks[0], locks[1], semaphore, condition, barrier] {
        me.let_go(object).unwrap();
    }
    scene.check(&what);
    killed
}

/// Somebody who puts, takes and finishes tasks dies: what is unfinished then is what is in the queues.
fn worker(crash: Option<(Point, u32)>) -> bool {
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
fn accounts(crash: Option<(Point, u32)>) -> bool {
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

/// A role that keeps everything to itself: nothing of it may be left.
fn alone(role: &str, crash: Option<(Point, u32)>) -> bool {
    let mut scene = scene();
    let killed = was_killed(spawn(role, &scene.arena, &scene.numbers(), crash));
    bury_all(&mut scene.me, &[]);
    scene.check(&format!("{role} {crash:?}"));
    killed
}
