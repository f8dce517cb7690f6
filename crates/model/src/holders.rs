//! Shared objects: held by bits, carried by messages, ended by whoever lets go last or by a sweep.
//!
//! One object X and the memory it lives in. A sender holds X, sends it in a message and lets go;
//! a receiver takes the message, holds X, may send it on in another message, and lets go. Somebody
//! with an old handle tries to hold whatever lives in the memory now, and a maker uses the memory
//! for a new object as soon as it is free. How messages get through a queue is left out here (see
//! `channel`): one place holds one message, and to take it is one step.

mod settle;
mod steps;

use crate::bug::Bug;
use crate::explore::{Moves, Protocol};
use crate::violation::{Kind, Violation};
use settle::Settle;
use steps::Step;

const MAX_PROCESSES: usize = 6;
const MESSAGES: usize = 2;
const NOBODY: u8 = u8::MAX;

/// Who takes part. Process 0 is the sender.
#[derive(Clone, Copy, Debug, Default)]
pub struct Config {
    /// Receivers; all but the last send the object on.
    pub receivers: usize,
    /// Processes with an old handle.
    pub latecomers: usize,
    /// Processes that make a new object in the memory.
    pub makers: usize,
    /// Processes that sweep. The last one alive is never killed.
    pub sweepers: usize,
    /// Messages that the object can list; 0: it is crowded at once.
    pub slots: usize,
    /// How often any process may be killed.
    pub kills: u8,
    /// The rule that is left out.
    pub bug: Option<Bug>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Life {
    Free,
    Building(u8),
    Live,
    Dying(u8),
}

/// The object's words.
#[derive(Clone, Copy, Hash)]
struct Object {
    life: Life,
    generation: u8,
    activity: u8,
    holders: u8,
    /// Messages that carry it, one bit each.
    listed: u8,
    crowded: bool,
}

/// A message: its block, and whether it says that it carries the object.
#[derive(Clone, Copy, Hash)]
struct Message {
    owner: u8,
    carries: bool,
}

/// A process and its registers.
#[derive(Clone, Copy, Hash)]
struct Process {
    step: Step,
    settle: Option<Settle>,
    /// The message it owns.
    message: usize,
    /// Whether it has made sure that it holds generation `using`.
    holds: bool,
    using: u8,
    /// The entry it sweeps.
    victim: u8,
}

/// Shared memory, all processes, and what may still go wrong.
#[derive(Clone, Hash)]
pub struct State {
    object: Object,
    messages: [Message; MESSAGES],
    /// The message under way.
    place: Option<usize>,
    processes: [Process; MAX_PROCESSES],
    live: u8,
    unswept: u8,
    sweeping: [u8; MAX_PROCESSES],
    kills: u8,
}

impl Config {
    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn count(&self) -> usize {
        1 + self.receivers + self.latecomers + self.makers + self.sweepers
    }

    fn is_sweeper(&self, process: usize) -> bool {
        process > self.receivers + self.latecomers + self.makers
    }

    fn first_step(&self, process: usize) -> Step {
        match process {
            0 => Step::Mark,
            p if p <= self.receivers => Step::Take,
            p if p <= self.receivers + self.latecomers => Step::SetBit,
            p if !self.is_sweeper(p) => Step::Build,
            _ => Step::Hunt,
        }
    }

    fn sends_on(&self, process: usize) -> bool {
        (1..self.receivers).contains(&process)
    }

    fn is_latecomer(&self, process: usize) -> bool {
        (self.receivers + 1..=self.receivers + self.latecomers).contains(&process)
    }
}

impl State {
    /// Nobody alive may be using an object that goes away.
    fn check_unused(&self, config: &Config) -> Result<(), Violation> {
        let generation = self.object.generation;
        for me in 0..config.count() {
            let process = &self.processes[me];
            if self.live & 1 << me != 0 && process.holds && process.using == generation {
                return Err(Violation::new(Kind::FreedInUse, format!("{me} uses it")));
            }
        }
        Ok(())
    }
}

impl Protocol for Config {
    type State = State;

