//! Waiting in an event loop and blocking in the midst of it: the loop is rung all the same.
#![allow(clippy::unwrap_used, reason = "tests")]

use manyhands_sync::{Arena, Member, Side};
use std::sync::Arc;
use std::time::Duration;

const LIMIT: Duration = Duration::from_millis(1);

/// The doorbell pipe of a participant: its read end. The write end is the arena's.
struct Pipe(i32);

impl Pipe {
    fn of(member: &Member) -> Self {
        let mut ends = [0; 2];
        // SAFETY: `ends` has room for two descriptors.
        let made = unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_NONBLOCK | libc::O_CLOEXEC) };
        assert_eq!(made, 0);
        member.arena().register_bell(member.entry(), ends[1]);
        Self(ends[0])
    }

    fn is_rung(&self) -> bool {
        let mut byte = 0u8;
        // SAFETY: `byte` is one byte that may be written.
        unsafe { libc::read(self.0, (&raw mut byte).cast(), 1) == 1 }
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        // SAFETY: the descriptor is ours, and closed once.
        unsafe { libc::close(self.0) };
    }
}

/// Two participants of one process, and the pipe of the second.
fn pair() -> (Member, Member, Pipe) {
    let arena = Arc::new(Arena::create().unwrap());
    let me = arena.join().unwrap();
    let other = arena.join().unwrap();
    let pipe = Pipe::of(&other);
    (me, other, pipe)
}

#[test]
fn who_blocks_for_a_lock_does_not_take_the_event_loop_out_of_the_line() {
    let (mut me, mut other, pipe) = pair();
    let lock = me.create_lock().unwrap();
    assert!(me.acquire(lock).unwrap());
    let side = Side::Change(0);
    assert!(other.arm(lock, side).unwrap());
    assert!(!other.wait_slice(lock, side, LIMIT).unwrap());
    assert!(!pipe.is_rung());
    me.release_lock(lock).unwrap();
    assert!(
        pipe.is_rung(),
        "nobody tells the loop that the lock is free"
    );
}

#[test]
fn who_blocks_for_a_message_does_not_take_the_event_loop_out_of_the_line() {
    let (mut me, mut other, pipe) = pair();
    let queue = me.create_queue(1).unwrap();
    assert!(other.arm(queue, Side::Take).unwrap());
    assert!(!other.wait_slice(queue, Side::Take, LIMIT).unwrap());
    let block = me.alloc(1).unwrap();
    assert!(me.put(queue, block).unwrap());
    assert!(pipe.is_rung(), "nobody tells the loop of the message");
}

#[test]
fn who_only_blocks_is_out_of_the_line_afterwards() {
    let (mut me, mut other, pipe) = pair();
    let lock = me.create_lock().unwrap();
    assert!(me.acquire(lock).unwrap());
    assert!(!other.wait_slice(lock, Side::Change(0), LIMIT).unwrap());
    assert!(me.arm(lock, Side::Change(0)).unwrap());
    let own = Pipe::of(&me);
    me.release_lock(lock).unwrap();
    assert_eq!((own.is_rung(), pipe.is_rung()), (true, false));
}

#[test]
fn who_looks_sees_what_is_there_and_stands_in_no_line() {
    let (mut me, mut other, pipe) = pair();
    let queue = me.create_queue(1).unwrap();
    assert!(!other.look(queue, Side::Take, LIMIT).unwrap());
    assert!(me.arm(queue, Side::Take).unwrap());
    let own = Pipe::of(&me);
    let block = me.alloc(1).unwrap();
    assert!(me.put(queue, block).unwrap());
    assert_eq!((own.is_rung(), pipe.is_rung()), (true, false));
    assert!(other.look(queue, Side::Take, LIMIT).unwrap());
    assert!(!other.look(queue, Side::Put, LIMIT).unwrap(), "it is full");
    assert!(other.look(u64::MAX, Side::Take, LIMIT).is_err());
}
