//! The arena as loom sees it: one atomic for every word that a small arena uses, and the parts of the kernel the core
//! relies on: who is dead, sleeping on a word, bytes in a pipe. All of it is blocking without time limits, so that a lost
//! wake-up is a deadlock, which loom reports.

use crate::arena::Arena;
use crate::layout::*;
use crate::participants::{ARMED_AT, entries};
use crate::prim::{
    AtomicU32, AtomicU64, Condvar, Mutex,
    Ordering::{Relaxed, SeqCst},
};
use loom::cell::UnsafeCell;
use std::collections::HashMap;
use std::sync::PoisonError;
use std::time::Duration;

/// What the kernel knows.
#[derive(Debug, Default)]
struct Kernel {
    /// Bitmaps of entries.
    dead: u32,
    bytes_in_pipe: u32,
}

/// Stands for the memfd.
#[derive(Debug)]
pub(crate) struct Segment {
    bytes: usize,
}

impl Segment {
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// This arena has all the bytes it will ever have.
    pub(crate) fn grow(&self, bytes: usize) -> Result<(), ()> {
        if bytes <= self.bytes { Ok(()) } else { Err(()) }
    }

    pub(crate) fn machine_bytes() -> u64 {
        0
    }

    pub(crate) fn punch(&self, _offset: usize, _bytes: usize) {}
}

/// Shared words by offset. They all exist from the start: loom wants an atomic made before the threads that use it.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) segment: Segment,
    words32: HashMap<usize, AtomicU32>,
    words64: HashMap<usize, AtomicU64>,
    /// What each block carries, without atomics: loom reports any access that the owner words do not order.
    payloads: HashMap<usize, UnsafeCell<u32>>,
    kernel: Mutex<Kernel>,
    changed: Condvar,
    pub(crate) sink32: AtomicU32,
    pub(crate) sink64: AtomicU64,
}

fn bitmap_words(at: usize) -> impl Iterator<Item = usize> {
    (at..at + BITMAP_BYTES).step_by(8)
}

impl Memory {
    pub(crate) fn fetch(&self, _: usize) {}

    pub(crate) fn new(units: u32) -> Self {
        let end = FIRST_UNIT + units;
        let mut offsets32 = vec![MAGIC_AT, VERSION_AT, CURSOR_AT];
        let mut offsets64 = Vec::new();
        for entry in entries() {
            let at = PARTICIPANTS_AT + entry as usize * PARTICIPANT_BYTES;
            offsets32.extend([8, 12, 64, 68, 72, 76, 80].map(|word| at + word));
            offsets64.extend([0, 16].map(|word| at + word));
        }
        offsets32.extend((FIRST_UNIT..end).map(|unit| UNITS_AT + unit as usize * 4));
        let blocks = FIRST_UNIT * UNIT_HANDLES..end * UNIT_HANDLES;
        let blocks: Vec<usize> = blocks.map(|handle| (handle * GRANULE) as usize).collect();
        for &at in &blocks {
            offsets32.extend((OWN_WORD..=TAG_WORD).map(|word| at + word * 4));
        }
        // The body of a queue that counts its tasks is an extent.
        for unit in FIRST_UNIT..end {
            let tasks = (unit * UNIT_BYTES + HEADER_BYTES) as usize;
            offsets64.push(tasks + TASKS_ZEROS_AT);
            for bitmap in [TASKS_JOINERS_AT, TASKS_KNOWN_AT] {
                offsets64.extend(bitmap_words(tasks + bitmap));
            }
            let accounts = TASKS_ACCOUNTS_AT..TASKS_BYTES;
            offsets64.extend(accounts.step_by(8).map(|word| tasks + word));
        }
        let chunks = |bytes: u32| {
            let units = (FIRST_UNIT * UNIT_BYTES) as usize..(end * UNIT_BYTES) as usize;
            units.step_by(bytes as usize)
        };
        for at in chunks(CLASS_BYTES[BLOCK_CLASSES]) {
            let words = [
                OBJECT_KIND_AT,
                OBJECT_FLAGS_AT,
                BODY_AT,
                CAPACITY_AT,
                EPOCH_AT,
            ];
            offsets32.extend(words.map(|word| at + word));
            offsets32.extend([EPOCH_DONE_AT, QUEUE_FLAGS_AT].map(|word| at + word));
            offsets32.extend((0..CARRIER_SLOTS as usize).map(|slot| at + CARRIERS_AT + slot * 4));
            for bitmap in [HOLDERS_AT, CONSUMERS_AT, PRODUCERS_AT] {
                offsets64.extend(bitmap_words(at + bitmap));
            }
            // Locks, semaphores, events, conditions and barriers; a barrier has two bitmaps more.
            offsets32.extend([LINK_KIND_AT, STATE_AT, STATE_AT + 4].map(|word| at + word));
            offsets32.extend([8, 12, 16].map(|word| at + STATE_AT + word));
            offsets32.extend(entries().map(|entry| at + TALLIES_AT + entry as usize * 4));
            offsets32.push(at + PERMITS_AT);
            for bitmap in 0..3 {
                offsets64.extend(bitmap_words(at + WAITERS_AT + bitmap * BITMAP_BYTES));
            }
            let words = [OLDEST_AT, TAKE_FROM_AT, PUT_INTO_AT, SLOTS_AT, SLOTS_AT + 8];
            offsets64.extend(words.map(|word| at + word));
            offsets64.extend([LIFE_AT, RING_AT + TAIL_AT, RING_AT + HEAD_AT].map(|word| at + word));
        }
        for at in chunks(CLASS_BYTES[SEGMENT_CLASS]) {
            let ring = at + SEGMENT_RING_AT;
            offsets32.push(at + OBJECT_KIND_AT);
            offsets64.extend([LIFE_AT, SEGMENT_NEXT_AT, SEGMENT_QUEUE_AT].map(|word| at + word));
            offsets64.extend([ring + TAIL_AT, ring + HEAD_AT]);
            let slots = 0..SEGMENT_CAPACITY as usize;
            offsets64.extend(slots.map(|slot| at + SEGMENT_SLOTS_AT + slot * 8));
        }
        Self {
            segment: Segment {
                bytes: (end * UNIT_BYTES) as usize,
            },
            words32: offsets32
                .into_iter()
                .map(|at| (at, AtomicU32::new(0)))
                .collect(),
            words64: offsets64
                .into_iter()
                .map(|at| (at, AtomicU64::new(0)))
                .collect(),
            payloads: blocks
                .into_iter()
                .map(|at| (at, UnsafeCell::new(0)))
                .collect(),
            kernel: Mutex::new(Kernel::default()),
            changed: Condvar::new(),
            sink32: AtomicU32::new(0),
            sink64: AtomicU64::new(0),
        }
    }

