//! What became of every message, in shared memory of its own, so that it survives whoever wrote it.
//!
//! | byte of a message | meaning |
//! |-------------------|---------|
//! | bit 0 | BEGUN: its producer is about to put it |
//! | bit 1 | PUT: `put` has returned |
//! | bits 2..7 | how often it was delivered |

use manyhands_os::Segment;
use std::os::fd::{IntoRawFd, RawFd};
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering::SeqCst};

const BEGUN: u8 = 1;
const PUT: u8 = 2;
const DELIVERY: u8 = 4;

const IDS: u32 = 48 << 20;
const IDS_AT: usize = 4096;
const DESKS_AT: usize = 1024;
/// Desks: one per member that may take messages.
pub(crate) const DESKS: u32 = 64;

/// Shared counters, by word.
#[derive(Clone, Copy)]
pub(crate) enum Count {
    Phase,
    NextId,
    NextProducer,
    Delivered,
    Redelivered,
    Damaged,
    OutOfOrder,
    Abandoned,
}

/// What the children shall do.
pub(crate) const RUN: u32 = 0;
pub(crate) const NO_MORE_PUTS: u32 = 1;
pub(crate) const FINISH: u32 = 2;

pub(crate) struct Ledger(Segment);

/// The sums of one round.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sums {
    pub(crate) messages: u64,
    pub(crate) missing: u64,
    pub(crate) duplicated: u64,
}

impl Ledger {
    pub(crate) fn create() -> Self {
        let bytes = IDS_AT + IDS as usize;
        Self(Segment::create(bytes, &[bytes]).unwrap())
    }

    /// The ledger that process `parent` knows as `fd`.
    pub(crate) fn open(parent: u32, fd: u32) -> Self {
        let file = std::fs::File::options()
            .read(true)
            .write(true)
            .open(format!("/proc/{parent}/fd/{fd}"))
            .unwrap();
        Self(Segment::attach(file.into_raw_fd(), &[IDS_AT + IDS as usize]).unwrap())
    }

    pub(crate) fn fd(&self) -> RawFd {
        self.0.fd()
    }

    /// Forgets every message; only while nobody else uses the ledger.
    pub(crate) fn clear(&self) {
        self.0.punch(0, IDS_AT + IDS as usize);
    }

    fn word(&self, offset: usize) -> &AtomicU32 {
        // SAFETY: aligned and inside the segment, which is never unmapped; all accesses are atomic.
        unsafe { &*self.0.base().add(offset).cast() }
    }

    pub(crate) fn count(&self, count: Count) -> &AtomicU32 {
        self.word(count as usize * 4)
    }

    pub(crate) fn add(&self, count: Count) {
        self.count(count).fetch_add(1, SeqCst);
    }

    pub(crate) fn get(&self, count: Count) -> u32 {
        self.count(count).load(SeqCst)
    }

    pub(crate) fn phase(&self) -> u32 {
        self.get(Count::Phase)
    }

    /// Where a member notes (as id + 1) what it holds between the begin and the end of a take.
    pub(crate) fn desk(&self, desk: u32) -> &AtomicU32 {
        self.word(DESKS_AT + (desk % DESKS) as usize * 4)
    }

    fn id(&self, id: u32) -> &AtomicU8 {
        // SAFETY: as for `word`; ids come from `new_id` or are checked by the caller.
        unsafe { &*self.0.base().add(IDS_AT + (id % IDS) as usize).cast() }
    }

    pub(crate) fn new_id(&self) -> Option<u32> {
        let id = self.count(Count::NextId).fetch_add(1, SeqCst);
        (id < IDS).then_some(id)
    }

    pub(crate) fn begin(&self, id: u32) {
        self.id(id).fetch_or(BEGUN, SeqCst);
    }

    pub(crate) fn put(&self, id: u32) {
        self.id(id).fetch_or(PUT, SeqCst);
    }

    pub(crate) fn delivered(&self, id: u32) {
        self.id(id).fetch_add(DELIVERY, SeqCst);
        self.add(Count::Delivered);
    }

    /// Goes through all messages; calls `missing` for those that were put and never delivered.
    pub(crate) fn sum(&self, mut missing: impl FnMut(u32)) -> Sums {
        let mut sums = Sums::default();
        for id in 0..self.get(Count::NextId).min(IDS) {
            let word = self.id(id).load(SeqCst);
            let deliveries = u64::from(word / DELIVERY);
            sums.messages += u64::from(word & PUT != 0 || deliveries > 0);
            sums.duplicated += deliveries.saturating_sub(1);
            // Delivered although nobody ever put it: as wrong as a duplicate.
            sums.duplicated += u64::from(deliveries > 0 && word & BEGUN == 0);
            if word & PUT != 0 && deliveries == 0 {
                sums.missing += 1;
                missing(id);
            }
        }
        sums
    }
}
