//! Operations over whole arrays: made from typed arrays, run stage by stage, asked for their answers.

use crate::completion::Completion;
use crate::error::{Result, refused};
use crate::filter::Kept;
use crate::handle::{Handle, Held, hand_out, held};
use crate::kernels::{bind, program};
use crate::native_pool::{pool, submit};
use crate::typed_array::{column, columns, target};
use manyhands_kernels::data::fold::Fold;
use manyhands_kernels::data::histogram::{Histogram, NoBins};
use manyhands_kernels::data::reduce::{Answer, Reduce, ReduceOp};
use manyhands_kernels::data::scan::{ScanOp, scan};
use manyhands_kernels::data::sort::sort;
use manyhands_kernels::data::{Operation, Source};
use manyhands_kernels::isa::Level;
use manyhands_os::prefer_large_pages;
use manyhands_parallel::{Outcome, Stop, Work};
use napi::bindgen_prelude::{Array, BigInt, Either3, Env, Float64Array, Unknown};
use napi_derive::napi;
use std::sync::Arc;

/// An operation that JavaScript holds.
pub(crate) enum Prepared {
    Reduce(Reduce),
    Fold(Fold),
    Filter(Kept),
    Histogram(Histogram),
    /// What leaves nothing but its target.
    Rewrite(Box<dyn Operation>),
}

impl Prepared {
    fn operation(&self) -> &dyn Operation {
        match self {
            Self::Reduce(reduce) => reduce,
            Self::Fold(fold) => fold,
            Self::Filter(kept) => kept.operation(),
            Self::Histogram(histogram) => histogram,
            Self::Rewrite(operation) => operation.as_ref(),
        }
    }
}

/// The results of a program over columns, or the one column itself.
pub(crate) fn source(
    env: &Env,
    handle: Option<Unknown<'_>>,
    columns_list: &Array<'_>,
    captured: &Array<'_>,
    length: f64,
) -> Result<Source> {
    if let Some(handle) = handle {
        let program = program(env, &handle)?;
        let bound = bind(env, &program, columns_list, captured, length)?;
        return Ok(Source::Results(program, bound));
    }
    match columns(env, columns_list)?.as_slice() {
        [only] => Ok(Source::Array(*only)),
        _ => Err(refused("ERR_MISMATCH", "not one array")),
    }
}

pub(crate) fn level_of(number: u32) -> Level {
    u8::try_from(number)
        .ok()
        .and_then(Level::from_number)
        .unwrap_or_else(Level::detected)
}

pub(crate) fn out(env: &Env, prepared: Prepared) -> Result<Handle> {
    hand_out(env, Held::Operation(Arc::new(prepared)))
}

#[napi]
pub fn reduce_operation(
    env: Env,
    op: u32,
    level: u32,
    program: Option<Unknown>,
    columns: Array,
    captured: Array,
    length: f64,
) -> Result<Handle> {
    let op = ReduceOp::from_number(op)
        .ok_or_else(|| refused("ERR_MISMATCH", "no reduction of this number"))?;
    let source = source(&env, program, &columns, &captured, length)?;
    if op == ReduceOp::Prod && source.is_integer() {
        return Err(refused("ERR_MISMATCH", "products of BigInts have no bound"));
    }
    out(
        &env,
        Prepared::Reduce(Reduce::new(source, op, level_of(level))),
    )
}

#[napi]
#[allow(
    clippy::too_many_arguments,
    reason = "described in native-operations.ts"
)]
pub fn fold_operation(
    env: Env,
    fold: Unknown,
    fold_captured: Array,
    program_handle: Option<Unknown>,
    columns_list: Array,
    captured: Array,
    length: f64,
) -> Result<Handle> {
    let source = source(&env, program_handle, &columns_list, &captured, length)?;
    let fold = Fold::new(
        source,
        program(&env, &fold)?,
        columns(&env, &fold_captured)?,
    )
    .ok_or_else(|| refused("ERR_MISMATCH", "not values and a program of two doubles"))?;
    out(&env, Prepared::Fold(fold))
}

#[napi]
pub fn scan_operation(env: Env, op: u32, items: Unknown, results: Unknown) -> Result<Handle> {
    let op =
        ScanOp::from_number(op).ok_or_else(|| refused("ERR_MISMATCH", "no scan of this number"))?;
    let (from, to) = (column(&env, &items)?, target(&env, &results)?);
    if from.kind != to.kind || from.length != to.length {
        return Err(refused("ERR_MISMATCH", "items and results differ"));
    }
    out(&env, Prepared::Rewrite(scan(from, to, op)))
}

#[napi]
pub fn sort_operation(
    env: Env,
    items: Unknown,
    results: Unknown,
    descending: bool,
) -> Result<Handle> {
    let (from, to) = (column(&env, &items)?, target(&env, &results)?);
    if from.kind != to.kind || from.length != to.length {
        return Err(refused("ERR_MISMATCH", "items and results differ"));
    }
    out(&env, Prepared::Rewrite(sort(from, to, descending)))
}

#[napi]
pub fn histogram_operation(
    env: Env,
    items: Unknown,
    bins: u32,
    low: f64,
    high: f64,
    level: u32,
) -> Result<Handle> {
    let range = (low <= high).then_some((low, high));
    let source = Source::Array(column(&env, &items)?);
    if bins == 0 || bins > i32::MAX as u32 {
        return Err(refused("ERR_MISMATCH", "not a number of bins"));
    }
    out(
        &env,
        Prepared::Histogram(Histogram::new(
            source,
            bins as usize,
            range,
            level_of(level),
        )),
    )
}

