//! Programs and maps of the block machine.

use crate::completion::Completion;
use crate::error::{Result, refused};
use crate::handle::{Handle, Held, hand_out, held};
use crate::native_pool::{pool, submit, wait};
use crate::typed_array::{columns, target};
use manyhands_kernels::element::Target;
use manyhands_kernels::isa::Level;
use manyhands_kernels::machine::Bound;
use manyhands_kernels::operation_names;
use manyhands_kernels::program::Program;
use manyhands_parallel::{Outcome, Stop, Work};
use napi::bindgen_prelude::{Array, Env, Uint32Array, Unknown};
use napi_derive::napi;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[napi]
pub fn kernel_operations() -> Vec<&'static str> {
    operation_names().collect()
}

#[napi]
pub fn kernel_program(env: Env, words: Uint32Array, level: u32) -> Result<Handle> {
    let level = u8::try_from(level)
        .ok()
        .and_then(Level::from_number)
        .unwrap_or_else(Level::detected);
    let program = Program::parse(&words, level).map_err(|bad| refused("ERR_BAD_PROGRAM", bad.0))?;
    hand_out(&env, Held::Program(Arc::new(program)))
}

/// The program behind a handle.
pub(crate) fn program(env: &Env, handle: &Unknown<'_>) -> Result<Arc<Program>> {
    match held(env, handle)? {
        Held::Program(program) => Ok(Arc::clone(program)),
        _ => Err(refused("ERR_BAD_HANDLE", "not a program")),
    }
}

/// Binds the arrays of a call to its program.
pub(crate) fn bind(
    env: &Env,
    program: &Program,
    columns_list: &Array<'_>,
    captured: &Array<'_>,
    length: f64,
) -> Result<Bound> {
    Bound::new(
        program,
        columns(env, columns_list)?,
        columns(env, captured)?,
        length as usize,
    )
    .map_err(|_| {
        refused(
            "ERR_MISMATCH",
            "the arrays are not those of the program, or not aligned",
        )
    })
}

/// One map, in chunks.
struct Map {
    program: Arc<Program>,
    bound: Bound,
    target: Target,
    chunk: usize,
    stream: bool,
    completion: Option<Completion>,
}

impl Map {
    #[allow(clippy::too_many_arguments, reason = "the arguments of the exports")]
    fn new(
        env: &Env,
        program_handle: &Unknown<'_>,
        out: &Unknown<'_>,
        columns_list: &Array<'_>,
        captured: &Array<'_>,
        chunk: f64,
        stream: bool,
    ) -> Result<Self> {
        let program = program(env, program_handle)?;
        let target = target(env, out)?;
        let bound = bind(env, &program, columns_list, captured, target.length as f64)?;
        if bound.length() != target.length {
            return Err(refused(
                "ERR_MISMATCH",
                "items and results differ in length",
            ));
        }
        if !(target.data as usize).is_multiple_of(target.kind.bytes()) {
            return Err(refused("ERR_MISMATCH", "the results are not aligned"));
        }
        Ok(Self {
            program,
            bound,
            target,
            chunk: (chunk as usize).max(1),
            stream,
            completion: None,
        })
    }
}

impl Work for Map {
    fn chunks(&self) -> usize {
        self.target.chunks(self.chunk)
    }

    fn chunk(&self, index: usize, stop: &Stop<'_>) {
        let Range { start, end } = self.target.chunk(index, self.chunk);
        // SAFETY: JavaScript keeps the arrays alive and attached until the completion; chunks are disjoint; the front end
        // lets results overlap a column only where they are that column.
        unsafe {
            self.program
                .machine()
                .map(&self.bound, self.target, start, end, self.stream, &|| {
                    stop.asked()
                });
        }
    }

    fn finished(&self, outcome: Outcome) {
        if let Some(completion) = &self.completion {
            completion.send(outcome);
        }
    }
}

/// Runs on the calling thread, its loops for no longer than `limit_us`, if that is given. False: they took longer, and part of
/// the results is missing.
#[napi]
pub fn kernel_map(
    env: Env,
    program: Unknown,
    out: Unknown,
    columns: Array,
    captured: Array,
    limit_us: Option<f64>,
) -> Result<bool> {
    let map = Map::new(&env, &program, &out, &columns, &captured, 1.0, false)?;
    let end = limit_us.map(|us| Instant::now() + Duration::from_micros(us as u64));
    let stop = || end.is_some_and(|end| Instant::now() >= end);
    // SAFETY: as in `chunk`; JavaScript stands still meanwhile.
    Ok(unsafe {
        map.program
            .machine()
            .map(&map.bound, map.target, 0, map.target.length, false, &stop)
    })
}

/// Runs on the threads of a pool; the calling thread waits. Gives the outcome.
#[napi]
#[allow(clippy::too_many_arguments, reason = "described in native-kernels.ts")]
pub fn kernel_map_sync(
    env: Env,
    threads: Unknown,
    program: Unknown,
    out: Unknown,
    columns: Array,
    captured: Array,
    chunk: f64,
    stream: bool,
    limit_ms: f64,
) -> Result<u32> {
    let threads = pool(&env, &threads)?;
    let map = Map::new(&env, &program, &out, &columns, &captured, chunk, stream)?;
    Ok(wait(&threads, map, limit_ms))
}

/// Runs on the threads of a pool, and on the calling one for `help_us`; `done(outcome)` is called at the end, which may be
/// before this returns. Gives the call, for `cancelCall`.
#[napi]
#[allow(clippy::too_many_arguments, reason = "described in native-kernels.ts")]
pub fn kernel_map_async(
    env: Env,
    threads: Unknown,
    program: Unknown,
    out: Unknown,
    columns: Array,
    captured: Array,
    chunk: f64,
    stream: bool,
    help_us: f64,
    done: Unknown,
) -> Result<Handle> {
    let threads = pool(&env, &threads)?;
    let mut map = Map::new(&env, &program, &out, &columns, &captured, chunk, stream)?;
    map.completion = Some(Completion::new(&env, &done)?);
    submit(&env, &threads, map, help_us, |map| map.completion.as_ref())
}
