//! Real processes for tests: the test program starts itself again in a role, attached to the same arena.
#![allow(dead_code, reason = "each test program uses its part")]
#![allow(clippy::disallowed_types, clippy::unwrap_used, reason = "tests")]

use manyhands_sync::crash::{self, POINTS, Point};
use manyhands_sync::{Arena, Member};
use std::os::fd::IntoRawFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

/// Kills this process (and thereby fails the test) if it runs longer than any machine can need.
pub(crate) fn watchdog(seconds: u32) {
    // SAFETY: alarm only arms a timer; its default action ends the process.
    unsafe { libc::alarm(seconds) };
}

/// Dies at once, as if killed from outside.
pub(crate) fn die() -> ! {
    // SAFETY: raising a signal touches no memory.
    unsafe { libc::raise(libc::SIGKILL) };
    unreachable!("SIGKILL returned")
}

/// Starts this program again as `role`, optionally dying at the nth visit of a crash point.
pub(crate) fn spawn(
    role: &str,
    arena: &Arena,
    numbers: &[u64],
    crash: Option<(Point, u32)>,
) -> Child {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .env("CORE_TEST_ROLE", role)
        .env(
            "CORE_TEST_ARENA",
            format!("/proc/{}/fd/{}", std::process::id(), arena.fd()),
        )
        .env("CORE_TEST_PARENT", std::process::id().to_string())
        .env("CORE_TEST_NUMBERS", numbers.join(","));
    if let Some((point, nth)) = crash {
        command.env("CORE_TEST_CRASH", format!("{},{nth}", point as u32));
    }
    command.spawn().unwrap()
}

/// Waits for a child; true when a signal killed it. Any failure of its own fails the test.
pub(crate) fn was_killed(mut child: Child) -> bool {
    let status = child.wait().unwrap();
    let killed = status.signal() == Some(libc::SIGKILL);
    assert!(killed || status.success(), "a child failed: {status}");
    killed
}

/// What a started process finds.
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) arena: Arc<Arena>,
    pub(crate) numbers: Vec<u64>,
}

/// The role of this process; `None` in the test itself. Arms the crash point.
pub(crate) fn role() -> Option<Role> {
    let name = std::env::var("CORE_TEST_ROLE").ok()?;
    let parent = std::env::var("CORE_TEST_PARENT").unwrap().parse().unwrap();
    assert!(manyhands_os::die_with_parent(parent), "the test is gone");
    let path = std::env::var("CORE_TEST_ARENA").unwrap();
    let file = std::fs::File::options()
        .read(true)
        .write(true)
        .open(path)
        .unwrap();
    let arena = Arc::new(Arena::attach(file.into_raw_fd()).unwrap());
    let numbers = std::env::var("CORE_TEST_NUMBERS").unwrap();
    let numbers = numbers
        .split(',')
        .filter_map(|number| number.parse().ok())
        .collect();
    if let Ok(crash) = std::env::var("CORE_TEST_CRASH") {
        let (point, nth) = crash.split_once(',').unwrap();
        crash::arm(
            POINTS[point.parse::<usize>().unwrap()],
            nth.parse().unwrap(),
        );
    }
    Some(Role {
        name,
        arena,
        numbers,
    })
}

/// A block of counters that all processes of a test see.
#[derive(Clone, Copy)]
pub(crate) struct Board {
    pub(crate) block: u32,
    words: *const AtomicU32,
}

impl Board {
    pub(crate) fn new(owner: &mut Member, words: usize) -> Self {
        let block = owner.alloc(words * 4).unwrap();
        let board = Self::of(owner, block);
        for index in 0..words {
            board.at(index).store(0, SeqCst);
        }
        board
    }

    pub(crate) fn of(member: &Member, block: u32) -> Self {
        let words = member
            .payload(block, 0, member.capacity(block).unwrap())
            .unwrap();
        Self {
            block,
            words: words.cast(),
        }
    }

    pub(crate) fn at(&self, index: usize) -> &AtomicU32 {
        // SAFETY: the tests stay inside the words they asked for; the mapping lives as long as the process.
        unsafe { &*self.words.add(index) }
    }

    pub(crate) fn get(&self, index: usize) -> u32 {
        self.at(index).load(SeqCst)
    }

    pub(crate) fn set(&self, index: usize, value: u32) {
        self.at(index).store(value, SeqCst);
    }
}

/// Word 0 of a block's payload, through which tests number their messages.
pub(crate) fn number(member: &Member, block: u32) -> &'static AtomicU32 {
    let word = member.payload(block, 0, 4).unwrap();
    // SAFETY: four aligned bytes of the mapping, which is never unmapped.
    unsafe { &*word.cast() }
}

/// The chain word of a block's header.
pub(crate) fn link(member: &Member, block: u32, next: u32) {
    let payload = member.payload(block, 0, 4).unwrap().cast::<u32>();
    // SAFETY: the header lies right in front of the payload; this block is still private to us.
    let word = unsafe {
        &*payload
            .sub(16 - manyhands_sync::layout::NEXT_WORD)
            .cast::<AtomicU32>()
    };
    word.store(next, SeqCst);
}

/// A message: a numbered block, a second small one, and an extent chained behind it.
pub(crate) fn message(member: &mut Member, id: u32) -> u32 {
    let first = member.alloc(100).unwrap();
    number(member, first).store(id, SeqCst);
    if id.is_multiple_of(2) {
        let second = member.alloc(2000).unwrap();
        let third = member.alloc(150_000).unwrap();
        link(member, first, second);
        link(member, second, third);
    }
    first
}

/// A message that carries handles of objects, at 8 in its payload.
pub(crate) fn carrying(member: &mut Member, handles: &[u64]) -> u32 {
    let block = member.alloc(16 + handles.len() * 8).unwrap();
    let payload = member.payload(block, 0, 16 + handles.len() * 8).unwrap();
    // SAFETY: inside the payload of a block that is still private to us.
    unsafe {
        payload.cast::<u64>().write(0);
        payload.cast::<u64>().add(1).write(handles.len() as u64);
        for (index, &handle) in handles.iter().enumerate() {
            payload.cast::<u64>().add(2 + index).write(handle);
        }
    }
    member.carry(block, 8).unwrap();
    block
}

/// Takes and frees everything that is in a queue; returns the numbers.
pub(crate) fn drain(member: &mut Member, queue: u64) -> Vec<u32> {
    let mut ids = Vec::new();
    while let Some(block) = member.take(queue).unwrap() {
        ids.push(number(member, block).load(SeqCst));
        member.free(block).unwrap();
    }
    ids
}

/// Buries everybody but the given participants; fails when somebody is not dead.
pub(crate) fn bury_all(member: &mut Member, living: &[u32]) {
    for entry in 1..=manyhands_sync::layout::MAX_PARTICIPANTS {
        if entry != member.entry() && !living.contains(&entry) {
            assert!(member.bury(entry), "entry {entry} cannot be buried");
        }
    }
}