pub(crate) fn prepared<'a>(env: &Env, handle: &'a Unknown<'_>) -> Result<&'a Arc<Prepared>> {
    match held(env, handle)? {
        Held::Operation(operation) => Ok(operation),
        _ => Err(refused("ERR_BAD_HANDLE", "not an operation")),
    }
}

/// One stage as the threads see it.
struct Stage {
    prepared: Arc<Prepared>,
    stage: usize,
    chunks: usize,
    completion: Option<Completion>,
}

impl Stage {
    fn new(env: &Env, handle: &Unknown<'_>, stage: u32) -> Result<Self> {
        let prepared = Arc::clone(prepared(env, handle)?);
        if let Prepared::Filter(kept) = &*prepared {
            kept.check_room()?;
        }
        let stage = stage as usize;
        let chunks = prepared.operation().begin(stage);
        Ok(Self {
            prepared,
            stage,
            chunks,
            completion: None,
        })
    }
}

impl Work for Stage {
    fn chunks(&self) -> usize {
        self.chunks
    }

    fn in_order(&self) -> bool {
        self.prepared.operation().in_order()
    }

    fn chunk(&self, index: usize, stop: &Stop<'_>) {
        self.prepared
            .operation()
            .chunk(self.stage, index, &|| stop.asked());
    }

    fn finished(&self, outcome: Outcome) {
        if let Some(completion) = &self.completion {
            completion.send(outcome);
        }
    }
}

/// For a new array, before anybody writes to it.
#[napi]
pub fn large_pages(env: Env, array: Unknown) -> Result<()> {
    let target = target(&env, &array)?;
    prefer_large_pages(target.data, target.length * target.kind.bytes());
    Ok(())
}

#[napi]
pub fn operation_stages(env: Env, operation: Unknown) -> Result<u32> {
    Ok(prepared(&env, &operation)?.operation().stages() as u32)
}

/// Stages after them that put right what a stop has left.
#[napi]
pub fn operation_mends(env: Env, operation: Unknown) -> Result<u32> {
    Ok(prepared(&env, &operation)?.operation().mends() as u32)
}

/// Runs on the calling thread.
#[napi]
pub fn operation_stage(env: Env, operation: Unknown, stage: u32) -> Result<()> {
    let work = Stage::new(&env, &operation, stage)?;
    for index in 0..work.chunks {
        work.prepared
            .operation()
            .chunk(work.stage, index, &|| false);
    }
    Ok(())
}

/// Runs on the threads of a pool, and on the calling one for `help_us` unless chunks wait for each other; `done(outcome)` is
/// called at the end, which may be before this returns. Gives the call, for `cancelCall`.
#[napi]
pub fn operation_stage_async(
    env: Env,
    threads: Unknown,
    operation: Unknown,
    stage: u32,
    help_us: f64,
    done: Unknown,
) -> Result<Handle> {
    let threads = pool(&env, &threads)?;
    let mut work = Stage::new(&env, &operation, stage)?;
    work.completion = Some(Completion::new(&env, &done)?);
    let help_us = if work.in_order() { 0.0 } else { help_us };
    submit(&env, &threads, work, help_us, |work| {
        work.completion.as_ref()
    })
}

/// A number; integers, of which two are a numerator and a denominator; or nothing.
#[napi]
pub fn operation_answer(env: Env, operation: Unknown) -> Result<Either3<f64, Vec<BigInt>, ()>> {
    match &**prepared(&env, &operation)? {
        Prepared::Reduce(reduce) => Ok(match reduce.answer() {
            Some(Answer::Number(number)) => Either3::A(number),
            Some(Answer::Ratio(above, below)) => Either3::B(vec![integer(*above), integer(*below)]),
            Some(answer) => Either3::B(vec![integer(answer)]),
            None => Either3::C(()),
        }),
        Prepared::Fold(fold) => Ok(match fold.answer() {
            Some(number) => Either3::A(number),
            None => Either3::C(()),
        }),
        _ => Err(refused("ERR_BAD_HANDLE", "not a reduction")),
    }
}

fn integer(answer: Answer) -> BigInt {
    match answer {
        Answer::Big(negative, words) => BigInt {
            sign_bit: negative,
            words,
        },
        Answer::Number(_) | Answer::Ratio(..) => BigInt {
            sign_bit: false,
            words: vec![0],
        },
    }
}

/// Fills in counts and edges. 0: done; 1: infinite data without a range; 2: bins too narrow for doubles.
#[napi]
pub fn histogram_answer(
    env: Env,
    operation: Unknown,
    mut counts: Float64Array,
    mut edges: Float64Array,
) -> Result<u32> {
    let Prepared::Histogram(histogram) = &**prepared(&env, &operation)? else {
        return Err(refused("ERR_BAD_HANDLE", "not a histogram"));
    };
    match histogram.answer() {
        Ok((found, bounds)) => {
            if found.len() != counts.len() || bounds.len() != edges.len() {
                return Err(refused("ERR_MISMATCH", "not room for the results"));
            }
            // SAFETY: JavaScript stands still during the call, and the arrays are new.
            let (counts, edges) = unsafe { (counts.as_mut(), edges.as_mut()) };
            for (count, found) in counts.iter_mut().zip(found) {
                *count = found as f64;
            }
            edges.copy_from_slice(&bounds);
            Ok(0)
        }
        Err(NoBins::Infinite) => Ok(1),
        Err(NoBins::TooMany) => Ok(2),
    }
}
