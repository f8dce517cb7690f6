//! The life of a shared object: its first word, which says whether it exists, since when, and who is making or ending it.
//!
//! Word (u64): `generation:24 << 40 | activity:27 << 13 | state:2 << 11 | owner:11`
//!
//! | from | to | by |
//! |------|----|----|
//! | FREE | BUILDING(me) | creator: the memory is its own from here on |
//! | BUILDING(me) | LIVE | creator |
//! | BUILDING(dead) | FREE, generation + 1 | the sweep of the creator |
//! | LIVE | LIVE, activity + 1 | a participant that begins to hold the object |
//! | LIVE | DYING(me) | whoever finds it held by nobody and carried by no message |
//! | DYING(dead) | DYING(me) | the sweep of `dead` goes on with the end |
//! | DYING(me) | FREE, generation + 1 | `me`, when everything in it is freed |
//!
//! The memory of an object never serves anything else, so this word can be read and changed at any time, however late:
//! the generation tells whether the object still is the one that a handle means. The activity makes the CAS to DYING fail
//! when somebody began to hold the object since its holders were looked at.
//!
//! Handle (u64): `generation:24 << 28 | block:28`, exact as a JavaScript number.

use crate::layout::OWNER_SHARED;

const OWNER_MASK: u64 = 0x7ff;
const ACTIVITY_MASK: u32 = (1 << 27) - 1;
const GENERATION_MASK: u32 = (1 << 24) - 1;
const BLOCK_MASK: u64 = (1 << 28) - 1;

/// Whether an object exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LifeState {
    Free,
    Building,
    Live,
    Dying,
}

/// The word, unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) generation: u32,
    pub(crate) activity: u32,
    pub(crate) state: LifeState,
    pub(crate) owner: u32,
}

impl Life {
    #[inline]
    pub(crate) fn parse(word: u64) -> Self {
        let state = match word >> 11 & 3 {
            0 => LifeState::Free,
            1 => LifeState::Building,
            2 => LifeState::Live,
            _ => LifeState::Dying,
        };
        Self {
            generation: (word >> 40) as u32,
            activity: (word >> 13) as u32 & ACTIVITY_MASK,
            state,
            owner: (word & OWNER_MASK) as u32,
        }
    }

    #[inline]
    pub(crate) fn word(self) -> u64 {
        u64::from(self.generation & GENERATION_MASK) << 40
            | u64::from(self.activity & ACTIVITY_MASK) << 13
            | (self.state as u64) << 11
            | u64::from(self.owner)
    }

    pub(crate) fn building(self, me: u32) -> Self {
        Self {
            state: LifeState::Building,
            owner: me,
            ..self
        }
    }

    pub(crate) fn live(self) -> Self {
        Self {
            state: LifeState::Live,
            owner: OWNER_SHARED,
            ..self
        }
    }

    pub(crate) fn busier(self) -> Self {
        Self {
            activity: self.activity + 1,
            ..self
        }
    }

    pub(crate) fn dying(self, me: u32) -> Self {
        Self {
            state: LifeState::Dying,
            owner: me,
            ..self
        }
    }

    /// Free for another object. All bits below the generation are zero then, as in memory that was never used.
    pub(crate) fn free(self) -> Self {
        Self {
            generation: (self.generation + 1) & GENERATION_MASK,
            activity: 0,
            state: LifeState::Free,
            owner: 0,
        }
    }

    /// The handle of the object in `block` in this generation.
    pub(crate) fn handle(self, block: u32) -> u64 {
        u64::from(self.generation) << 28 | u64::from(block)
    }
}

/// The block that a handle names.
#[inline]
pub(crate) fn block_of(handle: u64) -> u32 {
    (handle & BLOCK_MASK) as u32
}

/// The generation that a handle means; nothing that fits the word when the handle is damaged.
#[inline]
pub(crate) fn generation_of(handle: u64) -> u64 {
    handle >> 28
}
