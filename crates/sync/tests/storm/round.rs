//! One round of the storm: starts the processes, kills and stops them for a while, then lets everything come to its end
//! and adds up.

use crate::chance::Chance;
use crate::ledger::{Count, DESKS, FINISH, Ledger, NO_MORE_PUTS, RUN};
use crate::message::{self, SHAPES, Shape};
use crate::report::Report;
use crate::roles::{CREW, check_order};
use crate::support::{self, bury_all};
use manyhands_sync::crash::POINTS;
use manyhands_sync::{Arena, Member};
use std::collections::{HashMap, HashSet};
use std::os::unix::process::ExitStatusExt;
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

/// So long nothing may stand still when nobody is stopped: three orders of magnitude above what a loaded machine needs.
const HUNG: Duration = Duration::from_secs(40);

/// How a round ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Producers finish, consumers take what is left.
    Drained,
    /// The queue is destroyed under everybody's hands.
    Destroyed,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    capacity: u32,
    shape: Shape,
    end: End,
}

impl Plan {
    pub(crate) const fn new(capacity: u32, shape: Shape, end: End) -> Self {
        Self {
            capacity,
            shape,
            end,
        }
    }
}

const CAST: [&str; 7] = [
    "producer", "producer", "consumer", "consumer", "crew", "sweeper", "sweeper",
];

struct Actor {
    role: &'static str,
    desk: u32,
    child: Option<Child>,
    stopped_until: Option<Instant>,
}

/// The arena and whoever outlives all rounds.
pub(crate) struct Storm {
    arena: Arc<Arena>,
    me: Member,
    ledger: Ledger,
    chance: Chance,
}

impl Storm {
    pub(crate) fn new(chance: Chance) -> Self {
        let arena = Arc::new(Arena::create().unwrap());
        let me = arena.join().unwrap();
        Self {
            arena,
            me,
            ledger: Ledger::create(),
            chance,
        }
    }

    pub(crate) fn run(&mut self, plan: Plan, lasts: Duration) -> Report {
        self.ledger.clear();
        let queue = self.me.create_queue(plan.capacity).unwrap();
        let mut round = Round {
            plan,
            queue,
            actors: Vec::new(),
            suspects: HashSet::new(),
            report: Report::default(),
        };
        for (number, role) in CAST.into_iter().enumerate() {
            let desk = number as u32 * CREW % DESKS;
            let mut actor = Actor {
                role,
                desk,
                child: None,
                stopped_until: None,
            };
            round.start(self, &mut actor, true);
            round.actors.push(actor);
        }
        round.rage(self, lasts);
        round.calm(self);
        match plan.end {
            End::Drained => round.finish(self),
            End::Destroyed => round.destroy(self),
        }
        round.add_up(self)
    }
}

struct Round {
    plan: Plan,
    queue: u64,
    actors: Vec<Actor>,
    /// What dead consumers had in their hands: delivered to them or still in the queue, nobody can tell.
    suspects: HashSet<u32>,
    report: Report,
}

impl Round {
    fn start(&self, storm: &mut Storm, actor: &mut Actor, may_crash: bool) {
        let chance = &mut storm.chance;
        let shape = SHAPES.iter().position(|&shape| shape == self.plan.shape);
        let numbers = [
            self.queue,
            shape.unwrap() as u64,
            actor.desk.into(),
            storm.ledger.fd().cast_unsigned().into(),
            chance.below(u32::MAX).into(),
        ];
        let crash = (may_crash && chance.one_in(2)).then(|| {
            let point = POINTS[chance.below(POINTS.len() as u32) as usize];
            (point, 1 + chance.below(200))
        });
        actor.child = Some(support::spawn(actor.role, &storm.arena, &numbers, crash));
    }

    /// Looks who has ended, and how; true when anybody has.
    fn reap(&mut self, storm: &mut Storm) -> bool {
        let mut any = false;
        for actor in &mut self.actors {
            let Some(child) = actor.child.as_mut() else {
                continue;
            };
            let Some(status) = child.try_wait().unwrap() else {
                continue;
            };
            let killed = status.signal() == Some(libc::SIGKILL);
            assert!(killed || status.success(), "a child failed: {status}");
            any = true;
            actor.child = None;
            actor.stopped_until = None;
            self.report.kills += u64::from(killed);
            for desk in actor.desk..actor.desk + CREW {
                let held = storm.ledger.desk(desk).swap(0, SeqCst);
                if held != 0 {
                    self.suspects.insert(held - 1);
                }
            }
        }
        any
    }

    fn signal(&self, index: usize, signal: i32) {
        if let Some(child) = &self.actors[index].child {
            // SAFETY: kill takes two integers; the child is not reaped yet, so the pid is its own.
            unsafe { libc::kill(child.id().cast_signed(), signal) };
        }
    }

