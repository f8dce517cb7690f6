//! Where everything lies in the arena, and how words are packed. No code here touches memory.
//!
//! ```text
//! offset (bytes)   what
//! 0                page 0: magic, version, round-robin cursor
//! PARTICIPANTS_AT  1024 entries of 128 bytes (entry 0 is never used)
//! QUEUES_AT        4096 queue entries, one u64 each (entry 0 is never used)
//! UNITS_AT         owner table: one u32 per unit of 64 KiB
//! FIRST_UNIT       units: slabs of small blocks, or extents
//! ```

#[cfg(not(loom))]
mod sizes {
    /// Highest participant number; 10 bits, 0 means nobody.
    pub const MAX_PARTICIPANTS: u32 = 1023;
    /// Queue entries, entry 0 unused.
    pub const QUEUE_ENTRIES: u32 = 4096;
    /// log2 of the bytes of a unit.
    pub const UNIT_SHIFT: u32 = 16;
    /// log2 of the bytes of a segment, the step of growth and the window JavaScript sees.
    pub const SEGMENT_SHIFT: u32 = 24;
    /// Units a 28-bit handle can name: 64 GiB.
    pub const MAX_UNITS: u32 = 1 << 20;
    /// Bytes (header included) of the small block classes.
    pub const CLASS_BYTES: [u32; 4] = [256, 1024, 4096, 16384];
    /// Extents up to this many units lie in one segment, so that one window shows all of a message: 8 MiB.
    pub const UNSPLIT_UNITS: u32 = 128;

    // Queue block: header, then these lines, then the slots.
    /// Hint: where to put.
    pub const TAIL_AT: usize = 128;
    /// Hint: where to take.
    pub const HEAD_AT: usize = 256;
    /// Capacity, redelivery epoch, redelivery done: read by everybody, written rarely.
    pub const CAPACITY_AT: usize = 384;
    /// Sleeping consumers: a word of used words, then a bitmap of participants.
    pub const CONSUMERS_AT: usize = 512;
    /// Sleeping producers, same shape.
    pub const PRODUCERS_AT: usize = 768;
    /// First slot.
    pub const SLOTS_AT: usize = 1024;
}

/// Sizes small enough that loom can walk through every word.
#[cfg(loom)]
#[allow(missing_docs, reason = "the same names as above")]
mod sizes {
    pub const MAX_PARTICIPANTS: u32 = 3;
    pub const QUEUE_ENTRIES: u32 = 2;
    pub const UNIT_SHIFT: u32 = 9;
    pub const SEGMENT_SHIFT: u32 = 14;
    pub const MAX_UNITS: u32 = 32;
    pub const CLASS_BYTES: [u32; 1] = [256];
    pub const UNSPLIT_UNITS: u32 = 16;
    pub const TAIL_AT: usize = 96;
    pub const HEAD_AT: usize = 104;
    pub const CAPACITY_AT: usize = 112;
    pub const CONSUMERS_AT: usize = 128;
    pub const PRODUCERS_AT: usize = 160;
    /// A small block has room for two.
    pub const SLOTS_AT: usize = 240;
}

pub use sizes::*;

/// First word of every arena.
pub const MAGIC: u32 = 0x4d48_4e44;
/// Changes with every change of this file.
pub const VERSION: u32 = 1;
/// Offset of the magic word.
pub const MAGIC_AT: usize = 0;
/// Offset of the version word.
pub const VERSION_AT: usize = 4;
/// Where the search for a free participant entry goes on: entries are reused as late as possible.
pub const CURSOR_AT: usize = 8;

/// Offset of the participant table.
pub const PARTICIPANTS_AT: usize = 4096;
/// Bytes of a participant entry (two cache lines: neighbours must not disturb each other).
pub const PARTICIPANT_BYTES: usize = 128;
/// Offset of the queue table.
pub const QUEUES_AT: usize = PARTICIPANTS_AT + (MAX_PARTICIPANTS as usize + 1) * PARTICIPANT_BYTES;
/// Offset of the owner table of units.
pub const UNITS_AT: usize = QUEUES_AT + QUEUE_ENTRIES as usize * 8;
/// Bytes of a unit.
pub const UNIT_BYTES: u32 = 1 << UNIT_SHIFT;
/// The first unit that blocks may use.
pub const FIRST_UNIT: u32 =
    ((UNITS_AT + MAX_UNITS as usize * 4).div_ceil(UNIT_BYTES as usize)) as u32;
/// Bytes of a segment.
pub const SEGMENT_BYTES: usize = 1 << SEGMENT_SHIFT;
/// Units in a segment.
pub const SEGMENT_UNITS: u32 = 1 << (SEGMENT_SHIFT - UNIT_SHIFT);
/// Granule of block handles: handle = byte offset / 256.
pub const GRANULE: u32 = 256;
/// Handles per unit.
pub const UNIT_HANDLES: u32 = UNIT_BYTES / GRANULE;

/// Block header: 16 words, then the payload.
///
/// | word | meaning |
/// |------|---------|
/// | 0 | owner of a small block: 0 free, else participant, else `OWNER_QUEUE`; unused in extents (their owner is in the unit table) |
/// | 1 | size in granules, header included |
/// | 2 | payload bytes in use |
/// | 3 | handle of the next block of the message, 0 = last |
/// | 4 | flags: bit 0 LEASED, bits 8..15 deliveries that died |
/// | 5..15 | free for the users of the core |
pub const HEADER_BYTES: u32 = 64;
/// Header word 0.
pub const OWN_WORD: usize = 0;
/// Header word 1.
pub const SIZE_WORD: usize = 1;
/// Header word 2.
pub const LENGTH_WORD: usize = 2;
/// Header word 3.
pub const NEXT_WORD: usize = 3;
/// Header word 4.
pub const FLAGS_WORD: usize = 4;
/// Header word 5: free for the users of the core; zeroed by `alloc`.
pub const KIND_WORD: usize = 5;
/// The producer stays owner of the message; consumers only borrow it.
pub const FLAG_LEASED: u32 = 1;
/// One more delivery that died, in the flags word.
pub const ATTEMPT: u32 = 1 << 8;
/// All attempt bits.
pub const ATTEMPTS: u32 = 0xff << 8;
/// Owner of blocks that hold a queue: reached through the queue table, never freed.
pub const OWNER_QUEUE: u32 = 1024;
/// Longest chain of blocks in one message; a longer one is taken for a cycle.
pub const MAX_CHAIN: u32 = 1024;

/// Bumped by a sweep before and after it puts slots back behind head.
pub const EPOCH_AT: usize = CAPACITY_AT + 4;
/// The epoch up to which consumers have looked behind head.
pub const EPOCH_DONE_AT: usize = CAPACITY_AT + 8;
/// Largest capacity of a queue.
pub const MAX_CAPACITY: u32 = 1 << 24;
/// Words of a waiter bitmap.
pub const BITMAP_WORDS: u32 = (MAX_PARTICIPANTS + 1).div_ceil(64);

const _: () = assert!(
    MAX_UNITS as u64 * UNIT_HANDLES as u64 <= 1 << 28,
    "handles have 28 bits"
);
const _: () = assert!(CONSUMERS_AT + 8 * (1 + BITMAP_WORDS as usize) <= PRODUCERS_AT);
const _: () = assert!(PRODUCERS_AT + 8 * (1 + BITMAP_WORDS as usize) <= SLOTS_AT);
const _: () = assert!(QUEUES_AT.is_multiple_of(8) && FIRST_UNIT < SEGMENT_UNITS);
