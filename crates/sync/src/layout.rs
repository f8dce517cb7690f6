//! Where everything lies in the arena, and how words are packed. No code here touches memory.
//!
//! ```text
//! offset (bytes)   what
//! 0                page 0: magic, version, round-robin cursor
//! PARTICIPANTS_AT  1024 entries of 128 bytes (entry 0 is never used)
//! UNITS_AT         owner table: one u32 per unit of 64 KiB
//! FIRST_UNIT       units: slabs of small blocks, slabs of shared objects, or extents
//! ```

#[cfg(not(loom))]
mod sizes {
    /// Highest participant number; 10 bits, 0 means nobody.
    pub const MAX_PARTICIPANTS: u32 = 1023;
    /// log2 of the bytes of a unit.
    pub const UNIT_SHIFT: u32 = 16;
    /// log2 of the bytes of a segment, the step of growth and the window JavaScript sees.
    pub const SEGMENT_SHIFT: u32 = 24;
    /// Units a 28-bit handle can name: 64 GiB.
    pub const MAX_UNITS: u32 = 1 << 20;
    /// Bytes (header included) of the classes of small blocks, then of shared objects, then of segments of queues.
    pub const CLASS_BYTES: [u32; 9] = [256, 1024, 4096, 16384, 512, 1024, 2048, 8192, 2048];
    /// The first so many classes are blocks; what is in a slab of the others is never anything but a shared object.
    pub const BLOCK_CLASSES: usize = 4;
    /// Extents up to this many units lie in one segment, so that one window shows all of a message: 8 MiB.
    pub const UNSPLIT_UNITS: u32 = 128;
    /// Participants in a word of a bitmap.
    pub const BITMAP_BITS: u32 = 64;
}

/// Sizes small enough that loom can walk through every word.
#[cfg(loom)]
#[allow(missing_docs, reason = "the same names as above")]
mod sizes {
    pub const MAX_PARTICIPANTS: u32 = 3;
    pub const UNIT_SHIFT: u32 = 11;
    pub const SEGMENT_SHIFT: u32 = 16;
    pub const MAX_UNITS: u32 = 32;
    pub const CLASS_BYTES: [u32; 3] = [256, 2048, 512];
    pub const BLOCK_CLASSES: usize = 1;
    pub const UNSPLIT_UNITS: u32 = 16;
    /// Three participants are in two words.
    pub const BITMAP_BITS: u32 = 2;
}

pub use sizes::*;

/// First word of every arena.
pub const MAGIC: u32 = 0x4d48_4e44;
/// Changes with every change of this file.
pub const VERSION: u32 = 3;
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
/// Offset of the owner table of units.
pub const UNITS_AT: usize = PARTICIPANTS_AT + (MAX_PARTICIPANTS as usize + 1) * PARTICIPANT_BYTES;
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
/// | 0 | owner of a small block: 0 free, else participant, else `OWNER_SHARED`; unused in extents (their owner is in the unit table) |
/// | 1 | size in granules, header included |
/// | 2 | payload bytes in use |
/// | 3 | handle of the next block of the message, 0 = last |
/// | 4 | flags: bit 0 LEASED, bit 1 CARRIER, bits 8..15 deliveries that died |
/// | 5 | free for the users of the core; of the body of a shared object: the block of the object |
/// | 6 | free for the users of the core, zeroed by `alloc`: what a user wrote there tells this use of the block from a later one |
/// | 7..13 | free for the users of the core |
/// | 14 | of a CARRIER: where in the payload its list of handles is |
/// | 15 | free for the users of the core |
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
/// Header word 6: free for the users of the core; zeroed by `alloc`.
pub const TAG_WORD: usize = 6;
/// The producer stays owner of the message; consumers only borrow it.
pub const FLAG_LEASED: u32 = 1;
/// The message has a list of handles in it: `count:u32, 0:u32`, then the handles, 8 bytes each.
pub const FLAG_CARRIER: u32 = 2;
/// Header word 14, see `FLAG_CARRIER`.
pub const LIST_WORD: usize = 14;
/// One more delivery that died, in the flags word.
pub const ATTEMPT: u32 = 1 << 8;
/// All attempt bits.
pub const ATTEMPTS: u32 = 0xff << 8;
/// Owner of live shared objects and of their bodies: freed by whoever finds that nobody holds the object any more.
pub const OWNER_SHARED: u32 = 1024;
/// Longest chain of blocks in one message; a longer one is taken for a cycle.
pub const MAX_CHAIN: u32 = 1024;
/// Words of a bitmap of participants.
pub const BITMAP_WORDS: u32 = (MAX_PARTICIPANTS + 1).div_ceil(BITMAP_BITS);
/// Bytes of such a bitmap, with the word in front that says which words were ever used.
pub const BITMAP_BYTES: usize = 8 * (1 + BITMAP_WORDS as usize);

