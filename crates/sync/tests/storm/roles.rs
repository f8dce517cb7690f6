//! What the processes and threads of the storm do until they are killed, give up half-way, or are told to finish.

use crate::chance::Chance;
use crate::ledger::{Count, FINISH, Ledger, NO_MORE_PUTS};
use crate::message::{self, SHAPES, Shape};
use crate::support::Role;
use manyhands_sync::{Arena, Error, Member, Received, Side, Taken};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

/// Threads of a crew; each has a desk.
pub(crate) const CREW: u32 = 4;

#[derive(Clone, Copy)]
struct Task<'a> {
    queue: u64,
    shape: Shape,
    ledger: &'a Ledger,
    desk: u32,
    /// One in so many steps a thread gives up, whatever it holds; 0 = never.
    gives_up: u32,
}

/// How a member sleeps: in slices on its futex, or for as long as it takes on its doorbell pipe, like an event loop. Only
/// the latter shows a lost wake-up.
struct Sleep {
    read_fd: Option<i32>,
}

pub(crate) fn play(role: &Role) {
    let parent = manyhands_os::parent_pid();
    let [queue, shape, desk, fd, seed] = role.numbers[..] else {
        panic!("numbers")
    };
    let ledger = Ledger::open(parent, fd as u32);
    let seed = seed as u32;
    let task = Task {
        queue,
        shape: SHAPES[shape as usize],
        ledger: &ledger,
        desk: desk as u32,
        gives_up: 0,
    };
    match role.name.as_str() {
        "producer" => alone(&role.arena, task, seed, produce),
        "consumer" => alone(&role.arena, task, seed, consume),
        "crew" => crew(&role.arena, task, seed),
        "sweeper" => sweep(&role.arena, &ledger),
        other => panic!("no role {other}"),
    }
}

type Work = fn(&mut Member, Task<'_>, &Sleep, &mut Chance);

fn alone(arena: &Arc<Arena>, task: Task<'_>, seed: u32, work: Work) {
    let mut chance = Chance::new(seed);
    let mut member = arena.join().unwrap();
    let sleep = Sleep::of(&member, chance.one_in(2));
    work(&mut member, task, &sleep, &mut chance);
    member.leave();
    sleep.end();
}

/// Threads as participants: they come and go, and may leave in the middle of anything.
fn crew(arena: &Arc<Arena>, task: Task<'_>, seed: u32) {
    std::thread::scope(|scope| {
        for number in 0..CREW {
            scope.spawn(move || {
                let mut round = 0;
                let last = if number % 2 == 0 {
                    NO_MORE_PUTS
                } else {
                    FINISH
                };
                while task.ledger.phase() < last && arena_has(arena, task.queue) {
                    let task = Task {
                        desk: task.desk + number,
                        gives_up: 300,
                        ..task
                    };
                    let work = if number % 2 == 0 { produce } else { consume };
                    alone(arena, task, seed ^ (number << 24) ^ round, work);
                    round += 1;
                }
            });
        }
    });
}

fn arena_has(arena: &Arc<Arena>, queue: u64) -> bool {
    let member = arena.join().unwrap();
    let there = member.is_queue(queue);
    member.leave();
    there
}

impl Task<'_> {
    fn gives_up(&self, chance: &mut Chance) -> bool {
        let now = self.gives_up > 0 && chance.one_in(self.gives_up);
        if now {
            self.ledger.add(Count::Abandoned);
        }
        now
    }
}

fn produce(member: &mut Member, task: Task<'_>, sleep: &Sleep, chance: &mut Chance) {
    let ledger = task.ledger;
    let producer = ledger.count(Count::NextProducer).fetch_add(1, SeqCst);
    while ledger.phase() < NO_MORE_PUTS {
        if member
            .queue_length(task.queue)
            .is_ok_and(|length| length > AHEAD)
        {
            std::thread::yield_now();
            continue;
        }
        let Some(id) = ledger.new_id() else { return };
        if task.shape == Shape::Small && chance.one_in(2) {
            ledger.begin(id);
            match message::send(member, task.queue, id, producer) {
                Ok(None) => ledger.put(id),
                Ok(Some(block)) => {
                    if !put(member, task, sleep, chance, id, block) {
                        return;
                    }
                }
                Err(Error::BadHandle) => return,
                Err(error) => panic!("send: {error}"),
            }
            continue;
        }
        let block = message::write(member, task.shape, id, producer, chance).unwrap();
        if task.gives_up(chance) {
            return;
        }
        ledger.begin(id);
        if !put(member, task, sleep, chance, id, block) {
            return;
        }
    }
}

/// False when the queue is gone, or the producer goes.
fn put(
    member: &mut Member,
    task: Task<'_>,
    sleep: &Sleep,
    chance: &mut Chance,
    id: u32,
    block: u32,
) -> bool {
    let ledger = task.ledger;
    loop {
        match member.put(task.queue, block) {
            Ok(true) => {
                ledger.put(id);
                return true;
            }
            Ok(false) if ledger.phase() >= NO_MORE_PUTS || task.gives_up(chance) => return false,
            Ok(false) => sleep.until(member, task.queue, Side::Put),
            Err(Error::BadHandle) => return false,
            Err(error) => panic!("put: {error}"),
        }
    }
}

