//! The unit table, one word per unit, and what is written in the units.

use std::fmt;

use crate::violation::{Kind, Violation};

pub(super) const MAX_UNITS: usize = 6;

/// The word of one unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Unit {
    #[default]
    Free,
    /// First unit of an extent, and whose it is. All extents have the same size here; in the real thing it stands in
    /// this word, so that it names everything its owner may have claimed.
    Head(u8),
    /// Belongs to the extent with this head.
    Part(u8),
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Free => f.write_str("-"),
            Self::Head(owner) => write!(f, "({owner})"),
            Self::Part(head) => write!(f, "<u{head}"),
        }
    }
}

#[derive(Clone, Copy, Default, Hash)]
pub(super) struct Units {
    words: [Unit; MAX_UNITS],
    /// Contents: which extent's user wrote here; 0 after the pages were punched out.
    pages: [u8; MAX_UNITS],
}

impl Units {
    pub(super) fn word(&self, unit: u8) -> Unit {
        self.words[usize::from(unit)]
    }

    /// CAS of one word.
    pub(super) fn replace(&mut self, unit: u8, expected: Unit, word: Unit) -> bool {
        let found = self.word(unit) == expected;
        if found {
            self.words[usize::from(unit)] = word;
        }
        found
    }

    /// What a process that owns an extent writes into it.
    pub(super) fn write(&mut self, head: u8, size: u8) {
        self.fill(head, size, head + 1);
    }

    /// fallocate(PUNCH_HOLE).
    pub(super) fn punch(&mut self, head: u8, size: u8) {
        self.fill(head, size, 0);
    }

    fn fill(&mut self, head: u8, size: u8, value: u8) {
        self.pages[usize::from(head)..usize::from(head + size)].fill(value);
    }

    /// The owner of a whole extent looks at its words and its pages.
    pub(super) fn check(&self, head: u8, size: u8, owner: u8) -> Result<(), Violation> {
        let whole = self.word(head) == Unit::Head(owner)
            && (head + 1..head + size).all(|unit| self.word(unit) == Unit::Part(head));
        if !whole {
            return Err(Violation::new(
                Kind::Overlap,
                format!("the extent of {owner} at {head}"),
            ));
        }
        if (head..head + size).any(|unit| self.pages[usize::from(unit)] != head + 1) {
            let detail = format!("the extent of {owner} at {head} has lost its contents");
            return Err(Violation::new(Kind::FreedInUse, detail));
        }
        Ok(())
    }
}
