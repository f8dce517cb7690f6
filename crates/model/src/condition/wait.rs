//! A waiter: `Condition.waitFor` with the steps of `wait`, and `begin_wait`, `give_up_wait`, `take_notification`.

use super::Config;
use super::memory::{Memory, NOBODY, Process, Step};
use crate::bug::Bug;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wait {
    Lock,
    /// The predicate, with the lock.
    Check,
    /// `begin_wait`: one more of us waits.
    Begin,
    /// The lock is given up.
    Unlock,
    /// The own bell is read.
    Watch,
    /// `is_notified`
    Look,
    Sleep,
    /// `give_up_wait`: or was it notified after all?
    GiveUp,
    /// Aborted though notified: somebody else is, and rung,
    PassOn,
    Ring,
    /// then the own notification goes.
    TakePassed,
    /// The lock is acquired again,
    LockAgain,
    /// and only then the notification is taken.
    Take,
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Wait,
) {
    let next = match step {
        Wait::Lock => {
            memory.lock = me as u8;
            Wait::Check
        }
        Wait::Check => return check(config, memory, process),
        Wait::Begin => {
            memory.words[me].waiting += 1;
            if config.has(Bug::WaitsAfterUnlock) {
                Wait::Watch
            } else {
                Wait::Unlock
            }
        }
        Wait::Unlock => {
            memory.lock = NOBODY;
            if config.has(Bug::WaitsAfterUnlock) {
                Wait::Begin
            } else {
                Wait::Watch
            }
        }
        Wait::Watch => {
            memory.bells.watch(me);
            if config.has(Bug::NoConditionRecheck) {
                Wait::Sleep
            } else {
                Wait::Look
            }
        }
        Wait::Look if memory.words[me].notified > 0 => {
            memory.bells.forget(me);
            process.notified = true;
            woken(config)
        }
        Wait::Look => Wait::Sleep,
        // It was rung: for a notification, or after a death.
        Wait::Sleep => {
            memory.bells.forget(me);
            if config.has(Bug::NoConditionRecheck) && memory.words[me].notified > 0 {
                process.notified = true;
                woken(config)
            } else {
                Wait::Watch
            }
        }
        Wait::GiveUp => {
            process.leaving = true;
            if memory.words[me].waiting > 0 {
                memory.words[me].waiting -= 1;
                Wait::LockAgain
            } else if config.has(Bug::GiveUpKeepsNotification) {
                Wait::LockAgain
            } else if !process.aborts {
                process.notified = true;
                process.leaving = false;
                Wait::LockAgain
            } else if config.has(Bug::AbortTakesFirst) {
                Wait::TakePassed
            } else {
                Wait::PassOn
            }
        }
        Wait::PassOn => match memory.notify_one(config, process, me, usize::MAX) {
            None => Wait::PassOn,
            Some(true) => {
                process.passed = !config.has(Bug::AbortTakesFirst);
                Wait::Ring
            }
            Some(false) => {
                memory.vanished += u8::from(config.has(Bug::AbortTakesFirst));
                passed(config)
            }
        },
        Wait::Ring => {
            memory.bells.ring(usize::from(process.target), false);
            process.target = NOBODY;
            passed(config)
        }
        Wait::TakePassed => {
            memory.words[me].notified -= 1;
            let vanished = !process.passed && !config.has(Bug::AbortTakesFirst);
            memory.vanished += u8::from(vanished);
            process.passed = false;
            if config.has(Bug::AbortTakesFirst) {
                Wait::PassOn
            } else {
                Wait::LockAgain
            }
        }
        Wait::LockAgain => {
            memory.lock = me as u8;
            match process.notified && !config.has(Bug::NotificationTakenEarly) {
                true => Wait::Take,
                false => {
                    process.notified = false;
                    Wait::Check
                }
            }
        }
        Wait::Take => {
            memory.words[me].notified -= 1;
            memory.consumed += 1;
            if config.has(Bug::NotificationTakenEarly) {
                Wait::LockAgain
            } else {
                process.notified = false;
                // What becomes of it from here on is not the condition's affair: one step.
                return check(config, memory, process);
            }
        }
    };
    process.step = Step::Wait(next);
}

/// The predicate of `waitFor`; it ends the wait, or the process waits once more.
fn check(config: &Config, memory: &mut Memory, process: &mut Process) {
    if memory.tokens > 0 && !process.aborts {
        memory.tokens -= 1;
        process.leaving = true;
    }
    if process.leaving {
        memory.lock = NOBODY;
        *process = Process::at(Step::Over);
    } else if config.has(Bug::WaitsAfterUnlock) {
        process.step = Step::Wait(Wait::Unlock);
    } else {
        process.step = Step::Wait(Wait::Begin);
    }
}

fn woken(config: &Config) -> Wait {
    if config.has(Bug::NotificationTakenEarly) {
        Wait::Take
    } else {
        Wait::LockAgain
    }
}

fn passed(config: &Config) -> Wait {
    if config.has(Bug::AbortTakesFirst) {
        Wait::LockAgain
    } else {
        Wait::TakePassed
    }
}
