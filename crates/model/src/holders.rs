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
use crate::deaths::{Deaths, MAX_PROCESSES};
use crate::explore::{Moves, Protocol};
use crate::mortal::Mortal;
use crate::violation::{Kind, Violation};
use settle::Settle;
use steps::Step;

const MESSAGES: usize = 2;
const NOBODY: u8 = u8::MAX;

/// Who takes part. Process 0 is the sender.
#[derive(Clone, Copy, Debug)]
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
    deaths: Deaths,
}

impl Config {
    /// The smallest one that shows the protocol at work, with a death; others say in what they differ from it.
    pub const SMALL: Self = Self {
        receivers: 1,
        latecomers: 1,
        makers: 1,
        sweepers: 1,
        slots: 2,
        kills: 1,
        bug: None,
    };

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
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
            if self.deaths.is_alive(me) && process.holds && process.using == generation {
                return Err(Violation::new(Kind::FreedInUse, format!("{me} uses it")));
            }
        }
        Ok(())
    }
}

impl Mortal for Config {
    fn count(&self) -> usize {
        1 + self.receivers + self.latecomers + self.makers + self.sweepers
    }

    fn is_sweeper(&self, process: usize) -> bool {
        process > self.receivers + self.latecomers + self.makers
    }

    fn deaths(state: &State) -> &Deaths {
        &state.deaths
    }

    fn deaths_mut(state: &mut State) -> &mut Deaths {
        &mut state.deaths
    }

    fn is_over(state: &State, me: usize) -> bool {
        state.processes[me].step == Step::Over
    }

    fn hunts(state: &State, me: usize) -> bool {
        let process = &state.processes[me];
        process.settle.is_none() && process.step == Step::Hunt
    }

    fn begin_sweep(&self, state: &mut State, me: usize, victim: usize) {
        state.processes[me].victim = victim as u8;
        state.processes[me].step = Step::SweepBuilding;
    }

    fn step(&self, state: &State, me: usize) -> Option<Result<State, Violation>> {
        steps::advance(self, state, me)
    }

    fn label(state: &State, me: usize) -> String {
        let Process { step, settle, .. } = &state.processes[me];
        format!("{me}: {step:?} {settle:?}")
    }

    fn kill(&self, state: &mut State, me: usize) {
        let process = &mut state.processes[me];
        process.step = Step::Over;
        process.settle = None;
        process.holds = false;
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
            deaths: Deaths::new(self.count(), self.kills),
        }
    }

    fn moves(&self, state: &State, moves: &mut Moves<State>) {
        self.moves_of_mortals(state, moves);
    }

    fn at_rest(&self, state: &State) -> Result<(), Violation> {
        let Object {
            life,
            holders,
            listed,
            ..
        } = state.object;
        if state.deaths.unswept != 0 {
            return Err(Violation::new(
                Kind::Unswept,
                format!("{:b}", state.deaths.unswept),
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