    fn rage(&mut self, storm: &mut Storm, lasts: Duration) {
        let end = Instant::now() + lasts;
        while Instant::now() < end {
            std::thread::sleep(Duration::from_micros(storm.chance.below(3000).into()));
            let index = storm.chance.below(self.actors.len() as u32) as usize;
            match storm.chance.below(10) {
                0..6 => self.signal(index, libc::SIGKILL),
                6 => {
                    self.signal(index, libc::SIGSTOP);
                    let pause = Duration::from_micros(storm.chance.below(20_000).into());
                    self.actors[index].stopped_until = Some(Instant::now() + pause);
                    self.report.stops += 1;
                }
                _ => {}
            }
            self.resume(Instant::now());
            if self.reap(storm) && storm.chance.one_in(2) {
                // Half of the dead are left to the sweepers.
                self.bury_dead(storm);
            }
            let mut actors = std::mem::take(&mut self.actors);
            for actor in actors.iter_mut().filter(|actor| actor.child.is_none()) {
                self.start(storm, actor, true);
            }
            self.actors = actors;
        }
    }

    fn bury_dead(&self, storm: &mut Storm) {
        for entry in 1..=manyhands_sync::layout::MAX_PARTICIPANTS {
            if entry != storm.me.entry() {
                storm.me.bury(entry);
            }
        }
    }

    /// Wakes those whose pause is over.
    fn resume(&mut self, now: Instant) {
        for index in 0..self.actors.len() {
            if self.actors[index]
                .stopped_until
                .is_some_and(|until| until <= now)
            {
                self.signal(index, libc::SIGCONT);
                self.actors[index].stopped_until = None;
            }
        }
    }

    /// Nobody is killed any more (but at crash points armed before); messages must flow.
    fn calm(&mut self, storm: &mut Storm) {
        self.resume(Instant::now() + HUNG);
        self.reap(storm);
        let mut actors = std::mem::take(&mut self.actors);
        for actor in actors.iter_mut().filter(|actor| actor.child.is_none()) {
            self.start(storm, actor, false);
        }
        self.actors = actors;
        let goal = storm.ledger.get(Count::Delivered) + 200;
        let deadline = Instant::now() + HUNG;
        while storm.ledger.get(Count::Delivered) < goal {
            if Instant::now() > deadline {
                self.report.hung += 1;
                return;
            }
            self.bury_dead(storm);
            self.reap(storm);
            let mut actors = std::mem::take(&mut self.actors);
            for actor in actors.iter_mut().filter(|actor| actor.child.is_none()) {
                self.start(storm, actor, false);
            }
            self.actors = actors;
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn finish(&mut self, storm: &mut Storm) {
        storm.ledger.count(Count::Phase).store(NO_MORE_PUTS, SeqCst);
        self.await_end(storm, &["producer"]);
        storm.ledger.count(Count::Phase).store(FINISH, SeqCst);
        self.await_end(storm, &CAST);
    }

    fn destroy(&mut self, storm: &mut Storm) {
        storm.me.destroy_queue(self.queue).unwrap();
        self.await_end(storm, &["producer", "consumer", "crew"]);
        storm.ledger.count(Count::Phase).store(FINISH, SeqCst);
        self.await_end(storm, &CAST);
    }

    fn await_end(&mut self, storm: &mut Storm, roles: &[&str]) {
        let deadline = Instant::now() + HUNG;
        let waits = |actor: &Actor| roles.contains(&actor.role) && actor.child.is_some();
        while self.actors.iter().any(waits) {
            self.reap(storm);
            self.bury_dead(storm);
            if storm.ledger.phase() != RUN {
                // The phase is no message: whoever looked at it just before it changed sleeps until it is rung.
                for entry in 1..=manyhands_sync::layout::MAX_PARTICIPANTS {
                    storm.me.ring(entry).unwrap();
                }
            }
            if Instant::now() > deadline {
                for index in 0..self.actors.len() {
                    if waits(&self.actors[index]) {
                        println!("storm: {} hangs", self.actors[index].role);
                        self.report.hung += 1;
                        self.signal(index, libc::SIGKILL);
                    }
                }
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn add_up(mut self, storm: &mut Storm) -> Report {
        bury_all(&mut storm.me, &[]);
        let (me, ledger) = (&mut storm.me, &storm.ledger);
        if self.plan.end == End::Drained {
            let mut newest = HashMap::new();
            while let Some(block) = me.take(self.queue).unwrap() {
                let id = message::label(me, block).id;
                ledger.delivered(id);
                check_order(me, ledger, block, &mut newest);
                me.free(block).unwrap();
            }
            me.destroy_queue(self.queue).unwrap();
        }
        let mut excused = 0;
        let sums = ledger.sum(|id| excused += u64::from(self.suspects.contains(&id)));
        let report = &mut self.report;
        report.messages = sums.messages;
        report.duplicated = sums.duplicated;
        report.with_consumer = excused;
        if self.plan.end == End::Drained {
            report.lost = sums.missing - excused;
        }
        report.damaged = ledger.get(Count::Damaged).into();
        report.out_of_order = ledger.get(Count::OutOfOrder).into();
        report.redelivered = ledger.get(Count::Redelivered).into();
        report.abandoned = ledger.get(Count::Abandoned).into();
        let arena = &storm.arena;
        report.leaked =
            arena.owned(0).0 + u64::from(arena.objects().0) + u64::from(arena.participants() - 1);
        self.report
    }
}
