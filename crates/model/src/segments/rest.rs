//! What must hold when nobody can move any more.

use super::memory::{Handle, Life, Link};
use super::process::Step;
use super::{Config, State};
use crate::mortal::Mortal;
use crate::violation::{Kind, Violation};

pub(super) fn check(config: &Config, state: &State) -> Result<(), Violation> {
    let memory = &state.memory;
    if memory.deaths.unswept != 0 {
        let detail = format!("{:b}", memory.deaths.unswept);
        return Err(Violation::new(Kind::Unswept, detail));
    }
    let left = memory.published & !memory.delivered;
    for me in 0..config.count() {
        if matches!(state.processes[me].step, Step::Append(_)) {
            return Err(Violation::new(Kind::Leak, "there is no free segment"));
        }
        let ended = memory.shut || config.pipe && memory.writers == 0;
        if state.sleeps(me) && (left != 0 || ended) {
            let detail = format!("{me} sleeps, and {left:b} are not delivered");
            return Err(Violation::new(Kind::Hang, detail));
        }
    }
    chain(config, state)
}

/// All segments that are not free are in the chain, and the words of the queue name some of them.
fn chain(config: &Config, state: &State) -> Result<(), Violation> {
    let memory = &state.memory;
    let mut found = Vec::new();
    let mut block = Some(memory.oldest.block);
    while let Some(index) = block {
        let segment = &memory.segments[usize::from(index)];
        let turn = segment.turn;
        if segment.life != Life::Live || segment.next_turn != turn {
            let detail = format!("segment {index}.{turn} is in the chain: {:?}", segment.life);
            return Err(Violation::new(Kind::Corrupt, detail));
        }
        found.push(Handle { turn, block: index });
        block = match segment.next {
            Link::Block(next) if found.len() <= config.segments => Some(next),
            _ => None,
        };
    }
    let words = [memory.oldest, memory.take_from, memory.put_into];
    if !words.iter().all(|word| found.contains(word)) {
        let detail = format!("{words:?} are not all in the chain");
        return Err(Violation::new(Kind::Corrupt, detail));
    }
    let used = |&index: &usize| memory.segments[index].life != Life::Free;
    let used = (0..config.segments).filter(used).count();
    if used != found.len() {
        let detail = format!("{used} segments, {} of them in the chain", found.len());
        return Err(Violation::new(Kind::Leak, detail));
    }
    Ok(())
}
