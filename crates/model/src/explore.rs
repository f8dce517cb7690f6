//! Breadth-first search over all interleavings, with a readable trace of the shortest violation.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::hash::Hash;
use std::time::{Duration, Instant};

use crate::fingerprint::{BuildReady, fingerprint};
use crate::violation::Violation;

/// A protocol in one configuration.
pub trait Protocol {
    /// Everything that may differ between two moments: shared memory and every process.
    type State: Clone + Hash;

    /// The state before the first step.
    fn start(&self) -> Self::State;

    /// Hands every possible next step to `moves`.
    fn moves(&self, state: &Self::State, moves: &mut Moves<Self::State>);

    /// What must hold when no process can move and no fault happens any more.
    fn at_rest(&self, state: &Self::State) -> Result<(), Violation>;

    /// One line about the shared memory, for traces.
    fn describe(&self, state: &Self::State) -> String;
}

/// The steps possible in one state.
pub struct Moves<S> {
    list: Vec<(String, Result<S, Violation>)>,
    /// Places in the list of the steps that are no faults.
    steps: Vec<usize>,
    tracing: bool,
}

impl<S> Moves<S> {
    pub(crate) fn new(tracing: bool) -> Self {
        Self {
            list: Vec::with_capacity(16),
            steps: Vec::with_capacity(16),
            tracing,
        }
    }

    /// A step some process takes by itself. `label` is called only when a trace is printed.
    pub fn step(&mut self, label: impl FnOnce() -> String, next: Result<S, Violation>) {
        self.steps.push(self.list.len());
        self.fault(label, next);
    }

    /// Every next state, and whether it is one of a step.
    pub(crate) fn into_states(self) -> impl Iterator<Item = (S, bool)> {
        let Self { list, steps, .. } = self;
        let states = list.into_iter().enumerate();
        states.filter_map(move |(place, (_, next))| Some((next.ok()?, steps.contains(&place))))
    }

    /// Something that may happen but that nobody can rely on: a kill, a respawn, a time-out.
    pub fn fault(&mut self, label: impl FnOnce() -> String, next: Result<S, Violation>) {
        let label = if self.tracing { label() } else { String::new() };
        self.list.push((label, next));
    }
}

/// How a search ended.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// All reachable states were visited and every invariant held.
    Holds,
    /// The limit of states was reached; nothing was found so far.
    Unfinished,
    /// An invariant broke; the steps that lead there, one per line.
    Violated(Violation, Vec<String>),
}

/// What a search found and how big it was.
#[derive(Clone, Debug)]
pub struct Report {
    /// How it ended.
    pub verdict: Verdict,
    /// Distinct states visited.
    pub states: usize,
    /// Steps followed.
    pub transitions: usize,
    /// States in which nobody could move.
    pub rests: usize,
    /// Length of the longest shortest path.
    pub depth: usize,
    /// Wall-clock time.
    pub elapsed: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            states,
            transitions,
            rests,
            depth,
            elapsed,
            ..
        } = self;
        match &self.verdict {
            Verdict::Holds => write!(f, "holds")?,
            Verdict::Unfinished => write!(f, "nothing found within the limit")?,
            Verdict::Violated(violation, trace) => {
                for line in trace {
                    writeln!(f, "  {line}")?;
                }
                write!(f, "{violation}")?;
            }
        }
        let seconds = elapsed.as_secs_f64();
        write!(
            f,
            "; {states} states, {transitions} transitions, {rests} at rest, depth {depth}, {seconds:.2} s"
        )
    }
}

// Visited fingerprint -> fingerprint of the state it was first reached from.
type Visited = HashMap<u64, u64, BuildReady>;

/// Visits at most `limit` states of `protocol`.
///
/// Memory is bounded by the limit: 16 bytes and a little per visited state, and two generations
/// of whole states.
pub fn explore<P: Protocol>(protocol: &P, limit: usize) -> Report {
    let began = Instant::now();
    let mut visited = Visited::default();
    let start = protocol.start();
    visited.insert(fingerprint(&start), 0);
    let mut frontier = vec![start];
    let mut report = Report {
        verdict: Verdict::Holds,
        states: 1,
        transitions: 0,
        rests: 0,
        depth: 0,
        elapsed: Duration::ZERO,
    };
    'search: while !frontier.is_empty() {
        let mut following = Vec::new();
        for state in &frontier {
            let mut moves = Moves::new(false);
            protocol.moves(state, &mut moves);
            let here = fingerprint(state);
            if moves.steps.is_empty() {
                report.rests += 1;
                if let Err(violation) = protocol.at_rest(state) {
                    report.verdict = Verdict::Violated(violation, trace(protocol, &visited, here));
                    break 'search;
                }
            }
            for (_, next) in moves.list {
                report.transitions += 1;
                match next {
                    Ok(next) => {
                        if let Entry::Vacant(vacant) = visited.entry(fingerprint(&next)) {
                            vacant.insert(here);
                            following.push(next);
                        }
                    }
                    Err(violation) => {
                        let trace = trace(protocol, &visited, here);
                        report.verdict = Verdict::Violated(violation, trace);
                        break 'search;
                    }
                }
            }
            if visited.len() > limit {
                report.verdict = Verdict::Unfinished;
                break 'search;
            }
        }
        frontier = following;
        report.depth += 1;
    }
    report.states = visited.len();
    report.elapsed = began.elapsed();
    report
}

// Only fingerprints were kept: walk them back to the start, then run the protocol forward again.
fn trace<P: Protocol>(protocol: &P, visited: &Visited, last: u64) -> Vec<String> {
    let mut path = vec![last];
    let mut state = protocol.start();
    let first = fingerprint(&state);
    while let Some(&print) = path.last().filter(|&&print| print != first) {
        path.push(visited[&print]);
    }
    let mut lines = vec![protocol.describe(&state)];
    for &wanted in path.iter().rev().skip(1) {
        let mut moves = Moves::new(true);
        protocol.moves(&state, &mut moves);
        let found = moves.list.into_iter().find_map(|(label, next)| {
            next.ok()
                .filter(|next| fingerprint(next) == wanted)
                .map(|next| (label, next))
        });
        let Some((label, next)) = found else { break };
        state = next;
        lines.push(format!("{label:<40} {}", protocol.describe(&state)));
    }
    // The step that breaks the invariant leads to no state, so it is named by itself.
    let mut moves = Moves::new(true);
    protocol.moves(&state, &mut moves);
    lines.extend(
        moves
            .list
            .into_iter()
            .find(|(_, next)| next.is_err())
            .map(|(label, _)| label),
    );
    lines
}
