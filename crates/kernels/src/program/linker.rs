//! Reads the words of a program, checks its instructions, and links them to the bodies of a level.

use super::{
    ALIKE, ALL, BadProgram, Carried, Constant, DEEPEST_LOOP, Exit, GATHER, IOTA, LOOP, Lane, Loop,
    MATH1, MATH2, Step,
};
use crate::element::ElementKind;
use crate::isa::Level;
use crate::math::{self, Function, Variant};
use crate::ops::{self, Entry};

pub(super) struct Reader<'a> {
    pub(super) words: &'a [u32],
    pub(super) at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn word(&mut self) -> Result<u32, BadProgram> {
        let word = self
            .words
            .get(self.at)
            .copied()
            .ok_or(BadProgram("too short"))?;
        self.at += 1;
        Ok(word)
    }

    pub(super) fn words<const N: usize>(&mut self) -> Result<[u32; N], BadProgram> {
        let mut words = [0; N];
        for word in &mut words {
            *word = self.word()?;
        }
        Ok(words)
    }

    /// So many words of a loop.
    fn code(&mut self, length: u32) -> Result<&'a [u32], BadProgram> {
        let end = self.at.saturating_add(length as usize);
        let code = self
            .words
            .get(self.at..end)
            .ok_or(BadProgram("a loop longer than its program"))?;
        self.at = end;
        Ok(code)
    }

    pub(super) fn kinds(&mut self, count: u32) -> Result<Vec<ElementKind>, BadProgram> {
        (0..count)
            .map(|_| {
                ElementKind::from_number(self.word()?).ok_or(BadProgram("no such element kind"))
            })
            .collect()
    }
}

pub(super) struct Linker<'a> {
    pub(super) temporaries: usize,
    pub(super) constants: &'a [Constant],
    pub(super) columns: &'a [ElementKind],
    pub(super) captured: &'a [ElementKind],
    pub(super) level: Level,
    pub(super) loops: bool,
    pub(super) narrow: bool,
    /// The last instruction, where it is an operation of the table.
    pub(super) last: Option<Last>,
}

/// An instruction that is an operation of the table.
#[derive(Clone, Copy)]
pub(super) struct Last {
    pub(super) entry: &'static Entry,
    /// A bit for each operand that is a constant.
    pub(super) constants: usize,
}

