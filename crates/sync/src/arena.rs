//! The shared bytes: one mapping, bounds checks, growth. The only file of this crate that turns offsets into addresses.

use crate::error::Error;
use crate::layout::*;
#[cfg(loom)]
use crate::modelled::Segment;
use crate::prim::{AtomicU32, AtomicU64, Mutex, MutexGuard, Ordering::Relaxed, PlainUsize};
#[cfg(not(loom))]
use manyhands_os::Segment;
use manyhands_os::{Lifeline, Process};
use std::sync::PoisonError;

/// Address space to reserve, best first: with less, the arena just cannot grow as far.
#[cfg(not(loom))]
const RESERVE: [usize; 4] = [64 << 30, 8 << 30, 1 << 30, 128 << 20];

/// One arena as this process sees it: the mapping, how far it may be touched, who we are.
#[derive(Debug)]
pub struct Arena {
    pub(crate) memory: Memory,
    /// Bytes known to exist; only ever grows. Taken from the kernel, never from shared words.
    bytes: PlainUsize,
    lifeline: Lifeline,
    process: Process,
    /// Threads of this process join one after another: a lifeline keeps out other processes only.
    joining: Mutex<()>,
    pub(crate) bells: crate::doorbell::Doorbells,
}

impl Arena {
    /// A new arena. The first process of a tree calls this.
    #[cfg(not(loom))]
    pub fn create() -> Result<Self, Error> {
        let segment = Segment::create(SEGMENT_BYTES, &RESERVE)?;
        let arena = Self::over(segment)?;
        arena.u32(VERSION_AT).store(VERSION, Relaxed);
        arena.u32(MAGIC_AT).store(MAGIC, Relaxed);
        Ok(arena)
    }

    /// The arena behind a descriptor that a parent passed on.
    #[cfg(not(loom))]
    pub fn attach(fd: i32) -> Result<Self, Error> {
        let segment = Segment::attach(fd, &RESERVE).map_err(|_| Error::NotAnArena)?;
        let arena = Self::over(segment)?;
        let known = arena.u32(MAGIC_AT).load(Relaxed) == MAGIC
            && arena.u32(VERSION_AT).load(Relaxed) == VERSION;
        if known {
            Ok(arena)
        } else {
            Err(Error::NotAnArena)
        }
    }

    #[cfg(not(loom))]
    fn over(segment: Segment) -> Result<Self, Error> {
        let bytes = segment.len()? & !(SEGMENT_BYTES - 1);
        if bytes == 0 {
            return Err(Error::NotAnArena);
        }
        Ok(Self {
            lifeline: Lifeline::open(segment.fd()),
            memory: Memory::new(segment),
            bytes: PlainUsize::new(bytes),
            process: Process::current(),
            joining: Mutex::new(()),
            bells: crate::doorbell::Doorbells::new(),
        })
    }

    /// An arena of `units` units whose words loom interleaves.
    #[cfg(loom)]
    pub fn modelled(units: u32) -> Self {
        let memory = Memory::new(units);
        Self {
            bytes: PlainUsize::new(memory.segment.bytes()),
            memory,
            lifeline: Lifeline::open(-1),
            process: Process::current(),
            joining: Mutex::new(()),
            bells: crate::doorbell::Doorbells::new(),
        }
    }

    /// The descriptor to pass to children.
    #[cfg(not(loom))]
    pub fn fd(&self) -> i32 {
        self.memory.segment.fd()
    }

    /// Number of segments this process knows of.
    pub fn segments(&self) -> u32 {
        (self.bytes() >> SEGMENT_SHIFT) as u32
    }

