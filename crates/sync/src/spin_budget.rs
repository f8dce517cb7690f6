//! How long a participant spins before it sleeps.

use crate::prim::spin_hint;
use std::time::{Duration, Instant};

const MAX_SPIN: Duration = Duration::from_micros(20);

/// A spin shorter than this catches nothing.
const MIN_SPIN: Duration = Duration::from_micros(1);
/// A trial spins so long: as long as it takes to wake somebody who sleeps, and his answer.
const TRIAL_SPIN: Duration = Duration::from_micros(60);
/// Waits of one trial: enough for the other side to come to one of its own.
const TRIAL_WAITS: u32 = 24;
/// Waits between trials, at first and at most.
const PATIENCE: (u32, u32) = (16, 128);

/// How long spinning is worth it: doubled when it caught the message, halved when it did not. When nothing is left of it,
/// two that answer each other both sleep, and no answer comes sooner than a wake-up takes: so now and then, less often
/// after each time in vain, some waits in a row spin longer than that.
#[derive(Debug)]
pub(crate) struct SpinBudget {
    now: Duration,
    /// Waits left of a trial.
    trial: u32,
    /// Waits since the last one, and how many it takes to try again.
    idle: u32,
    patience: u32,
    alone: bool,
}

impl SpinBudget {
    pub(crate) fn new() -> Self {
        Self {
            now: MAX_SPIN,
            trial: 0,
            idle: 0,
            patience: PATIENCE.0,
            alone: cfg!(loom) || manyhands_os::available_cpus() < 2,
        }
    }

    /// How long to spin for the next wait.
    fn next(&mut self) -> Option<Duration> {
        if self.now >= MIN_SPIN {
            return Some(self.now);
        }
        if self.trial == 0 {
            self.idle += 1;
            if self.idle < self.patience {
                return None;
            }
            self.idle = 0;
            self.patience = (self.patience * 2).min(PATIENCE.1);
            self.trial = TRIAL_WAITS;
        }
        self.trial -= 1;
        Some(TRIAL_SPIN)
    }

    /// Spins until `ready`, for so long at most and whatever the budget is, which stays as it is.
    pub(crate) fn look(&self, most: Duration, ready: impl Fn() -> bool) -> bool {
        ready() || (!self.alone && spun(most, ready).is_some())
    }

    /// Spins until `ready` or the budget is used up.
    pub(crate) fn spin(&mut self, ready: impl Fn() -> bool) -> bool {
        if self.alone {
            return false;
        }
        let Some(most) = self.next() else {
            return false;
        };
        let Some(after) = spun(most, ready) else {
            self.now /= 2;
            return false;
        };
        self.caught(after);
        true
    }

    fn caught(&mut self, after: Duration) {
        // A trial may catch what was no faster than a wake-up.
        if after <= MAX_SPIN {
            self.now = (self.now * 2).clamp(2 * MIN_SPIN, MAX_SPIN);
            self.patience = PATIENCE.0;
        }
    }
}

/// Spins until `ready`: after how long it was; `None`: not within `most`.
fn spun(most: Duration, ready: impl Fn() -> bool) -> Option<Duration> {
    let start = Instant::now();
    loop {
        for _ in 0..32 {
            if ready() {
                return Some(start.elapsed());
            }
            spin_hint();
        }
        if start.elapsed() >= most {
            return None;
        }
    }
}