    fn start(&self) -> State {
        let idle = Process {
            step: Step::Over,
            settle: None,
            message: 0,
            holds: false,
            using: 0,
            victim: NOBODY,
        };
        let mut processes = [idle; MAX_PROCESSES];
        for (me, process) in processes.iter_mut().enumerate().take(self.count()) {
            process.step = self.first_step(me);
            process.holds = me == 0;
            process.message = usize::from(me != 0);
        }
        let message = |owner| Message {
            owner,
            carries: false,
        };
        State {
            object: Object {
                life: Life::Live,
                generation: 0,
                activity: 0,
                holders: 1,
                listed: 0,
                crowded: false,
            },
            messages: [message(0), message(NOBODY)],
            place: None,
            processes,
            live: (1 << self.count()) - 1,
            unswept: 0,
            sweeping: [NOBODY; MAX_PROCESSES],
            kills: self.kills,
        }
    }

    fn moves(&self, state: &State, moves: &mut Moves<State>) {
        for me in (0..self.count()).filter(|&me| state.live & 1 << me != 0) {
            let process = state.processes[me];
            if process.settle.is_none() && process.step == Step::Hunt {
                for victim in (0..self.count()).filter(|&victim| state.unswept & 1 << victim != 0) {
                    let by = state.sweeping[victim];
                    if by == NOBODY || state.live & 1 << by == 0 {
                        let mut next = state.clone();
                        next.sweeping[victim] = me as u8;
                        next.processes[me].victim = victim as u8;
                        next.processes[me].step = Step::SweepBuilding;
                        moves.step(|| format!("{me}: sweeps {victim}"), Ok(next));
                    }
                }
            } else if let Some(next) = steps::advance(self, state, me) {
                moves.step(
                    || format!("{me}: {:?} {:?}", process.step, process.settle),
                    next,
                );
            }
            let other_sweeper = |other: usize| {
                other != me && self.is_sweeper(other) && state.live & 1 << other != 0
            };
            let survivor = !self.is_sweeper(me) || (0..self.count()).any(other_sweeper);
            if state.kills > 0 && survivor && process.step != Step::Over {
                let mut next = state.clone();
                next.kills -= 1;
                next.live &= !(1 << me);
                next.unswept |= 1 << me;
                next.processes[me].step = Step::Over;
                next.processes[me].settle = None;
                next.processes[me].holds = false;
                moves.fault(|| format!("{me} is KILLED"), Ok(next));
            }
        }
    }

    fn at_rest(&self, state: &State) -> Result<(), Violation> {
        let Object {
            life,
            holders,
            listed,
            ..
        } = state.object;
        if state.unswept != 0 {
            return Err(Violation::new(
                Kind::Unswept,
                format!("{:b}", state.unswept),
            ));
        }
        // What waits in the place for a receiver that is gone is still there for others.
        let carried = state.place.is_some();
        if (life != Life::Free && !carried) || holders != 0 {
            return Err(Violation::new(
                Kind::Leak,
                format!("{life:?}, held by {holders:b}"),
            ));
        }
        for (index, message) in state.messages.iter().enumerate() {
            let waits = state.place == Some(index);
            if (message.owner != NOBODY || listed & 1 << index != 0) && !waits {
                return Err(Violation::new(Kind::Leak, format!("message {index}")));
            }
        }
        Ok(())
    }

    fn describe(&self, state: &State) -> String {
        let Object {
            life,
            generation,
            activity,
            holders,
            listed,
            crowded,
        } = state.object;
        let crowd = if crowded { " crowded" } else { "" };
        format!(
            "{life:?}.{generation}+{activity} held {holders:b} listed {listed:b}{crowd} place {:?}",
            state.place
        )
    }
}