    /// Address and length of a segment; `None` when there is no such segment (yet).
    pub fn segment(&self, index: u32) -> Option<(*mut u8, usize)> {
        let offset = (index as usize).checked_shl(SEGMENT_SHIFT)?;
        self.covers(offset, SEGMENT_BYTES)
            .then(|| (self.memory.address(offset), SEGMENT_BYTES))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Relaxed)
    }

    /// Units that exist, as far as this process knows.
    pub(crate) fn units(&self) -> u32 {
        ((self.bytes() >> UNIT_SHIFT) as u32).min(MAX_UNITS)
    }

    /// Whether a range exists; asks the kernel when it is beyond what we know (another process may have grown the arena).
    #[inline]
    pub(crate) fn covers(&self, offset: usize, length: usize) -> bool {
        let Some(end) = offset.checked_add(length) else {
            return false;
        };
        end <= self.bytes() || (end <= self.memory.reserved() && self.refresh() >= end)
    }

    /// Learns the present size from the kernel.
    #[cold]
    pub(crate) fn refresh(&self) -> usize {
        #[cfg(not(loom))]
        let bytes = self.memory.segment.len().unwrap_or(0) & !(SEGMENT_BYTES - 1);
        #[cfg(loom)]
        let bytes = self.memory.segment.bytes();
        self.bytes.fetch_max(bytes, Relaxed).max(bytes)
    }

    /// Makes room for `units` more units behind the present end.
    #[cold]
    pub(crate) fn grow(&self, units: u32) -> Result<(), Error> {
        let present = self.refresh();
        let more = (units.div_ceil(SEGMENT_UNITS) as usize) << SEGMENT_SHIFT;
        let wanted = present + more;
        if wanted > self.memory.reserved() || (wanted >> UNIT_SHIFT) > MAX_UNITS as usize {
            return Err(Error::ArenaFull);
        }
        self.memory
            .segment
            .grow(wanted)
            .map_err(|_| Error::ArenaFull)?;
        self.refresh();
        Ok(())
    }

    /// Bytes of memory that the machine has.
    pub(crate) fn machine_bytes() -> u64 {
        Segment::machine_bytes()
    }

    /// Gives the pages of a range back to the system. The caller owns the range.
    pub(crate) fn punch(&self, offset: usize, length: usize) {
        self.memory.segment.punch(offset, length);
    }

    pub(crate) fn lifeline(&self) -> &Lifeline {
        &self.lifeline
    }

    pub(crate) fn joining(&self) -> MutexGuard<'_, ()> {
        self.joining.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This process.
    pub fn process(&self) -> Process {
        self.process
    }

    /// The shared word at `offset`. Offsets outside the arena, which only corrupt words can yield, land in a private
    /// word: such an operation fails by its own checks, it cannot touch foreign memory.
    #[inline]
    pub(crate) fn u32(&self, offset: usize) -> &AtomicU32 {
        if offset + 4 <= self.bytes() && offset.is_multiple_of(4) {
            self.memory.u32(offset)
        } else {
            &self.memory.sink32
        }
    }

    /// Like [`Arena::u32`], for 64-bit words.
    #[inline]
    pub(crate) fn u64(&self, offset: usize) -> &AtomicU64 {
        if offset + 8 <= self.bytes() && offset.is_multiple_of(8) {
            self.memory.u64(offset)
        } else {
            &self.memory.sink64
        }
    }

    /// A word of a participant's entry.
    #[inline]
    pub(crate) fn participant(&self, entry: u32, word: usize) -> &AtomicU32 {
        self.u32(PARTICIPANTS_AT + entry as usize * PARTICIPANT_BYTES + word)
    }

    /// Address of `length` payload bytes; `None` when they are not all inside the arena.
    pub(crate) fn address(&self, offset: usize, length: usize) -> Option<*mut u8> {
        self.covers(offset, length)
            .then(|| self.memory.address(offset))
    }

    /// Begins to fetch the first lines of a block that is about to be taken. Any handle will do: a hint reads nothing.
    #[inline]
    pub(crate) fn fetch(&self, handle: u32) {
        self.memory.fetch(handle as usize * GRANULE as usize);
    }

    /// Sleeps while the word at `offset` still is `expected`.
    pub(crate) fn wait(&self, word: &AtomicU32, expected: u32, limit: std::time::Duration) {
        self.memory.wait(word, expected, limit);
    }

    pub(crate) fn wake(&self, word: &AtomicU32) {
        self.memory.wake(word);
    }
}

#[cfg(loom)]
pub(crate) use crate::modelled::Memory;
#[cfg(not(loom))]
pub(crate) use mapped::Memory;

#[cfg(not(loom))]
mod mapped {
    use crate::prim::{AtomicU32, AtomicU64};
    use manyhands_os::Segment;
    use std::time::Duration;

    /// Shared words as addresses in the mapping.
    #[derive(Debug)]
    pub(crate) struct Memory {
        pub(crate) segment: Segment,
        pub(crate) sink32: AtomicU32,
        pub(crate) sink64: AtomicU64,
    }

    impl Memory {
        pub(crate) fn new(segment: Segment) -> Self {
            Self {
                segment,
                sink32: AtomicU32::new(0),
                sink64: AtomicU64::new(0),
            }
        }

        pub(crate) fn reserved(&self) -> usize {
            self.segment.reserved()
        }

        #[inline]
        pub(crate) fn address(&self, offset: usize) -> *mut u8 {
            self.segment.base().wrapping_add(offset)
        }

        #[inline]
        pub(crate) fn u32(&self, offset: usize) -> &AtomicU32 {
            // SAFETY: the caller checked that the four bytes exist and are aligned; shared words are only ever accessed
            // atomically by this crate, the mapping outlives `self`, and any bit pattern is a valid u32.
            unsafe { AtomicU32::at(self.address(offset)) }
        }

        #[inline]
        pub(crate) fn u64(&self, offset: usize) -> &AtomicU64 {
            // SAFETY: as for `u32`, with eight bytes.
            unsafe { AtomicU64::at(self.address(offset)) }
        }

        #[inline]
        pub(crate) fn fetch(&self, offset: usize) {
            #[cfg(target_arch = "x86_64")]
            {
                use std::arch::x86_64::{_MM_HINT_ET0, _MM_HINT_T0, _mm_prefetch};
                // The header, whose owner is written, and the first payload bytes.
                // SAFETY: hints cannot fault, whatever the address.
                unsafe {
                    _mm_prefetch::<_MM_HINT_ET0>(self.address(offset).cast_const().cast());
                    _mm_prefetch::<_MM_HINT_T0>(self.address(offset + 64).cast_const().cast());
                    _mm_prefetch::<_MM_HINT_T0>(self.address(offset + 128).cast_const().cast());
                }
            }
            #[cfg(not(target_arch = "x86_64"))]
            let _ = offset;
        }

        pub(crate) fn wait(&self, word: &AtomicU32, expected: u32, limit: Duration) {
            manyhands_os::wait(word.address(), expected, limit);
        }

        pub(crate) fn wake(&self, word: &AtomicU32) {
            manyhands_os::wake(word.address());
        }
    }
}
