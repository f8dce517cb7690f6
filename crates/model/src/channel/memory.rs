//! The shared words: slots, hints, blocks, bitmaps, entries and doorbells.

use super::Config;
use super::MAX_PROCESSES;

pub(super) const MAX_SLOTS: usize = 3;
pub(super) const MAX_BLOCKS: usize = 8;

/// No block, no process, no message.
pub(super) const NOTHING: u8 = u8::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum SlotState {
    Empty,
    Ready,
    Taken,
}

/// One 64-bit word in the real thing: turn, state, owner, block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Slot {
    pub(super) turn: u8,
    pub(super) state: SlotState,
    pub(super) owner: u8,
    pub(super) block: u8,
}

impl Slot {
    pub(super) const fn empty(turn: u8) -> Self {
        Self {
            turn,
            state: SlotState::Empty,
            owner: NOTHING,
            block: NOTHING,
        }
    }

    pub(super) fn ready(turn: u8, block: u8) -> Self {
        Self {
            turn,
            state: SlotState::Ready,
            owner: NOTHING,
            block,
        }
    }

    pub(super) fn taken(self, me: usize) -> Self {
        Self {
            state: SlotState::Taken,
            owner: me as u8,
            ..self
        }
    }

    pub(super) fn is_taken_by(self, process: usize) -> bool {
        self.state == SlotState::Taken && usize::from(self.owner) == process
    }
}

/// A block's header words and, as its payload, the message it carries.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Block {
    pub(super) owner: u8,
    pub(super) next: u8,
    pub(super) message: u8,
}

impl Block {
    pub(super) const FREE: Self = Self {
        owner: NOTHING,
        next: NOTHING,
        message: NOTHING,
    };
}

/// One word: who sweeps this entry (if anybody) and which life of the entry it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Entry {
    pub(super) state: EntryState,
    pub(super) generation: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum EntryState {
    Free,
    Alive,
    Dead,
    Sweeping(u8),
}

impl Entry {
    pub(super) fn is_free(self) -> bool {
        self.state == EntryState::Free
    }
}

/// A participant's doorbell, and whether it sleeps on it (which only the kernel knows).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Bell {
    /// The bell word was read, to sleep until it changes.
    pub(super) watched: bool,
    /// The bell word changed since.
    pub(super) rung: bool,
    /// Event loop: ringers have to write to the pipe.
    pub(super) armed: bool,
    /// Event loop: a byte is in the pipe.
    pub(super) pipe: bool,
    pub(super) asleep: bool,
}

impl Bell {
    const QUIET: Self = Self {
        watched: false,
        rung: false,
        armed: false,
        pipe: false,
        asleep: false,
    };

    /// Adds to the bell word. Nobody notices unless its owner has read it.
    pub(super) fn add(&mut self) {
        self.rung = self.watched;
    }

    /// FUTEX_WAKE, or the byte in the pipe.
    pub(super) fn wake(&mut self, pipe: bool) {
        self.asleep = false;
        self.pipe |= pipe;
    }
}

/// All words that processes share, the kernel's knowledge, and the history for the invariants.
#[derive(Clone, Hash)]
pub(super) struct Memory {
    pub(super) slots: [Slot; MAX_SLOTS],
    /// Hints: they lag behind the slots, never lead.
    pub(super) tail: u8,
    pub(super) head: u8,
    /// "An owner died, look behind head", and up to where somebody has looked.
    pub(super) epoch: u8,
    pub(super) epoch_done: u8,
    /// Bitmaps of sleepers.
    pub(super) consumers: u8,
    pub(super) producers: u8,
    pub(super) blocks: [Block; MAX_BLOCKS],
    pub(super) entries: [Entry; MAX_PROCESSES],
    pub(super) bells: [Bell; MAX_PROCESSES],
    /// Kernel: whose process exists.
    pub(super) live: u8,
    /// History: bitmaps of messages.
    pub(super) published: u8,
    pub(super) taken: u8,
    pub(super) delivered: u8,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self {
            slots: [Slot::empty(0); MAX_SLOTS],
            tail: 0,
            head: 0,
            epoch: 0,
            epoch_done: 0,
            consumers: 0,
            producers: 0,
            blocks: [Block::FREE; MAX_BLOCKS],
            entries: [Entry {
                state: EntryState::Alive,
                generation: 0,
            }; MAX_PROCESSES],
            bells: [Bell::QUIET; MAX_PROCESSES],
            live: 0,
            published: 0,
            taken: 0,
            delivered: 0,
        }
    }

    /// The kernel's answer, not a word of the arena: lifeline held or process still there.
    pub(super) fn living(&self, process: usize) -> bool {
        self.live & 1 << process != 0
    }

    /// SIGKILL: the process vanishes and its words stay as they are.
    pub(super) fn kill(&mut self, process: usize) {
        self.live &= !(1 << process);
        self.bells[process].asleep = false;
        self.bells[process].watched = false;
        self.bells[process].rung = false;
    }

    /// A new process takes a free entry and makes itself a new doorbell.
    pub(super) fn join(&mut self, process: usize) {
        self.live |= 1 << process;
        self.entries[process].state = EntryState::Alive;
        self.bells[process] = Bell::QUIET;
    }

    /// The slot of a ticket, and its turn there.
    pub(super) fn place(config: &Config, ticket: u8) -> (usize, u8) {
        (
            usize::from(ticket % config.capacity),
            ticket / config.capacity,
        )
    }

    pub(super) fn used_slots<'a>(&'a self, config: &Config) -> impl Iterator<Item = Slot> + 'a {
        let slots = &self.slots[..usize::from(config.capacity)];
        slots
            .iter()
            .copied()
            .filter(|slot| slot.state != SlotState::Empty)
    }

    pub(super) fn describe(&self, config: &Config) -> String {
        let slots: Vec<_> = self.slots[..usize::from(config.capacity)]
            .iter()
            .map(|slot| match slot.state {
                SlotState::Empty => format!("{}:empty", slot.turn),
                SlotState::Ready => format!("{}:ready b{}", slot.turn, slot.block),
                SlotState::Taken => {
                    format!("{}:taken by {} b{}", slot.turn, slot.owner, slot.block)
                }
            })
            .collect();
        let owners: Vec<_> = self.blocks[..config.blocks()]
            .iter()
            .map(|block| {
                if block.owner == NOTHING {
                    "-".into()
                } else {
                    block.owner.to_string()
                }
            })
            .collect();
        let Self {
            head,
            tail,
            consumers,
            producers,
            epoch,
            epoch_done,
            ..
        } = self;
        format!(
            "[{}] {head}..{tail} owners {} epoch {epoch_done}/{epoch} wait {consumers:b}/{producers:b}",
            slots.join(", "),
            owners.join(" "),
        )
    }
}
