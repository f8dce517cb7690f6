//! The shared words, the registers of a process, and the history that invariants are checked against.

use super::Config;
use super::party::{self, Party};
use super::sweep::{self, Sweep};
use super::tell::{self, Resume, Tell};
pub(super) use super::word::{Passage, Word};
use crate::bells::Bells;
use crate::bug::Bug;
use crate::deaths::Deaths;
use crate::mortal::Mortal;
use crate::violation::{Kind, Violation};

pub(super) const NOTHING: u8 = u8::MAX;
const GENERATIONS: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Party(Party),
    /// The maker breaks or resets the barrier.
    Make,
    Tell(Tell),
    Sweep(Sweep),
    Over,
}

impl Step {
    pub(super) fn first(config: &Config, me: usize) -> Self {
        if config.is_party(me) {
            Self::Party(Party::first(config))
        } else if config.is_sweeper(me) {
            Self::Sweep(Sweep::Hunt)
        } else if config.aborts + config.resets > 0 {
            Self::Make
        } else {
            Self::Over
        }
    }
}

/// Registers are set back when their value is not needed any more: equal futures, equal states.
#[derive(Clone, Copy, Hash)]
pub(super) struct Process {
    pub(super) step: Step,
    /// Rounds to come, this one included.
    pub(super) left: u8,
    /// The count of changes that it knows of.
    pub(super) seen: u8,
    /// The generation in which it has arrived.
    pub(super) generation: u8,
    /// It was the last one to arrive there.
    pub(super) last: bool,
    /// Whom to ring.
    pub(super) wakes: u8,
    pub(super) resume: Resume,
    pub(super) victim: u8,
}

impl Process {
    pub(super) const fn at(step: Step) -> Self {
        Self {
            step,
            left: 0,
            seen: 0,
            generation: NOTHING,
            last: false,
            wakes: 0,
            resume: Resume::Round,
            victim: NOTHING,
        }
    }

    pub(super) fn can_move(&self, memory: &Memory, me: usize) -> bool {
        match self.step {
            Step::Over => false,
            Step::Party(Party::Sleep) => memory.bells.wakes(me),
            _ => true,
        }
    }
}

/// Everything that is shared.
#[derive(Clone, Hash)]
pub(super) struct Memory {
    pub(super) word: Word,
    pub(super) changes: u8,
    /// Who made the barrier, and whether a sweep has seen to that.
    pub(super) creator: u8,
    pub(super) creator_gone: bool,
    pub(super) waiters: u8,
    pub(super) inside: u8,
    pub(super) known: u8,
    pub(super) holders: u8,
    pub(super) bells: Bells,
    pub(super) deaths: Deaths,
    /// Who has died in good order.
    pub(super) ending: u8,
    /// History: the dead that break the barrier, and those that must not.
    pub(super) owed: u8,
    pub(super) harmless: u8,
    /// History: who arrived in each generation, whether its action ran, and how it ended.
    arrivals: [u8; GENERATIONS],
    acted: u8,
    ended: [Option<Passage>; GENERATIONS],
}

impl Memory {
    pub(super) fn new(config: &Config) -> Self {
        let everybody = (1 << config.count()) - 1;
        Self {
            word: Word::default(),
            changes: 0,
            creator: match (config.party_made_it, config.maker) {
                (true, _) => 0,
                (false, true) => config.parties as u8,
                (false, false) => NOTHING,
            },
            creator_gone: false,
            waiters: 0,
            inside: 0,
            known: 0,
            // Sweepers need not hold what they sweep.
            holders: everybody >> config.sweepers,
            bells: Bells::default(),
            deaths: Deaths::new(config.count(), config.kills),
            ending: 0,
            owed: 0,
            harmless: 0,
            arrivals: [0; GENERATIONS],
            acted: 0,
            ended: [None; GENERATIONS],
        }
    }

    /// SIGKILL, or the end of a thread.
    pub(super) fn kill(&mut self, me: usize, process: &Process, leaves: bool) {
        let bit = 1 << me;
        self.bells.forget(me);
        self.ending |= u8::from(leaves) << me;
        let inside = self.inside & bit != 0 || process.generation != NOTHING;
        let party = self.known & bit != 0 || usize::from(self.creator) != me;
        let holds = self.holders & bit != 0;
        if holds && (inside || party && !leaves) {
            self.owed |= bit;
        } else {
            self.harmless |= bit;
        }
    }

    pub(super) fn arrive(&mut self, me: usize, generation: u8) {
        self.arrivals[usize::from(generation)] |= 1 << me;
    }

    /// The action of a generation runs.
    pub(super) fn act(&mut self, generation: u8) -> Result<(), Violation> {
        let bit = 1 << generation;
        if self.acted & bit != 0 {
            let detail = format!("generation {generation}");
            return Err(Violation::new(Kind::ActionTwice, detail));
        }
        self.acted |= bit;
        Ok(())
    }

    /// A party of a generation goes on, or fails.
    pub(super) fn end(
        &mut self,
        config: &Config,
        generation: u8,
        how: Passage,
    ) -> Result<(), Violation> {
        let index = usize::from(generation);
        let all = (1 << config.parties) - 1;
        let complete = self.arrivals[index] == all && self.acted & 1 << generation != 0;
        if how == Passage::Passed && !complete {
            let detail = format!(
                "generation {generation} passed with {:b}",
                self.arrivals[index]
            );
            return Err(Violation::new(Kind::PassedEarly, detail));
        }
        if self.ended[index].is_some_and(|before| before != how) {
            let detail = format!("generation {generation} passed for some and broke for others");
            return Err(Violation::new(Kind::Disagreement, detail));
        }
        self.ended[index] = Some(how);
        Ok(())
    }

    pub(super) fn describe(&self) -> String {
        let Word {
            generation,
            broken,
            arrived,
            history,
        } = self.word;
        let broken = if broken { " BROKEN" } else { "" };
        let Self {
            changes,
            waiters,
            inside,
            known,
            ..
        } = self;
        format!(
            "g{generation} {arrived}{broken} history {history:b} changes {changes} wait {waiters:b} inside {inside:b} known {known:b}"
        )
    }
}

pub(super) fn advance(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
) -> Result<(), Violation> {
    match process.step {
        Step::Party(step) => return party::step(config, memory, process, me, step),
        Step::Make => make(config, memory, process),
        Step::Tell(step) => tell::step(memory, process, step),
        Step::Sweep(step) => return sweep::step(config, memory, process, step),
        Step::Over => unreachable!("who is over does not move"),
    }
    Ok(())
}

/// `break_barrier`, `reset_barrier`: a CAS, then it is told.
fn make(config: &Config, memory: &mut Memory, process: &mut Process) {
    let word = memory.word;
    let changed = if process.left > config.resets {
        memory.word.broken = true;
        !word.broken
    } else {
        let changes = word.broken || word.arrived > 0;
        if changes {
            memory.word = word.next(!config.has(Bug::ResetLeavesNoMark));
        }
        changes
    };
    if changed {
        tell::begin(process, Resume::Make);
    } else {
        tell::resume(process, Resume::Make);
    }
}
