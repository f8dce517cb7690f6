//! The shared words, and the history that invariants are checked against.

use super::Config;
use crate::deaths::{Deaths, MAX_PROCESSES};
use crate::mortal::Mortal;
use crate::violation::{Kind, Violation};

pub(super) const MAX_SLOTS: usize = 2;
pub(super) const MAX_ITEMS: usize = 4;
pub(super) const NOTHING: u8 = u8::MAX;

/// A slot of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Slot {
    Absent,
    Ready(u8),
    Taken { by: u8, item: u8 },
}

impl Slot {
    pub(super) fn holds(self, wanted: u8) -> bool {
        match self {
            Self::Absent => false,
            Self::Ready(item) | Self::Taken { item, .. } => item == wanted,
        }
    }
}

/// What a participant put: one word, written by itself or by its sweeper.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Put {
    pub(super) puts: u8,
    /// Counted already, and perhaps not published.
    pub(super) pending: u8,
}

/// What a participant got and what of that is done: one word, changed by CAS.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Work {
    pub(super) got: u8,
    pub(super) done: u8,
}

/// What a participant is taking: one word, written by itself or by its sweeper.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Hand {
    pub(super) target: u8,
    pub(super) item: u8,
}

impl Hand {
    pub(super) const EMPTY: Self = Self {
        target: 0,
        item: NOTHING,
    };
}

/// How many joins began and how often zero was seen: one word, so that who has seen zero notices
/// that a join began since it looked.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Zeros {
    pub(super) joins: u8,
    pub(super) zeros: u8,
}

/// Everything that is shared.
#[derive(Clone, Hash)]
pub(super) struct Memory {
    pub(super) slots: [Slot; MAX_SLOTS],
    pub(super) owners: [u8; MAX_ITEMS],
    pub(super) put: [Put; MAX_PROCESSES],
    pub(super) work: [Work; MAX_PROCESSES],
    pub(super) hand: [Hand; MAX_PROCESSES],
    pub(super) zeros: Zeros,
    /// Who may sleep in a join, one bit each.
    pub(super) joiners: u8,
    /// Doorbells that were rung since their owner last looked.
    pub(super) rung: u8,
    pub(super) deaths: Deaths,
    /// History: items that were in a slot.
    pub(super) published: u8,
    /// History: who got each item.
    pub(super) delivered: [u8; MAX_ITEMS],
    /// History: items that are done or gone with a dead consumer.
    pub(super) finished: u8,
}

impl Memory {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            slots: [Slot::Absent; MAX_SLOTS],
            owners: [NOTHING; MAX_ITEMS],
            put: [Put {
                puts: 0,
                pending: NOTHING,
            }; MAX_PROCESSES],
            work: [Work { got: 0, done: 0 }; MAX_PROCESSES],
            hand: [Hand::EMPTY; MAX_PROCESSES],
            zeros: Zeros { joins: 0, zeros: 0 },
            joiners: 0,
            rung: 0,
            deaths: Deaths::new(config.count(), config.kills),
            published: 0,
            delivered: [NOTHING; MAX_ITEMS],
            finished: 0,
        }
    }

    pub(super) fn is_queued(&self, item: u8) -> bool {
        self.slots.iter().any(|slot| slot.holds(item))
    }

    /// How many tasks are unfinished in truth.
    pub(super) fn unfinished(&self) -> u32 {
        (self.published & !self.finished).count_ones()
    }

    /// What the accounts say at this moment: nobody can read them all at once.
    pub(super) fn accounted(&self) -> i8 {
        let puts: u8 = self.put.iter().map(|put| put.puts).sum();
        let done: u8 = self.work.iter().map(|work| work.done).sum();
        puts as i8 - done as i8
    }

    /// Nothing may be done more often than it was put.
    pub(super) fn check_accounts(&self) -> Result<(), Violation> {
        let balance = self.accounted();
        if balance < 0 {
            let detail = format!("{balance} unfinished tasks");
            return Err(Violation::new(Kind::Miscount, detail));
        }
        Ok(())
    }

    pub(super) fn describe(&self, config: &Config) -> String {
        let name = |item: u8| match item {
            NOTHING => "-".into(),
            _ => item.to_string(),
        };
        let slots = self.slots[..config.slots].iter().map(|slot| match *slot {
            Slot::Absent => "-".into(),
            Slot::Ready(item) => format!("{item}"),
            Slot::Taken { by, item } => format!("{item}>{by}"),
        });
        let puts = self.put[..config.producers]
            .iter()
            .map(|put| format!("{}+{}", put.puts, name(put.pending)));
        let consumers = config.producers..config.producers + config.consumers;
        let works = consumers.map(|c| {
            let (work, hand) = (self.work[c], self.hand[c]);
            format!("{}/{}+{}", work.done, work.got, name(hand.item))
        });
        let owners = self.owners[..config.items()].iter().map(|&it| name(it));
        let join = |words: &mut dyn Iterator<Item = String>| words.collect::<Vec<_>>().join(" ");
        format!(
            "[{}] owners {} puts {} works {} zeros {} joiners {:b}",
            join(&mut slots.into_iter()),
            join(&mut owners.into_iter()),
            join(&mut puts.into_iter()),
            join(&mut works.into_iter()),
            self.zeros.zeros,
            self.joiners,
        )
    }
}
