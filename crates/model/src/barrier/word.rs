//! The word of a barrier: its generation, who has arrived, and how the last generations ended.

/// One 64-bit word in the real thing.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Word {
    pub(super) generation: u8,
    pub(super) broken: bool,
    pub(super) arrived: u8,
    /// One bit for each generation, the latest lowest: it was reset.
    pub(super) history: u8,
}

impl Word {
    /// `State::next`
    pub(super) fn next(self, reset: bool) -> Self {
        Self {
            generation: self.generation + 1,
            broken: false,
            arrived: 0,
            history: self.history << 1 | u8::from(reset),
        }
    }

    /// `passage`
    pub(super) fn passage(self, generation: u8) -> Passage {
        match self.generation - generation {
            0 if self.broken => Passage::Broken,
            0 => Passage::Waiting,
            age if self.history >> (age - 1) & 1 != 0 => Passage::Broken,
            _ => Passage::Passed,
        }
    }
}

/// What became of a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Passage {
    Waiting,
    Passed,
    Broken,
}
