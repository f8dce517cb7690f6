//! What must hold when nobody can move any more.

use super::memory::{NOBODY, Step};
use super::wait::Wait;
use super::{Config, State};
use crate::mortal::Mortal;
use crate::violation::{Kind, Violation};

pub(super) fn check(config: &Config, state: &State) -> Result<(), Violation> {
    let memory = &state.memory;
    if memory.deaths.unswept != 0 {
        let detail = format!("{:b}", memory.deaths.unswept);
        return Err(Violation::new(Kind::Unswept, detail));
    }
    if memory.lock != NOBODY {
        let detail = format!("the lock is that of {}", memory.lock);
        return Err(Violation::new(Kind::Hang, detail));
    }
    let sleeps = |me: usize| state.processes[me].step == Step::Wait(Wait::Sleep);
    let told = |me: usize| memory.words[me].notified > 0;
    if let Some(me) = (0..config.count()).find(|&me| sleeps(me) && told(me)) {
        let detail = format!("{me} sleeps though it is notified");
        return Err(Violation::new(Kind::Hang, detail));
    }
    let sleeper = (0..config.count()).find(|&me| sleeps(me));
    if let Some(me) = sleeper.filter(|_| memory.tokens > 0) {
        let detail = format!("{me} sleeps beside {} tokens", memory.tokens);
        return Err(Violation::new(Kind::Hang, detail));
    }
    let come = memory.sent + memory.doubled;
    let gone = memory.consumed + memory.vanished;
    let kept = memory.words.iter().position(|word| word.notified > 0);
    if kept.is_some() || come != gone {
        let detail = format!("{come} were sent, {gone} came to something, {kept:?} has one");
        return Err(Violation::new(Kind::NotificationLost, detail));
    }
    for me in 0..config.count() {
        if memory.words[me].waiting != u8::from(sleeps(me)) {
            let detail = format!("{me} counts as waiting, or does not");
            return Err(Violation::new(Kind::Leak, detail));
        }
    }
    Ok(())
}