/// What the producers of a queue without limit get ahead by.
const AHEAD: u32 = 5000;

fn consume(member: &mut Member, task: Task<'_>, sleep: &Sleep, chance: &mut Chance) {
    let mut newest = HashMap::new();
    loop {
        let taken = if task.shape == Shape::Small && chance.one_in(2) {
            receive(member, task)
        } else {
            member.take_begin(task.queue)
        };
        match taken {
            Ok(Some(taken)) => {
                let label = message::label(member, taken.block);
                task.ledger.desk(task.desk).store(label.id + 1, SeqCst);
                if task.gives_up(chance) {
                    task.ledger.desk(task.desk).store(0, SeqCst);
                    return;
                }
                let block = taken.block;
                member.take_finish(task.queue, taken).unwrap();
                task.ledger.delivered(label.id);
                task.ledger.desk(task.desk).store(0, SeqCst);
                check(member, task, block, &mut newest);
                if task.gives_up(chance) {
                    return;
                }
                member.free(block).unwrap();
            }
            Ok(None) if task.ledger.phase() >= FINISH || task.gives_up(chance) => return,
            Ok(None) => sleep.until(member, task.queue, Side::Take),
            Err(Error::BadHandle) => return,
            Err(error) => panic!("take: {error}"),
        }
    }
}

/// Takes messages in one call each, until one does not come so or there is none.
fn receive(member: &mut Member, task: Task<'_>) -> Result<Option<Taken>, Error> {
    let desk = task.ledger.desk(task.desk);
    loop {
        let mut received = [0; message::SMALL_WORDS];
        let copy = |from: *const u8, length: usize| {
            assert_eq!(length, size_of_val(&received));
            // SAFETY: the core gave so many aligned bytes of a message, which nobody writes any more.
            received = unsafe { from.cast::<[u32; message::SMALL_WORDS]>().read() };
            desk.store(received[0] + 1, SeqCst);
        };
        match member.receive(task.queue, size_of_val(&[0u32; message::SMALL_WORDS]), copy)? {
            Received::Nothing => return Ok(None),
            Received::Begun(taken) => return Ok(Some(taken)),
            Received::Delivered(_) => {}
        }
        task.ledger.delivered(received[0]);
        desk.store(0, SeqCst);
        if !message::is_small(&received) {
            task.ledger.add(Count::Damaged);
        }
    }
}

/// Each consumer sees the messages of a producer in the order in which they were put, but for those that come again.
pub(crate) fn check_order(
    member: &Member,
    ledger: &Ledger,
    block: u32,
    newest: &mut HashMap<u32, u32>,
) {
    let label = message::label(member, block);
    if label.attempts > 0 {
        ledger.add(Count::Redelivered);
    } else if newest
        .insert(label.producer, label.id)
        .is_some_and(|before| before >= label.id)
    {
        ledger.add(Count::OutOfOrder);
    }
}

fn check(member: &Member, task: Task<'_>, block: u32, newest: &mut HashMap<u32, u32>) {
    check_order(member, task.ledger, block, newest);
    if !message::is_whole(member, block) {
        task.ledger.add(Count::Damaged);
    }
}

/// Buries whoever it finds dead.
fn sweep(arena: &Arc<Arena>, ledger: &Ledger) {
    let mut member = arena.join().unwrap();
    while ledger.phase() < FINISH {
        for entry in 1..=manyhands_sync::layout::MAX_PARTICIPANTS {
            if entry != member.entry() {
                member.bury(entry);
            }
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    member.leave();
}

impl Sleep {
    fn of(member: &Member, by_pipe: bool) -> Self {
        let read_fd = by_pipe.then(|| {
            let (read, write) = manyhands_os::pipe().unwrap();
            member.arena().publish_bell(member.entry(), read);
            // The write end is closed when the member leaves.
            member.arena().register_bell(member.entry(), write);
            read
        });
        Self { read_fd }
    }

    fn until(&self, member: &mut Member, queue: u64, side: Side) {
        let Some(fd) = self.read_fd else {
            // A queue destroyed meanwhile is reported by the next operation.
            let _ = member.wait_slice(queue, side, Duration::from_secs(1));
            return;
        };
        if member.arm(queue, side) == Ok(true) {
            let mut poll = libc::pollfd {
                fd,
                events: libc::POLLIN,
                revents: 0,
            };
            // SAFETY: one live pollfd; waits until somebody rings.
            unsafe { libc::poll(&raw mut poll, 1, -1) };
            manyhands_os::drain(fd);
        }
        member.awake();
    }

    fn end(self) {
        if let Some(fd) = self.read_fd {
            manyhands_os::close(fd);
        }
    }
}
