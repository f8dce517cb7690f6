//! The scenarios: what is set up, who dies in it, and what must be true afterwards.

mod heirs;
mod messages;
mod segments;
mod tasks;

use crate::scene::scene;
use crate::support::{bury_all, spawn, was_killed};
use manyhands_sync::crash::Point;

/// True when somebody died at the crash point.
pub(crate) type Scenario = fn(Option<(Point, u32)>) -> bool;

pub(crate) const SCENARIOS: [(&str, Scenario); 18] = [
    ("producer", messages::producer),
    ("consumer", messages::consumer),
    ("redelivery", messages::redelivery),
    ("sweeper", messages::sweeper),
    ("memory", |crash| alone("memory", crash)),
    ("queues", |crash| alone("queues", crash)),
    ("segments", |crash| alone("segments", crash)),
    ("carrier", |crash| alone("carrier", crash)),
    ("linked", |crash| {
        segments::half_done("appender", Point::SegmentLinked, crash)
    }),
    ("retired", |crash| {
        segments::half_done("retirer", Point::SegmentDying, crash)
    }),
    ("ended", |crash| {
        segments::half_done("ender", Point::QueueDrainAdopted, crash)
    }),
    ("joiner", |crash| alone("joiner", crash)),
    ("building", segments::building),
    ("outlived", heirs::outlived),
    ("locks", |crash| alone("locks", crash)),
    ("heirs", heirs::heirs),
    ("worker", tasks::worker),
    ("accounts", tasks::accounts),
];

/// A role that keeps everything to itself: nothing of it may be left.
fn alone(role: &str, crash: Option<(Point, u32)>) -> bool {
    let mut scene = scene();
    let killed = was_killed(spawn(role, &scene.arena, &scene.numbers(), crash));
    bury_all(&mut scene.me, &[]);
    scene.check(&format!("{role} {crash:?}"));
    killed
}
