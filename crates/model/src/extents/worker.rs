//! A worker: claims an extent, fills it, sends it away or uses it, and frees what it has.

use super::units::Unit;
use super::{Config, NOBODY, Process, Role, Slot, State};
use crate::bug::Bug;
use crate::explore::Moves;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// Look for a free run, or for a message.
    Idle,
    ClaimHead,
    /// Claim the unit `count` after the head.
    ClaimPart,
    Write,
    Send,
    Adopt,
    Finish,
    /// Look at the own extent once more.
    Use,
    Punch,
    /// Free one unit.
    Free,
    PunchLate,
}

pub(super) fn moves(
    config: &Config,
    state: &State,
    me: usize,
    step: Step,
    moves: &mut Moves<State>,
) {
    if step != Step::Idle {
        let mut next = state.clone();
        let done = advance(config, &mut next, me, step);
        moves.step(|| format!("worker {me}: {step:?}"), done.map(|()| next));
        return;
    }
    // The search is a hint: where it ends is free at that moment, and only the claims decide.
    let free = |start: u8| (start..start + config.size).all(|u| state.units.word(u) == Unit::Free);
    let starts = 0..=config.units as u8 - config.size;
    for start in starts.filter(|&start| state.processes[me].left > 0 && free(start)) {
        let mut next = state.clone();
        let process = &mut next.processes[me];
        process.left -= 1;
        process.head = start;
        let tail_first = config.has(Bug::ExtentTailClaimedFirst) && config.size > 1;
        process.count = u8::from(tail_first);
        process.role = Role::Worker(if tail_first {
            Step::ClaimPart
        } else {
            Step::ClaimHead
        });
        moves.step(|| format!("worker {me}: finds room at {start}"), Ok(next));
    }
    if let Slot::Ready(head) = state.slot {
        let mut next = state.clone();
        next.slot = Slot::Taken(me as u8, head);
        next.processes[me].head = head;
        next.processes[me].role = Role::Worker(Step::Adopt);
        moves.step(|| format!("worker {me}: takes the message"), Ok(next));
    }
}

fn advance(config: &Config, state: &mut State, me: usize, step: Step) -> Result<(), Violation> {
    let State {
        units,
        slot,
        processes,
        ..
    } = state;
    let process = &mut processes[me];
    let owner = me as u8;
    let head = process.head;
    let tail_first = config.has(Bug::ExtentTailClaimedFirst);
    let to = match step {
        Step::Idle => Step::Idle,
        Step::ClaimHead => {
            if units.replace(head, Unit::Free, Unit::Head(owner)) {
                process.claimed += 1;
                process.count = 1;
                if process.claimed == config.size {
                    Step::Write
                } else {
                    Step::ClaimPart
                }
            } else {
                undo(process)
            }
        }
        Step::ClaimPart => {
            if units.replace(head + process.count, Unit::Free, Unit::Part(head)) {
                process.claimed += 1;
                process.count += 1;
                match (process.count == config.size, tail_first) {
                    (false, _) => Step::ClaimPart,
                    (true, true) => Step::ClaimHead,
                    (true, false) => Step::Write,
                }
            } else {
                undo(process)
            }
        }
        Step::Write => {
            process.count = 0;
            units.write(head, config.size);
            units.check(head, config.size, owner)?;
            if me % 2 == 1 { Step::Send } else { Step::Use }
        }
        Step::Send if *slot == Slot::Empty => {
            *slot = Slot::Ready(head);
            process.head = NOBODY;
            process.claimed = 0;
            Step::Idle
        }
        // The queue is full: keep it.
        Step::Send => Step::Use,
        Step::Adopt => {
            let Unit::Head(from) = units.word(head) else {
                return Err(Violation::new(
                    Kind::FreedInUse,
                    format!("extent {head} in the slot"),
                ));
            };
            units.replace(head, Unit::Head(from), Unit::Head(owner));
            Step::Finish
        }
        Step::Finish => {
            *slot = Slot::Empty;
            process.claimed = config.size;
            Step::Use
        }
        Step::Use => {
            units.check(head, config.size, owner)?;
            if config.has(Bug::PunchAfterFree) {
                Step::Free
            } else {
                Step::Punch
            }
        }
        Step::Punch => {
            units.punch(head, config.size);
            Step::Free
        }
        Step::Free => free(config, state, me)?,
        Step::PunchLate => {
            units.punch(head, config.size);
            idle(process)
        }
    };
    state.processes[me].role = Role::Worker(to);
    Ok(())
}

// Lost a unit to another: give back what was claimed so far.
fn undo(process: &mut Process) -> Step {
    process.left += 1;
    if process.claimed == 0 {
        return idle(process);
    }
    Step::Free
}

fn idle(process: &mut Process) -> Step {
    *process = Process {
        head: NOBODY,
        count: 0,
        claimed: 0,
        ..*process
    };
    Step::Idle
}

// From the last unit back to the head, so that what is left is always a whole prefix.
fn free(config: &Config, state: &mut State, me: usize) -> Result<Step, Violation> {
    let State {
        units, processes, ..
    } = state;
    let process = &mut processes[me];
    let head = process.head;
    let mine = |&unit: &u8| match units.word(unit) {
        Unit::Head(owner) => unit == head && usize::from(owner) == me,
        Unit::Part(of) => of == head,
        Unit::Free => false,
    };
    let mut extent = head..head + config.size;
    let next = if config.has(Bug::ExtentHeadFirst) {
        extent.find(mine)
    } else {
        extent.rfind(mine)
    };
    let Some(unit) = next else {
        return Err(Violation::new(
            Kind::Overlap,
            format!("units of the extent at {head} are gone"),
        ));
    };
    units.replace(unit, units.word(unit), Unit::Free);
    process.claimed -= 1;
    Ok(match process.claimed {
        0 if config.has(Bug::PunchAfterFree) => Step::PunchLate,
        0 => idle(process),
        _ => Step::Free,
    })
}