// Shared object: these, then what its kind needs. `life.rs` has the first word.
/// State, owner, activity and generation.
pub const LIFE_AT: usize = 0;
/// What kind of object it is.
pub const OBJECT_KIND_AT: usize = 8;
/// Flags of any object.
pub const OBJECT_FLAGS_AT: usize = 12;
/// A block that belongs to the object, 0 = none.
pub const BODY_AT: usize = 16;
/// Participants that hold the object.
pub const HOLDERS_AT: usize = 64;
/// Messages that carry the object, by block.
pub const CARRIERS_AT: usize = HOLDERS_AT + BITMAP_BYTES;
/// How many of them are listed; more set `OBJECT_CROWDED`.
pub const CARRIER_SLOTS: u32 = 14;
/// The object was in more messages at a time than it can list: the last holder has to look through all messages.
pub const OBJECT_CROWDED: u32 = 1;
/// What a kind of object adds.
pub const OBJECT_HEADER_BYTES: usize = 256;

/// An object that lives as long as this one, 0 = none.
pub const LINK_AT: usize = 24;
/// What its users call it.
pub const LINK_KIND_AT: usize = 20;

// Locks, events, semaphores, conditions, barriers.
/// The state of a small object: its words are with its kind.
pub const STATE_AT: usize = 256;
/// Who sleeps on a small object.
pub const WAITERS_AT: usize = 320;
/// Bytes of an object that has nothing but these two.
pub const SMALL_OBJECT_BYTES: usize = WAITERS_AT + BITMAP_BYTES;
/// Permits of a semaphore.
pub const PERMITS_AT: usize = 512;
/// Tallies of a condition, one per participant.
pub const TALLIES_AT: usize = 512;

// A ring of slots, from some offset on. Tail and head have lines of their own.
/// Hint: where to put.
pub const TAIL_AT: usize = 0;
/// Hint: where to take.
pub const HEAD_AT: usize = 128;

// Queue: a shared object with a ring or, without a limit, a chain of segments.
/// The ring of a queue with a limit.
pub const RING_AT: usize = 256;
/// Capacity, 0 = no limit.
pub const CAPACITY_AT: usize = 512;
/// Bumped by a sweep before and after it puts slots back behind head.
pub const EPOCH_AT: usize = 516;
/// The epoch up to which consumers have looked behind head.
pub const EPOCH_DONE_AT: usize = 520;
/// What the queue refuses: see `queue.rs`.
pub const QUEUE_FLAGS_AT: usize = 524;
/// Oldest segment.
pub const OLDEST_AT: usize = 528;
/// Hint: the segment to take from.
pub const TAKE_FROM_AT: usize = 536;
/// Hint: the segment to put into.
pub const PUT_INTO_AT: usize = 544;
/// Sleeping consumers.
pub const CONSUMERS_AT: usize = 576;
/// Sleeping producers.
pub const PRODUCERS_AT: usize = CONSUMERS_AT + BITMAP_BYTES;
/// First slot of a small ring; that of a larger one lies in the body, behind the accounts if there are any.
pub const SLOTS_AT: usize = 1024;
/// Largest capacity of a queue.
pub const MAX_CAPACITY: u32 = 1 << 24;

// Accounts of a queue that counts its tasks: the first bytes of the body's payload. See `tasks.rs`.
/// How often somebody began to wait, and how often nothing was seen unfinished.
pub const TASKS_ZEROS_AT: usize = 0;
/// Who waits until all is done.
pub const TASKS_JOINERS_AT: usize = 64;
/// Participants with an account.
pub const TASKS_KNOWN_AT: usize = TASKS_JOINERS_AT + BITMAP_BYTES.next_multiple_of(64);
/// The accounts, by participant; the first is nobody's.
pub const TASKS_ACCOUNTS_AT: usize = TASKS_KNOWN_AT + BITMAP_BYTES.next_multiple_of(64);
/// Bytes of an account.
pub const ACCOUNT_BYTES: usize = 24;
/// What its participant has put.
pub const ACCOUNT_PUT_AT: usize = 0;
/// What it was given, and what of that is done.
pub const ACCOUNT_WORK_AT: usize = 8;
/// What it is being given.
pub const ACCOUNT_TAKE_AT: usize = 16;
/// Bytes of all that.
pub const TASKS_BYTES: usize = TASKS_ACCOUNTS_AT + (MAX_PARTICIPANTS as usize + 1) * ACCOUNT_BYTES;

// Segment: slots that are each used once.
/// The class of segments: their memory is never anything else.
pub const SEGMENT_CLASS: usize = CLASS_BYTES.len() - 1;
/// The segment after it: see `segments.rs`.
pub const SEGMENT_NEXT_AT: usize = 24;
/// Handle of its queue.
pub const SEGMENT_QUEUE_AT: usize = 32;
/// The ring of a segment.
pub const SEGMENT_RING_AT: usize = 128;
/// First slot of a segment.
pub const SEGMENT_SLOTS_AT: usize = 384;
/// Slots of a segment.
pub const SEGMENT_CAPACITY: u32 = (CLASS_BYTES[SEGMENT_CLASS] - SEGMENT_SLOTS_AT as u32) / 8;

const _: () = assert!(
    MAX_UNITS as u64 * UNIT_HANDLES as u64 <= 1 << 28,
    "handles have 28 bits"
);
const _: () = assert!(CARRIERS_AT + 4 * CARRIER_SLOTS as usize <= OBJECT_HEADER_BYTES);
const _: () = assert!(PRODUCERS_AT + BITMAP_BYTES <= SLOTS_AT);
const _: () = assert!(FIRST_UNIT < SEGMENT_UNITS);
