//! The words of a queue: slots and positions.
//!
//! Slot (u64): `turn:24 << 40 | state:2 << 38 | owner:10 << 28 | block:28`
//!
//! | from | to | by |
//! |------|----|----|
//! | EMPTY(turn) | READY(turn, block) | put: publishes the whole message |
//! | READY(turn, block) | TAKEN(turn, me, block) | take begins: the message has a consumer, but is not delivered |
//! | TAKEN(turn, me, block) | EMPTY(turn + 1) | take finishes: delivered; the block belongs to `me` since before |
//! | TAKEN(turn, dead, block) | READY(turn, block) | the sweep of `dead`: to be delivered again |
//! | EMPTY(turn) | CLOSED(turn) | destruction |
//! | TAKEN(turn, closer, block) | CLOSED(turn + 1) | destruction, which frees the message |
//! | CLOSED | EMPTY(later turn) | re-use of the memory by a new queue, unreachable meanwhile |
//!
//! Turns only grow, also across re-use, so a delayed CAS always fails.
//!
//! Position (u64): `turn:24 << 32 | index:32`. Tail and head are hints that lag behind the slots; anybody advances them.

const TURN_MASK: u32 = 0xff_ffff;

/// State of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SlotState {
    Empty,
    Ready,
    Taken,
    Closed,
}

/// A slot word, unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) turn: u32,
    pub(crate) state: SlotState,
    pub(crate) owner: u32,
    pub(crate) block: u32,
}

impl Slot {
    #[inline]
    pub(crate) fn parse(word: u64) -> Self {
        let state = match word >> 38 & 3 {
            0 => SlotState::Empty,
            1 => SlotState::Ready,
            2 => SlotState::Taken,
            _ => SlotState::Closed,
        };
        Self {
            turn: (word >> 40) as u32,
            state,
            owner: (word >> 28) as u32 & 1023,
            block: word as u32 & 0xfff_ffff,
        }
    }

    #[inline]
    pub(crate) fn word(self) -> u64 {
        u64::from(self.turn & TURN_MASK) << 40
            | (self.state as u64) << 38
            | u64::from(self.owner) << 28
            | u64::from(self.block)
    }

    pub(crate) fn empty(turn: u32) -> Self {
        Self {
            turn: turn & TURN_MASK,
            state: SlotState::Empty,
            owner: 0,
            block: 0,
        }
    }

    pub(crate) fn closed(turn: u32) -> Self {
        Self {
            state: SlotState::Closed,
            ..Self::empty(turn)
        }
    }

    #[inline]
    pub(crate) fn ready(turn: u32, block: u32) -> Self {
        Self {
            turn,
            state: SlotState::Ready,
            owner: 0,
            block,
        }
    }

    #[inline]
    pub(crate) fn taken(self, owner: u32) -> Self {
        Self {
            state: SlotState::Taken,
            owner,
            ..self
        }
    }

    /// Whether the slot refers to a message.
    pub(crate) fn is_full(self) -> bool {
        matches!(self.state, SlotState::Ready | SlotState::Taken)
    }

    /// Where the slot stands, seen from a position that points to it.
    #[inline]
    pub(crate) fn lap(self, position: Position) -> Lap {
        match self.turn.wrapping_sub(position.turn) & TURN_MASK {
            0 => Lap::Same,
            TURN_MASK => Lap::Behind,
            _ => Lap::Ahead,
        }
    }
}

/// Where a slot stands relative to a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lap {
    Same,
    /// The slot is still in the previous turn.
    Behind,
    /// The position lags.
    Ahead,
}

/// Where tail or head points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) turn: u32,
    pub(crate) index: u32,
}

impl Position {
    #[inline]
    pub(crate) fn parse(word: u64) -> Self {
        Self {
            turn: (word >> 32) as u32 & TURN_MASK,
            index: word as u32,
        }
    }

    #[inline]
    pub(crate) fn word(self) -> u64 {
        u64::from(self.turn) << 32 | u64::from(self.index)
    }

    #[inline]
    pub(crate) fn next(self, capacity: u32) -> Self {
        if self.index + 1 < capacity {
            Self {
                index: self.index + 1,
                ..self
            }
        } else {
            Self {
                turn: (self.turn + 1) & TURN_MASK,
                index: 0,
            }
        }
    }

    /// The position `back` steps before, at most one lap.
    pub(crate) fn before(self, back: u32, capacity: u32) -> Self {
        if self.index >= back {
            Self {
                index: self.index - back,
                ..self
            }
        } else {
            Self {
                turn: self.turn.wrapping_sub(1) & TURN_MASK,
                index: self.index + capacity - back,
            }
        }
    }

    /// Steps from `earlier` to here; 0 when this lags behind it.
    pub(crate) fn since(self, earlier: Self, capacity: u32) -> u32 {
        let turns = self.turn.wrapping_sub(earlier.turn) & TURN_MASK;
        let steps = match turns {
            0 => i64::from(self.index) - i64::from(earlier.index),
            1 => i64::from(self.index) + i64::from(capacity) - i64::from(earlier.index),
            _ => 0,
        };
        steps.clamp(0, i64::from(capacity)) as u32
    }
}
