//! The words of a ring that is gone through once: slots and positions.

use super::Config;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Content {
    Empty,
    Ready(u8),
    Taken(u8, u8),
    Closed,
}

/// One 64-bit word in the real thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Slot {
    pub(super) turn: u8,
    pub(super) is: Content,
}

impl Slot {
    pub(super) const fn empty(turn: u8) -> Self {
        Self {
            turn,
            is: Content::Empty,
        }
    }
}

/// A position: where in its turn; of the next turn it is past the segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Position {
    pub(super) turn: u8,
    pub(super) index: u8,
}

impl Position {
    pub(super) const fn start(turn: u8) -> Self {
        Self { turn, index: 0 }
    }

    pub(super) fn next(self, config: &Config) -> Self {
        if usize::from(self.index) + 1 < config.slots {
            Self {
                index: self.index + 1,
                ..self
            }
        } else {
            Self::start(self.turn + 1)
        }
    }

    /// So many positions before, at most one lap.
    pub(super) fn before(self, back: u8, config: &Config) -> Self {
        if self.index >= back {
            Self {
                index: self.index - back,
                ..self
            }
        } else {
            Self {
                turn: self.turn.wrapping_sub(1),
                index: self.index + config.slots as u8 - back,
            }
        }
    }
}
