//! What comes after a segment: `Segment::peek` and `Segment::next`.

use super::Config;
use super::append::Append;
use super::memory::{Handle, Link, Memory};
use super::process::{Process, Step};
use super::put;
use super::retire::{self, Retire};
use super::take;
use super::walk;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Next {
    /// What does the NEXT word say?
    Load,
    /// In which generation is that segment now?
    LoadLife(Found),
    /// Segments end in order: while this one has not begun to, that one is what its life word says.
    Confirm(Found),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Found {
    Nothing,
    Segment,
    Closed,
    Stale,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Context {
    Put,
    Append,
    Take,
    Retire,
    Walk,
}

pub(super) fn begin(process: &mut Process, context: Context) {
    process.context = context;
    process.step = Step::Next(Next::Load);
}

pub(super) fn step(config: &Config, memory: &mut Memory, process: &mut Process, step: Next) {
    let handle = process.segment;
    let segment = memory.at(handle);
    let next = match step {
        Next::Load if segment.next_turn != handle.turn => Next::Confirm(Found::Stale),
        Next::Load => match segment.next {
            Link::Open => Next::Confirm(Found::Nothing),
            Link::Closed => Next::Confirm(Found::Closed),
            Link::Block(block) => {
                process.other = Handle { turn: 0, block };
                Next::LoadLife(Found::Segment)
            }
        },
        Next::LoadLife(found) => {
            process.other.turn = memory.at(process.other).turn;
            Next::Confirm(found)
        }
        Next::Confirm(found) => {
            let current = segment.is_current(handle);
            let found = if current { found } else { Found::Stale };
            if found != Found::Segment {
                process.other = Handle::NONE;
            }
            match process.context {
                Context::Put => put::after(process, found),
                Context::Append if found == Found::Nothing => {
                    process.step = Step::Append(Append::Claim);
                }
                Context::Append => put::again(process),
                Context::Take => take::after(process, found),
                Context::Retire if found == Found::Segment => {
                    process.step = Step::Retire(Retire::Into);
                }
                Context::Retire => retire::end(config, memory, process),
                Context::Walk => walk::after(config, memory, process, found),
            }
            return;
        }
    };
    process.step = Step::Next(next);
}
