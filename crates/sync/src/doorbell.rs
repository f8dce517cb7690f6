//! Doorbells: every participant has one. A ring wakes it from its sleep on the bell word, or its event loop by a byte in
//! a pipe, and costs two atomic operations when it is awake.
//!
//! Sleeper: `SLEEPING = 1; re-check the queue; wait(BELL == seen)`. Ringer: `BELL += 1; if SLEEPING: wake`. Either the
//! ringer sees SLEEPING, or the sleeper's wait sees the new BELL. ARMED works alike for the event loop.

use crate::arena::Arena;
use crate::crash::cp;
use crate::layout::MAX_PARTICIPANTS;
use crate::participants::{ARMED_AT, BELL_AT, Entry, SLEEPING_AT, State, WAKE_FD_AT, entries};
use crate::prim::{Mutex, MutexGuard, Ordering::SeqCst, fence_after_rmw};
use manyhands_os as os;
use std::sync::PoisonError;

/// The write ends this process has of others' doorbell pipes.
#[derive(Debug)]
pub(crate) struct Doorbells(Mutex<Ends>);

#[derive(Debug)]
struct Ends {
    /// By entry; each valid for one generation of the entry.
    known: Vec<Option<WriteEnd>>,
    /// Given up for a moment when a pipe must be opened and the process has no descriptor left.
    #[cfg_attr(loom, expect(dead_code, reason = "a modelled pipe has no descriptor"))]
    spare: Option<i32>,
}

#[derive(Clone, Copy, Debug)]
struct WriteEnd {
    generation: u32,
    fd: i32,
}

impl Doorbells {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Ends {
            known: vec![None; MAX_PARTICIPANTS as usize + 1],
            spare: os::spare(),
        }))
    }

    /// Only touched when an event loop really sleeps, so a lock is cheap enough; it guards nothing a crash could leave
    /// behind, because it is private to this process.
    fn ends(&self) -> MutexGuard<'_, Ends> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Arena {
    /// Remembers how to ring an event loop: `fd` is a write end of its doorbell pipe, owned by the arena from now on.
    pub fn register_bell(&self, entry: u32, fd: i32) {
        let generation = self.entry(entry).generation;
        if let Some(end) = self.bells.ends().known.get_mut(entry as usize) {
            let old = end.replace(WriteEnd { generation, fd });
            if let Some(old) = old.filter(|old| old.fd != fd) {
                os::close(old.fd);
            }
        }
    }

    /// Closes our write end of a doorbell pipe, if there is one.
    pub(crate) fn forget_bell(&self, entry: u32) {
        if let Some(end) = self
            .bells
            .ends()
            .known
            .get_mut(entry as usize)
            .and_then(Option::take)
        {
            os::close(end.fd);
        }
    }

    /// Closes our write ends of pipes whose owners are gone: another process may have swept them, which could close only
    /// its own.
    pub fn forget_bells_of_the_gone(&self) {
        let mut ends = self.bells.ends();
        for (number, end) in (0..).zip(&mut ends.known) {
            let is_gone = |end: &mut WriteEnd| {
                let Entry {
                    state, generation, ..
                } = self.entry(number);
                // One that was rung while it left may have its pipe open still.
                end.generation != generation || !matches!(state, State::Alive | State::Reserved)
            };
            if let Some(old) = end.take_if(is_gone) {
                os::close(old.fd);
            }
        }
    }

    /// Our write end of a doorbell pipe, to be inherited by a child; `None` when we have none.
    pub fn bell_write_fd(&self, entry: u32) -> Option<i32> {
        let ends = self.bells.ends();
        ends.known
            .get(entry as usize)
            .copied()
            .flatten()
            .map(|end| end.fd)
    }

    /// Publishes where a participant's event loop listens, so that other processes can open it.
    pub fn publish_bell(&self, entry: u32, read_fd: i32) {
        let word = u32::try_from(read_fd + 1).unwrap_or(0);
        self.participant(entry, WAKE_FD_AT).store(word, SeqCst);
    }

    /// Wakes a participant, whatever it sleeps on.
    pub(crate) fn ring_participant(&self, entry: u32) {
        let bell = self.participant(entry, BELL_AT);
        bell.fetch_add(1, SeqCst);
        fence_after_rmw();
        if self.participant(entry, SLEEPING_AT).load(SeqCst) != 0 {
            self.wake(bell);
        }
        let armed = self.participant(entry, ARMED_AT);
        // One byte per sleep of the loop, however many ring: the swap finds the flag set once.
        if armed.load(SeqCst) != 0 && armed.swap(0, SeqCst) != 0 && !self.ring_pipe(entry) {
            // No byte was written: the next ringer must try again.
            armed.store(1, SeqCst);
        }
        cp!(WakeRung);
    }

    #[cfg(loom)]
    fn ring_pipe(&self, number: u32) -> bool {
        self.memory.write_pipe(number);
        true
    }

    /// Writes a byte into the pipe of an event loop; false when it lives and its pipe cannot be opened now.
    #[cfg(not(loom))]
    #[cold]
    fn ring_pipe(&self, number: u32) -> bool {
        let entry = self.entry(number);
        let mut ends = self.bells.ends();
        let Ends { known, spare } = &mut *ends;
        let Some(end) = known.get_mut(number as usize) else {
            return true;
        };
        if let Some(old) = end.filter(|end| end.generation != entry.generation) {
            os::close(old.fd);
            *end = None;
        }
        if let Some(known) = end {
            if os::ring(known.fd) {
                return true;
            }
            os::close(known.fd);
            *end = None;
        }
        let read_fd = self.participant(number, WAKE_FD_AT).load(SeqCst);
        let pid = self.pid(number);
        if read_fd == 0 {
            return true;
        }
        let mut opened = os::open_peer(pid, read_fd - 1);
        let borrowed = opened.is_err() && spare.is_some();
        if borrowed && let Some(fd) = spare.take() {
            // Perhaps no descriptor is left: then this makes room for one. Another thread may be faster to take it.
            os::close(fd);
            opened = os::open_peer(pid, read_fd - 1);
        }
        let rung = match opened {
            Ok(fd) => {
                os::ring(fd);
                if borrowed {
                    os::close(fd);
                } else {
                    *end = Some(WriteEnd {
                        generation: entry.generation,
                        fd,
                    });
                }
                true
            }
            // The pipe of the dead rings nobody.
            Err(_) => self.entry(number) != entry || self.is_dead(number),
        };
        if borrowed || spare.is_none() {
            *spare = os::spare();
        }
        rung
    }

    /// Wakes everybody: the dead may have owed somebody a wake-up. It may even have cleared an ARMED flag and died before
    /// it wrote the byte, so here the flag decides nothing.
    pub(crate) fn ring_all_after_death(&self) {
        for entry in self.alive() {
            let armed = self.participant(entry, ARMED_AT);
            armed.store(0, SeqCst);
            self.ring_participant(entry);
            if !self.ring_pipe(entry) {
                armed.store(1, SeqCst);
            }
        }
    }

    fn alive(&self) -> impl Iterator<Item = u32> {
        entries().filter(|&entry| self.entry(entry).state == State::Alive)
    }
}
