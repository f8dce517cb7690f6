//! The shared words: the registration, the queue memory behind it, and the messages' blocks.

use super::{Config, NOTHING};
use crate::violation::{Kind, Violation};

pub(super) const MAX_SLOTS: usize = 2;
pub(super) const MAX_BLOCKS: usize = 6;
/// Owner of a block that holds a queue.
const QUEUE: u8 = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Free,
    Building(u8),
    Live(u8),
    Closing(u8),
}

/// One word of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Registration {
    pub(super) place: Place,
    pub(super) generation: u8,
    /// It names the block with the queue memory.
    pub(super) linked: bool,
}

impl Registration {
    pub(super) const UNUSED: Self = Self {
        place: Place::Free,
        generation: 0,
        linked: false,
    };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum SlotState {
    Closed,
    Empty,
    Ready(u8),
    Taken(u8, u8),
}

/// One slot word. Turns only grow, also from one queue to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Slot {
    pub(super) turn: u8,
    pub(super) state: SlotState,
}

impl Slot {
    pub(super) const NEW: Self = Self {
        turn: 0,
        state: SlotState::Closed,
    };

    pub(super) fn is_full(self) -> bool {
        self.block().is_some()
    }

    pub(super) fn block(self) -> Option<u8> {
        match self.state {
            SlotState::Ready(block) | SlotState::Taken(_, block) => Some(block),
            SlotState::Closed | SlotState::Empty => None,
        }
    }
}

/// A message's block; `generation` is the payload: the queue it was meant for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Block {
    pub(super) owner: u8,
    pub(super) generation: u8,
}

#[derive(Clone, Hash)]
pub(super) struct Table {
    pub(super) registration: Registration,
    /// Owner of the block with the queue memory; nobody's if there is none (yet).
    pub(super) memory: u8,
    slots: [Slot; MAX_SLOTS],
    pub(super) blocks: [Block; MAX_BLOCKS],
    /// Bitmaps: sleepers' bits, bell words that were read, those rung since, and who sleeps.
    pub(super) waiting: u8,
    pub(super) watched: u8,
    pub(super) rung: u8,
    pub(super) asleep: u8,
}

impl Table {
    pub(super) fn new() -> Self {
        Self {
            registration: Registration::UNUSED,
            memory: NOTHING,
            slots: [Slot::NEW; MAX_SLOTS],
            blocks: [Block {
                owner: NOTHING,
                generation: 0,
            }; MAX_BLOCKS],
            waiting: 0,
            watched: 0,
            rung: 0,
            asleep: 0,
        }
    }

    /// CAS of the registration.
    pub(super) fn register(&mut self, expected: Registration, word: Registration) -> bool {
        let found = self.registration == expected;
        if found {
            self.registration = word;
        }
        found
    }

    /// Loads a slot word, from memory that had better still be a queue's.
    pub(super) fn load(&self, index: u8) -> Result<Slot, Violation> {
        if self.memory == NOTHING {
            let detail = "slot words are read from a block that is no queue any more";
            return Err(Violation::new(Kind::FreedInUse, detail));
        }
        Ok(self.slots[usize::from(index)])
    }

    /// CAS of a slot word.
    pub(super) fn replace(&mut self, index: u8, expected: Slot, slot: Slot) -> bool {
        let found = self.slots[usize::from(index)] == expected;
        if found {
            self.slots[usize::from(index)] = slot;
        }
        found
    }

    /// Plain store, by the creator of a queue.
    pub(super) fn store(&mut self, index: u8, slot: Slot) {
        self.slots[usize::from(index)] = slot;
    }

    pub(super) fn slots(&self, config: &Config) -> impl Iterator<Item = Slot> {
        self.slots[..usize::from(config.slots)].iter().copied()
    }

    pub(super) fn all_closed(&self, config: &Config) -> bool {
        self.slots(config)
            .all(|slot| slot.state == SlotState::Closed)
    }

    /// The block of the queue memory now belongs to the registry, whoever linked it.
    pub(super) fn own_memory(&mut self) {
        self.memory = QUEUE;
    }

    pub(super) fn ring(&mut self, sleepers: u8) {
        self.rung |= sleepers & self.watched;
        self.asleep &= !sleepers;
    }

    /// Takes one sleeper's bit away and rings it.
    pub(super) fn wake_one(&mut self) {
        if self.waiting != 0 {
            let sleeper = 1 << self.waiting.trailing_zeros();
            self.waiting &= !sleeper;
            self.ring(sleeper);
        }
    }

    pub(super) fn ring_all(&mut self) {
        self.ring(u8::MAX);
    }

    pub(super) fn check_at_rest(&self, config: &Config) -> Result<(), Violation> {
        let live = match self.registration.place {
            Place::Free => false,
            Place::Live(_) => true,
            place => {
                return Err(Violation::new(
                    Kind::Leak,
                    format!("a queue is left {place:?}"),
                ));
            }
        };
        if self.memory != QUEUE && (self.memory != NOTHING || self.registration.linked) {
            return Err(Violation::new(
                Kind::Leak,
                format!("queue memory of {}", self.memory),
            ));
        }
        if self
            .slots(config)
            .any(|slot| matches!(slot.state, SlotState::Taken(..)))
        {
            return Err(Violation::new(Kind::Hang, "a slot is left taken"));
        }
        if live
            && self
                .slots(config)
                .any(|slot| slot.state == SlotState::Closed)
        {
            return Err(Violation::new(
                Kind::Corrupt,
                "a slot of a living queue is closed",
            ));
        }
        for (block, words) in self.blocks.iter().enumerate() {
            let reachable = self
                .slots(config)
                .any(|slot| slot.block() == Some(block as u8));
            if words.owner != NOTHING && !(live && reachable) {
                let detail = format!("block {block} of {}", words.owner);
                return Err(Violation::new(Kind::Leak, detail));
            }
        }
        Ok(())
    }

    pub(super) fn describe(&self, config: &Config) -> String {
        let Registration {
            place, generation, ..
        } = self.registration;
        let slots: Vec<_> = self
            .slots(config)
            .map(|slot| format!("{}:{:?}", slot.turn, slot.state))
            .collect();
        format!(
            "queue {generation} {place:?} [{}] waiting {:b}",
            slots.join(", "),
            self.waiting
        )
    }
}
