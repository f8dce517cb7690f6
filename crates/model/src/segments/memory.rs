//! The shared words: segments, the words of the queue, and the history that invariants are checked against.

use super::Config;
pub(super) use super::slot::{Content, Position, Slot};
use crate::bells::{Bells, first_from};
use crate::deaths::Deaths;
use crate::mortal::Mortal;

pub(super) const MAX_SEGMENTS: usize = 4;
pub(super) const MAX_SLOTS: usize = 2;
pub(super) const NOTHING: u8 = u8::MAX;

/// A segment as a word of the queue names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Handle {
    pub(super) turn: u8,
    pub(super) block: u8,
}

impl Handle {
    pub(super) const NONE: Self = Self {
        turn: NOTHING,
        block: NOTHING,
    };

    pub(super) fn index(self) -> usize {
        usize::from(self.block)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Life {
    Free,
    Building(u8),
    Live,
    Dying(u8),
}

/// What the NEXT word says beside its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Link {
    Open,
    Block(u8),
    Closed,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Segment {
    pub(super) life: Life,
    /// Its generation, and the turn of its words while it lives.
    pub(super) turn: u8,
    pub(super) next_turn: u8,
    pub(super) next: Link,
    /// Hints that lag.
    pub(super) tail: Position,
    pub(super) head: Position,
    pub(super) slots: [Slot; MAX_SLOTS],
}

impl Segment {
    const FREE: Self = Self {
        life: Life::Free,
        turn: 0,
        next_turn: 0,
        next: Link::Open,
        tail: Position::start(0),
        head: Position::start(0),
        slots: [Slot::empty(0); MAX_SLOTS],
    };

    /// `build_segment`: its words, in its own turn.
    pub(super) fn reset(&mut self) {
        let Self { life, turn, .. } = *self;
        *self = Self {
            life,
            turn,
            next_turn: turn,
            tail: Position::start(turn),
            head: Position::start(turn),
            slots: [Slot::empty(turn); MAX_SLOTS],
            ..Self::FREE
        };
    }

    pub(super) fn is_current(&self, handle: Handle) -> bool {
        matches!(self.life, Life::Live | Life::Building(_)) && self.turn == handle.turn
    }
}

/// Everything that is shared.
#[derive(Clone, Hash)]
pub(super) struct Memory {
    pub(super) segments: [Segment; MAX_SEGMENTS],
    pub(super) oldest: Handle,
    pub(super) take_from: Handle,
    pub(super) put_into: Handle,
    pub(super) shut: bool,
    pub(super) epoch: u8,
    pub(super) epoch_done: u8,
    pub(super) waiters: u8,
    /// Who has the other end of the pipe.
    pub(super) writers: u8,
    pub(super) bells: Bells,
    pub(super) deaths: Deaths,
    /// History: bitmaps of items.
    pub(super) published: u8,
    pub(super) taken: u8,
    pub(super) delivered: u8,
    /// History: somebody was told that nothing comes any more.
    pub(super) ended: bool,
}

impl Memory {
    pub(super) fn new(config: &Config) -> Self {
        let mut segments = [Segment::FREE; MAX_SEGMENTS];
        segments[0].life = Life::Live;
        let first = Handle { turn: 0, block: 0 };
        Self {
            segments,
            oldest: first,
            take_from: first,
            put_into: first,
            shut: false,
            epoch: 0,
            epoch_done: 0,
            waiters: 0,
            writers: (1 << config.producers) - 1,
            bells: Bells::default(),
            deaths: Deaths::new(config.count(), config.kills),
            published: 0,
            taken: 0,
            delivered: 0,
            ended: false,
        }
    }

    pub(super) fn at(&self, handle: Handle) -> &Segment {
        &self.segments[handle.index()]
    }

    pub(super) fn at_mut(&mut self, handle: Handle) -> &mut Segment {
        &mut self.segments[handle.index()]
    }

    /// `wake_one`, in one step.
    pub(super) fn wake_one(&mut self, me: usize) {
        if let Some(target) = first_from(self.waiters, me) {
            self.waiters &= !(1 << target);
            self.bells.ring(target, false);
        }
    }

    /// `wake_all`, in one step.
    pub(super) fn wake_all(&mut self) {
        while self.waiters != 0 {
            self.wake_one(0);
        }
    }

    pub(super) fn any_full(&self) -> bool {
        let full = |slot: &Slot| matches!(slot.is, Content::Ready(_) | Content::Taken(..));
        (self.segments.iter()).any(|segment| segment.slots.iter().any(full))
    }

    pub(super) fn describe(&self, config: &Config) -> String {
        let segments: Vec<String> = self.segments[..config.segments]
            .iter()
            .map(|segment| {
                let slots = &segment.slots[..config.slots];
                let slots: Vec<String> = slots
                    .iter()
                    .map(|slot| format!("{}:{:?}", slot.turn, slot.is))
                    .collect();
                let Segment {
                    life, turn, next, ..
                } = segment;
                format!("{life:?} {turn} [{}] {next:?}", slots.join(" "))
            })
            .collect();
        let name = |handle: Handle| format!("{}.{}", handle.block, handle.turn);
        let words = [self.oldest, self.take_from, self.put_into].map(name);
        let shut = if self.shut { " SHUT" } else { "" };
        format!(
            "{} | {} epoch {}/{}{shut}",
            words.join(" "),
            segments.join(", "),
            self.epoch_done,
            self.epoch
        )
    }
}
