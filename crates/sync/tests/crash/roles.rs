//! What the killed processes do. Each role is deterministic, and together they pass every crash point twice.

mod memory;
mod messages;
mod objects;
mod participants;
mod queues;
mod tasks;

use crate::support::{Board, Role};
use manyhands_sync::{Member, Reservation};

/// Board: completed puts.
pub(crate) const PUT_DONE: usize = 0;
/// Board: the message to the other queue is out.
pub(crate) const GREETED: usize = 1;
/// Board: the process that `forking` leaves behind.
pub(crate) const HEIR: usize = 2;
/// Board: per message, about to be delivered.
pub(crate) const TAKE_BEGUN: usize = 16;
/// Board: per message, delivered.
pub(crate) const TAKE_DONE: usize = 32;
/// Messages a producer sends.
pub(crate) const MESSAGES: u32 = 6;

struct Stage {
    me: Member,
    small: u64,
    large: u64,
    board: Board,
    survivor: u32,
    objects: Vec<u64>,
}

pub(crate) fn play(role: Role) {
    let [small, large, block, survivor, ..] = role.numbers[..] else {
        panic!("numbers")
    };
    let reserved = role.name == "forking";
    let me = if reserved {
        let reservation = Reservation::from_bits(survivor as u32);
        role.arena.join_reserved(reservation)
    } else {
        role.arena.join()
    };
    let me = me.unwrap();
    let board = Board::of(&me, block as u32);
    let mut stage = Stage {
        me,
        small,
        large,
        board,
        survivor: survivor as u32,
        objects: role.numbers[4..].to_vec(),
    };
    match role.name.as_str() {
        "lagging-put" => messages::lagging_put(stage),
        "producer" => messages::producer(stage),
        "holding" => {
            stage.me.hold(small).unwrap();
            stage.me.take_begin(large).unwrap();
        }
        "consumer" => messages::consumer(stage),
        "victim" => participants::victim(stage),
        "sweeper" => participants::sweeper(stage),
        "memory" => memory::memory(stage),
        "queues" => queues::queues(stage),
        "segments" => queues::segments(stage),
        "carrier" => queues::carrier(stage),
        "appender" => queues::appender(stage),
        "retirer" => queues::retirer(stage),
        "ender" => queues::ender(stage),
        "locks" => objects::locks(stage),
        "heirless" => objects::heirless(stage),
        "worker" => tasks::worker(stage),
        "task-putter" => tasks::task_putter(stage),
        "task-taker" => tasks::task_taker(stage),
        "joiner" => participants::joiner(stage),
        "forking" => participants::forking(&stage),
        other => panic!("no role {other}"),
    }
}