    pub(crate) fn reserved(&self) -> usize {
        self.segment.bytes
    }

    /// Addresses mean nothing here; nobody follows them.
    pub(crate) fn address(&self, _offset: usize) -> *mut u8 {
        std::ptr::dangling_mut()
    }

    pub(crate) fn u32(&self, offset: usize) -> &AtomicU32 {
        match self.words32.get(&offset) {
            Some(word) => word,
            // Searches look a little beyond the last unit: nothing is there.
            None if (UNITS_AT..(FIRST_UNIT * UNIT_BYTES) as usize).contains(&offset) => {
                &self.sink32
            }
            None => panic!("no 32-bit word is modelled at {offset}"),
        }
    }

    pub(crate) fn u64(&self, offset: usize) -> &AtomicU64 {
        let word = self.words64.get(&offset);
        word.unwrap_or_else(|| panic!("no 64-bit word is modelled at {offset}"))
    }

    /// Futex: the comparison and going to sleep are one step.
    pub(crate) fn wait(&self, word: &AtomicU32, expected: u32, _limit: Duration) {
        let kernel = self.kernel.lock().unwrap_or_else(PoisonError::into_inner);
        if word.load(Relaxed) == expected {
            drop(self.changed.wait(kernel));
        }
    }

    pub(crate) fn wake(&self, _word: &AtomicU32) {
        let kernel = self.kernel.lock().unwrap_or_else(PoisonError::into_inner);
        self.changed.notify_all();
        drop(kernel);
    }

    pub(crate) fn write_pipe(&self, entry: u32) {
        let mut kernel = self.kernel.lock().unwrap_or_else(PoisonError::into_inner);
        kernel.bytes_in_pipe |= 1 << entry;
        self.changed.notify_all();
    }

    pub(crate) fn is_dead(&self, entry: u32) -> bool {
        let kernel = self.kernel.lock().unwrap_or_else(PoisonError::into_inner);
        kernel.dead & 1 << entry != 0
    }
}

impl Arena {
    /// From now on the kernel says that the participant is dead. Its thread must have taken its last step.
    pub fn model_death(&self, entry: u32) {
        let kernel = self.memory.kernel.lock();
        kernel.unwrap_or_else(PoisonError::into_inner).dead |= 1 << entry;
    }

    /// A new participant may join as this entry.
    pub fn model_revival(&self, entry: u32) {
        let kernel = self.memory.kernel.lock();
        kernel.unwrap_or_else(PoisonError::into_inner).dead &= !(1 << entry);
    }

    /// An event loop: sleeps until a byte is in its pipe, and reads it.
    pub fn model_event_loop(&self, entry: u32) {
        let mut kernel = self
            .memory
            .kernel
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        while kernel.bytes_in_pipe & 1 << entry == 0 {
            let woken = self.memory.changed.wait(kernel);
            kernel = woken.unwrap_or_else(PoisonError::into_inner);
        }
        kernel.bytes_in_pipe &= !(1 << entry);
    }

    /// The last steps of a ringer: it takes the ARMED flag away and dies before it writes the byte.
    pub fn model_dying_ring(&self, entry: u32) {
        self.participant(entry, ARMED_AT).swap(0, SeqCst);
    }

    /// Writes the payload of a block, not atomically.
    pub fn model_write(&self, handle: u32, value: u32) {
        let cell = &self.memory.payloads[&((handle * GRANULE) as usize)];
        // SAFETY: loom checks that no other access can happen at the same time.
        cell.with_mut(|payload| unsafe { *payload = value });
    }

    /// Reads the payload of a block, not atomically.
    pub fn model_read(&self, handle: u32) -> u32 {
        let cell = &self.memory.payloads[&((handle * GRANULE) as usize)];
        // SAFETY: as above.
        cell.with(|payload| unsafe { *payload })
    }
}
