//! The steps of a program: instructions that are linked to the bodies of a level.

use super::Lane;
use crate::math::{Binary, Unary};
use crate::ops::{Gather, Op};

/// One instruction, linked to the bodies of a level. Registers are indices into the machine's table.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Op {
        body: Op,
        dst: u32,
        operands: [u32; 4],
    },
    Unary {
        body: Unary,
        dst: u32,
        x: u32,
    },
    Binary {
        body: Binary,
        dst: u32,
        x: u32,
        y: u32,
    },
    Gather {
        body: Gather,
        dst: u32,
        index: u32,
        captured: u32,
    },
    Iota {
        dst: u32,
    },
    Loop(Box<Loop>),
}

impl Step {
    /// Runs a step that needs nothing but registers, which `at` finds; false: this is another.
    ///
    /// Inlined: turns of a few groups take up to twice as long where this is a call.
    ///
    /// # Safety
    /// Each register of the step has `groups` groups, and the one that is written is apart from those that are read.
    #[inline(always)]
    pub(crate) unsafe fn run_on(&self, at: impl Fn(u32) -> *mut u8, groups: usize) -> bool {
        // SAFETY: the caller's promise; the linker chose bodies for what registers hold.
        unsafe {
            match *self {
                Self::Op {
                    body,
                    dst,
                    operands: [a, b, c, d],
                } => body(at(dst), at(a), at(b), at(c), at(d), groups),
                Self::Unary { body, dst, x } => body(at(dst).cast(), at(x).cast(), groups),
                Self::Binary { body, dst, x, y } => {
                    body(at(dst).cast(), at(x).cast(), at(y).cast(), groups);
                }
                Self::Gather { .. } | Self::Iota { .. } | Self::Loop(_) => return false,
            }
        }
        true
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Carried {
    pub(crate) init: u32,
    pub(crate) work: u32,
    pub(crate) next: u32,
    pub(crate) lane: Lane,
    /// It is the same in all lanes.
    pub(crate) alike: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Exit {
    pub(crate) exit: u32,
    pub(crate) init: u32,
    pub(crate) register: u32,
    pub(crate) lane: Lane,
    /// It is the same in all lanes.
    pub(crate) alike: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Loop {
    /// `None`: all lanes.
    pub(crate) entry: Option<u32>,
    pub(crate) go: u32,
    /// No lane goes on where its first flag is 0. `None`: there is no such limit.
    pub(crate) limit: Option<u32>,
    pub(crate) carried: Vec<Carried>,
    pub(crate) exits: Vec<Exit>,
    /// Source, work, lane.
    pub(crate) invariants: Vec<(u32, u32, Lane)>,
    /// For the first group of lanes, before the body.
    pub(crate) alike: Vec<Step>,
    pub(crate) body: Vec<Step>,
}
