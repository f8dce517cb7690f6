//! A notifier: `Member::notify`, with the lock.

use super::Config;
use super::memory::{Memory, NOBODY, Process, Step};
use crate::mortal::Mortal;
use crate::violation::{Kind, Violation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Notify {
    Lock,
    /// `notify_one`: one word after the other.
    Find,
    Ring,
    /// What the notified wait for; then the lock is given up. Nobody can tell whether this was
    /// done before, as the lock was not free.
    Unlock,
}

pub(super) fn step(
    config: &Config,
    memory: &mut Memory,
    process: &mut Process,
    me: usize,
    step: Notify,
) -> Result<(), Violation> {
    let next = match step {
        Notify::Lock => {
            memory.lock = me as u8;
            Notify::Find
        }
        Notify::Find => match memory.notify_one(config, process, me, usize::MAX) {
            None => Notify::Find,
            Some(true) => {
                memory.sent += 1;
                process.sent += 1;
                Notify::Ring
            }
            Some(false) => {
                // Nobody begins to wait while the lock is ours.
                let waiting = |me: &usize| memory.words[*me].waiting > 0;
                if let Some(other) = (0..config.count()).find(waiting) {
                    let sent = process.sent;
                    let detail = format!("{other} waits, and {me} notified only {sent}");
                    return Err(Violation::new(Kind::NotificationLost, detail));
                }
                Notify::Unlock
            }
        },
        Notify::Ring => {
            memory.bells.ring(usize::from(process.target), false);
            process.target = NOBODY;
            if process.sent < config.tokens {
                Notify::Find
            } else {
                Notify::Unlock
            }
        }
        Notify::Unlock => {
            memory.tokens += config.tokens;
            memory.lock = NOBODY;
            *process = Process::at(Step::Over);
            return Ok(());
        }
    };
    process.step = Step::Notify(next);
    Ok(())
}
