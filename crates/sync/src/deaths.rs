//! Who is dead by kernel facts: whose lifeline is free and whose process is gone.

use crate::arena::Arena;
use crate::crash::cp;
use crate::participants::{Entry, Reservation, State};
#[cfg(not(loom))]
use manyhands_os::Held;

/// Changes of an entry by others that `mark_dead` follows.
const MARK_ATTEMPTS: u32 = 64;

impl Arena {
    /// Whether the kernel says that the participant is dead: lifeline free and process gone. Entries that are nobody's
    /// (or dead already) count as dead; entries reserved for a child that has not joined do not.
    pub fn is_dead(&self, number: u32) -> bool {
        if !Self::is_entry(number) {
            return true;
        }
        let entry = self.entry(number);
        match entry.state {
            State::Free | State::Dead => true,
            State::Alive | State::Sweeping => self.process_is_dead(number, entry, false),
            State::Reserved => false,
        }
    }

    /// Whether the child has left or is dead, however its entry is used by now.
    pub fn has_ended(&self, child: Reservation) -> bool {
        self.entry_of(child).is_none() || self.is_dead(child.number())
    }

    #[cfg(loom)]
    fn process_is_dead(&self, number: u32, entry: Entry, _reaped: bool) -> bool {
        self.memory.is_dead(number) && self.entry(number) == entry
    }

    #[cfg(not(loom))]
    fn process_is_dead(&self, number: u32, entry: Entry, reaped: bool) -> bool {
        let process = self.process_of(number);
        // Of our own process, only the participant itself ends an entry (it leaves when its thread does).
        if process == self.process() {
            return false;
        }
        // A program that the process was just starting holds its lifeline until exec; whoever has waited for the process
        // need not wait for that.
        if !reaped && self.lifeline().probe(number) == Held::Yes {
            return false;
        }
        // Still the same participant? Otherwise pid and state belong to different ones.
        process.is_gone() && self.entry(number) == entry
    }

    /// Marks a participant DEAD if it is; a RESERVED one if `child_gone` (its spawner knows). `reaped`: it belongs to a
    /// process whose parent has seen its end. Returns its state then.
    pub(crate) fn mark_dead(&self, me: u32, number: u32, child_gone: bool, reaped: bool) -> State {
        // Each failed round is a step of somebody else; words that no correct peer writes would fail for ever.
        for _ in 0..MARK_ATTEMPTS {
            let entry = self.entry(number);
            let dead = match entry.state {
                State::Free | State::Dead => return entry.state,
                State::Reserved => child_gone && entry.spawner == me,
                State::Alive => self.process_is_dead(number, entry, reaped),
                // Its sweeper died: `by` is a participant or, when it died while leaving, `number` itself.
                State::Sweeping => entry.by != me && self.sweeper_is_dead(entry.by),
            };
            if !dead {
                return entry.state;
            }
            if self.change_entry(number, entry, entry.with(State::Dead, 0)) {
                cp!(SweepMarked);
                return State::Dead;
            }
        }
        self.entry(number).state
    }

    fn sweeper_is_dead(&self, by: u32) -> bool {
        let entry = self.entry(by);
        match entry.state {
            State::Alive | State::Sweeping => self.process_is_dead(by, entry, false),
            // Its own sweep gives its sweeps back first, so nobody sweeps under an entry that is not alive.
            _ => true,
        }
    }
}
