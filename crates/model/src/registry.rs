//! Creating and destroying queues while others use, close and sweep them.
//!
//! One place of the registry and the queue memory behind it. The memory stays queue memory for
//! ever and serves one queue after the other, each a generation of its own; turns go on. How a
//! queue orders its messages is left out here (see `channel`): a put looks for any empty slot,
//! a take for any ready one.

mod close;
mod creator;
mod sweep;
mod table;
mod user;

use close::Close;
use creator::Create;
use sweep::Sweep;
use table::{Place, Registration, Slot, Table};
use user::{Put, Take};

use crate::bug::Bug;
use crate::explore::{Moves, Protocol};
use crate::violation::{Kind, Violation};

const MAX_PROCESSES: usize = 5;
const NOTHING: u8 = u8::MAX;

/// How many of everything there is. There is always one creator, process 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct Config {
    /// Queues created one after the other; all but the last are destroyed.
    pub queues: u8,
    /// Processes that put.
    pub producers: usize,
    /// Processes that take.
    pub consumers: usize,
    /// Processes that sweep. The last one alive is never killed.
    pub sweepers: usize,
    /// Slots of a queue.
    pub slots: u8,
    /// How often each producer puts, and each consumer opens a queue.
    pub rounds: u8,
    /// How often any process may be killed.
    pub kills: u8,
    /// The rule that is left out.
    pub bug: Option<Bug>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step {
    Create(Create),
    Put(Put),
    Take(Take),
    Close(Close),
    Sweep(Sweep),
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Entry {
    Free,
    Alive,
    Sweeping(u8),
}

/// A process and its registers.
#[derive(Clone, Copy, Hash)]
struct Process {
    step: Step,
    /// The registration of the queue it works with.
    queue: Registration,
    /// The slot it looks at, and the word it read there.
    index: u8,
    word: Slot,
    /// The message it holds.
    block: u8,
    /// Rounds left; the victim of a sweeper.
    left: u8,
    /// Blocks a sweeper found in slots.
    reached: u8,
}

impl Process {
    fn new(step: Step, left: u8) -> Self {
        Self {
            step,
            queue: Registration::UNUSED,
            index: 0,
            word: Slot::NEW,
            block: NOTHING,
            left,
            reached: 0,
        }
    }
}

/// Shared memory, all processes, and what may still go wrong.
#[derive(Clone, Hash)]
pub struct State {
    table: Table,
    entries: [Entry; MAX_PROCESSES],
    processes: [Process; MAX_PROCESSES],
    live: u8,
    kills: u8,
}

impl Config {
    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn count(&self) -> usize {
        1 + self.producers + self.consumers + self.sweepers
    }

    fn is_sweeper(&self, process: usize) -> bool {
        process > self.producers + self.consumers
    }

    fn first_step(&self, process: usize) -> Step {
        match process {
            0 => Step::Create(Create::Reserve),
            p if p <= self.producers => Step::Put(Put::Open),
            p if !self.is_sweeper(p) => Step::Take(Take::Open),
            _ => Step::Sweep(Sweep::Hunt),
        }
    }

    // `None`: the process cannot move now.
    fn advance(&self, state: &State, me: usize) -> Option<Result<State, Violation>> {
        let mut next = state.clone();
        let (table, process) = (&mut next.table, &mut next.processes[me]);
        if table.asleep & 1 << me != 0 {
            return None;
        }
        let place = table.registration.place;
        let live = matches!(place, Place::Live(_));
        let stepped = match process.step {
            Step::Over | Step::Sweep(Sweep::Hunt) => return None,
            Step::Put(Put::Open) | Step::Take(Take::Open) if process.left == 0 || !live => {
                return None;
            }
            // While the last queue is still being closed the real thing takes another place.
            Step::Create(Create::Reserve) if place != Place::Free => return None,
            Step::Create(step) => creator::step(self, table, process, step),
            Step::Put(step) => user::put(self, table, process, me, step),
            Step::Take(step) => user::take(self, table, process, me, step),
            Step::Close(step) => close::step(self, table, process, me, step),
            Step::Sweep(step) => sweep::step(self, table, process, me, step, &mut next.entries),
        };
        Some(stepped.map(|()| next))
    }
}

impl Protocol for Config {
    type State = State;

    fn start(&self) -> State {
        let mut processes = [Process::new(Step::Over, 0); MAX_PROCESSES];
        for (me, process) in processes.iter_mut().enumerate().take(self.count()) {
            let left = if me == 0 { self.queues } else { self.rounds };
            *process = Process::new(self.first_step(me), left);
        }
        State {
            table: Table::new(),
            entries: [Entry::Alive; MAX_PROCESSES],
            processes,
            live: (1 << self.count()) - 1,
            kills: self.kills,
        }
    }

    fn moves(&self, state: &State, moves: &mut Moves<State>) {
        let living = |process: usize| state.live & 1 << process != 0;
        for me in (0..self.count()).filter(|&me| living(me)) {
            let step = state.processes[me].step;
            if let Some(next) = self.advance(state, me) {
                moves.step(|| format!("{me}: {step:?}"), next);
            }
            for victim in (0..self.count()).filter(|_| step == Step::Sweep(Sweep::Hunt)) {
                let dead = match state.entries[victim] {
                    Entry::Free => false,
                    Entry::Alive => !living(victim),
                    Entry::Sweeping(by) => !living(by.into()),
                };
                if dead {
                    let mut next = state.clone();
                    next.entries[victim] = Entry::Sweeping(me as u8);
                    next.processes[me].left = victim as u8;
                    next.processes[me].step = Step::Sweep(Sweep::Slot);
                    moves.step(|| format!("{me}: sweeps {victim}"), Ok(next));
                }
            }
            let others = (0..self.count()).filter(|&p| p != me && self.is_sweeper(p) && living(p));
            let survivor = !self.is_sweeper(me) || others.count() > 0;
            if state.kills > 0 && survivor && step != Step::Over {
                let mut next = state.clone();
                next.kills -= 1;
                next.live &= !(1 << me);
                next.table.asleep &= !(1 << me);
                next.processes[me] = Process::new(Step::Over, 0);
                moves.fault(|| format!("{me} is KILLED"), Ok(next));
            }
        }
    }

    fn at_rest(&self, state: &State) -> Result<(), Violation> {
        for me in 0..self.count() {
            let living = state.live & 1 << me != 0;
            if state.entries[me] != if living { Entry::Alive } else { Entry::Free } {
                return Err(Violation::new(Kind::Unswept, format!("entry {me}")));
            }
        }
        state.table.check_at_rest(self)?;
        for me in (0..self.count()).filter(|&me| state.table.asleep & 1 << me != 0) {
            if state.processes[me].queue != state.table.registration {
                let detail = format!("{me} sleeps on a queue that is gone");
                return Err(Violation::new(Kind::Hang, detail));
            }
            if state.table.slots(self).any(Slot::is_full) {
                return Err(Violation::new(
                    Kind::Hang,
                    format!("{me} sleeps beside a message"),
                ));
            }
        }
        Ok(())
    }

    fn describe(&self, state: &State) -> String {
        state.table.describe(self)
    }
}