impl Linker<'_> {
    pub(super) fn steps(&mut self, code: &[u32], depth: usize) -> Result<Vec<Step>, BadProgram> {
        let mut reader = Reader { words: code, at: 0 };
        let mut steps = Vec::new();
        while reader.at < code.len() {
            self.last = None;
            let step = match reader.word()? {
                LOOP => self.looping(&mut reader, depth)?,
                MATH1 => {
                    let [dst, function, variant, x] = reader.words::<4>()?;
                    apart(dst, &[x])?;
                    let (function, variant) = math_function(function, variant)?;
                    let body = math::unary_function(function, variant)
                        .ok_or(BadProgram("no such function"))?;
                    Step::Unary {
                        body: body.at(self.level),
                        dst: self.temporary(dst)?,
                        x: self.operand(x, 8)?,
                    }
                }
                MATH2 => {
                    let [dst, function, variant, x, y] = reader.words::<5>()?;
                    apart(dst, &[x, y])?;
                    let (function, variant) = math_function(function, variant)?;
                    let body = math::binary_function(function, variant)
                        .ok_or(BadProgram("no such function"))?;
                    Step::Binary {
                        body: body.at(self.level),
                        dst: self.temporary(dst)?,
                        x: self.operand(x, 8)?,
                        y: self.operand(y, 8)?,
                    }
                }
                GATHER => {
                    let [dst, index, captured] = reader.words::<3>()?;
                    apart(dst, &[index])?;
                    let kind = self
                        .captured
                        .get(captured as usize)
                        .ok_or(BadProgram("no such captured array"))?;
                    Step::Gather {
                        body: ops::gather(*kind).at(self.level),
                        dst: self.temporary(dst)?,
                        index: self.operand(index, 8)?,
                        captured,
                    }
                }
                IOTA if depth == 0 => Step::Iota {
                    dst: self.temporary(reader.word()?)?,
                },
                code => {
                    let entry = ops::entry(code).ok_or(BadProgram("no such operation"))?;
                    let dst = self.temporary(reader.word()?)?;
                    let mut operands = [dst; 4];
                    let mut constants = 0;
                    for (place, &bytes) in entry.operands.iter().enumerate() {
                        let operand = self.operand(reader.word()?, bytes as usize)?;
                        if operand == dst {
                            return Err(OVERLAP);
                        }
                        constants |= usize::from(self.is_constant(operand)) << place;
                        operands[place] = operand;
                    }
                    self.last = Some(Last { entry, constants });
                    Step::Op {
                        body: entry.body(constants).at(self.level),
                        dst,
                        operands,
                    }
                }
            };
            if matches!(step, Step::Loop(_)) {
                self.last = None;
            }
            self.narrow &= self
                .last
                .is_some_and(|last| ops::is_narrow(last.entry.name));
            steps.push(step);
        }
        Ok(steps)
    }

    fn looping(&mut self, reader: &mut Reader<'_>, depth: usize) -> Result<Step, BadProgram> {
        if depth == DEEPEST_LOOP {
            return Err(BadProgram("loops are nested too deeply"));
        }
        self.loops = true;
        let [alike, length] = reader.words::<2>()?;
        let [entry, go, limit] = reader.words::<3>()?;
        let [carried, exits, invariants] = reader.words::<3>()?;
        let entry = self.flags_or_all(entry)?;
        let limit = self.flags_or_all(limit)?;
        let go = self.flags(go)?;
        let carried = (0..carried)
            .map(|_| {
                let [init, work, next, word] = reader.words::<4>()?;
                let lane = Lane::from_number(word & !ALIKE)?;
                Ok(Carried {
                    init: self.operand(init, lane.bytes())?,
                    work: self.temporary(work)?,
                    next: self.temporary(next)?,
                    lane,
                    alike: word & ALIKE != 0,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let exits = (0..exits)
            .map(|_| {
                let [exit, init, register, word] = reader.words::<4>()?;
                let lane = Lane::from_number(word & !ALIKE)?;
                Ok(Exit {
                    exit: self.operand(exit, lane.bytes())?,
                    init: self.operand(init, lane.bytes())?,
                    register: self.temporary(register)?,
                    lane,
                    alike: word & ALIKE != 0,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let invariants = (0..invariants)
            .map(|_| {
                let [source, work, lane, _] = reader.words::<4>()?;
                let lane = Lane::from_number(lane)?;
                Ok((
                    self.operand(source, lane.bytes())?,
                    self.temporary(work)?,
                    lane,
                ))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let alike = self.steps(reader.code(alike)?, depth + 1)?;
        if alike.iter().any(|step| matches!(step, Step::Loop(_))) {
            return Err(BadProgram("a loop that is the same in all lanes"));
        }
        let body = self.steps(reader.code(length)?, depth + 1)?;
        Ok(Step::Loop(Box::new(Loop {
            entry,
            go,
            limit,
            carried,
            exits,
            invariants,
            alike,
            body,
        })))
    }

    fn temporary(&self, register: u32) -> Result<u32, BadProgram> {
        if (register as usize) < self.temporaries {
            Ok(register)
        } else {
            Err(BadProgram("not a temporary"))
        }
    }

    /// A register of booleans that is a whole block, which a column need not be.
    fn flags(&self, register: u32) -> Result<u32, BadProgram> {
        if (register as usize) < self.temporaries + self.constants.len() {
            Ok(register)
        } else {
            Err(BadProgram("no such flags"))
        }
    }

    /// The same, or `None` for [`ALL`].
    fn flags_or_all(&self, register: u32) -> Result<Option<u32>, BadProgram> {
        (register != ALL).then(|| self.flags(register)).transpose()
    }

    /// A register of which `bytes` bytes per lane may be read.
    pub(super) fn operand(&self, register: u32, bytes: usize) -> Result<u32, BadProgram> {
        let index = register as usize;
        let constants = self.temporaries + self.constants.len();
        let there = index < constants
            || self
                .columns
                .get(index - constants)
                .is_some_and(|kind| kind.bytes() == bytes);
        if there {
            Ok(register)
        } else {
            Err(BadProgram("no such operand"))
        }
    }

    fn is_constant(&self, register: u32) -> bool {
        (register as usize)
            .checked_sub(self.temporaries)
            .is_some_and(|index| index < self.constants.len())
    }
}

const OVERLAP: BadProgram = BadProgram("an operand is the destination");

/// Bodies are compiled for destinations apart from every operand.
fn apart(dst: u32, operands: &[u32]) -> Result<(), BadProgram> {
    if operands.contains(&dst) {
        Err(OVERLAP)
    } else {
        Ok(())
    }
}

fn math_function(function: u32, variant: u32) -> Result<(Function, Variant), BadProgram> {
    let function = u8::try_from(function).ok().and_then(Function::from_number);
    let variant = u8::try_from(variant).ok().and_then(Variant::from_number);
    function.zip(variant).ok_or(BadProgram("no such function"))
}
