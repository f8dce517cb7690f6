//! A sleeper: `Bitmap::add`, a look, sleep, `Bitmap::remove`.

use super::{Config, Process, State, Step};
use crate::bug::Bug;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sleep {
    /// One CAS; the flag is only looked at.
    Take,
    /// Is the word marked as used?
    LoadUsed,
    Mark,
    /// Read the own bell, then set the own bit. Taken as one step: a ring in between would only
    /// keep the process awake.
    SetBit,
    Look,
    Doze,
    ClearBit,
}

pub(super) fn step(config: &Config, state: &mut State, me: usize, step: Sleep) {
    let word = config.word_of(me);
    let late = config.has(Bug::WordMarkedLate);
    let next = match step {
        Sleep::Take if state.tokens > 0 => {
            state.tokens -= u8::from(!config.flag);
            state.processes[me] = Process::at(Step::Over);
            return;
        }
        Sleep::Take if state.processes[me].leaving => {
            state.processes[me] = Process::at(Step::Over);
            return;
        }
        Sleep::Take if late => Sleep::SetBit,
        Sleep::Take => Sleep::LoadUsed,
        Sleep::LoadUsed if state.used & 1 << word != 0 => after_mark(late),
        Sleep::LoadUsed => Sleep::Mark,
        Sleep::Mark => {
            state.used |= 1 << word;
            after_mark(late)
        }
        Sleep::SetBit => {
            state.words[word] |= 1 << me;
            state.bells.watch(me);
            Sleep::Look
        }
        Sleep::Look if state.tokens > 0 => Sleep::ClearBit,
        Sleep::Look if late => Sleep::LoadUsed,
        Sleep::Look => Sleep::Doze,
        Sleep::Doze => Sleep::ClearBit,
        Sleep::ClearBit => {
            state.words[word] &= !(1 << me);
            state.bells.forget(me);
            Sleep::Take
        }
    };
    state.processes[me].step = Step::Sleep(next);
}

fn after_mark(late: bool) -> Sleep {
    if late { Sleep::Doze } else { Sleep::SetBit }
}
