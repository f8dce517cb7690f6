//! Maps of bytes and of pairs of bytes by a table.

use crate::completion::Completion;
use crate::error::{Result, refused};
use crate::handle::Handle;
use crate::native_pool::{pool, submit, wait};
use crate::typed_array::{column, target};
use manyhands_kernels::element::{Column, Target};
use manyhands_kernels::isa::Level;
use manyhands_kernels::lookup::lookup;
use manyhands_parallel::{Outcome, Stop, Work};
use napi::bindgen_prelude::{Env, Unknown};
use napi_derive::napi;
use std::ops::Range;

/// A map whose results for every value are known.
struct Lookup {
    column: Column,
    target: Target,
    /// One entry for each value that an element can have.
    table: Vec<u64>,
    chunk: usize,
    completion: Option<Completion>,
}

impl Lookup {
    fn new(
        env: &Env,
        out: &Unknown<'_>,
        column_value: &Unknown<'_>,
        table: &Unknown<'_>,
        chunk: f64,
    ) -> Result<Self> {
        let target = target(env, out)?;
        let column = column(env, column_value)?;
        let entries = column_of_table(env, table, column, target)?;
        Ok(Self {
            column,
            target,
            table: entries,
            chunk: (chunk as usize).max(1),
            completion: None,
        })
    }

    fn part(&self, Range { start, end }: Range<usize>) {
        let (from, to) = (self.column.kind.bytes(), self.target.kind.bytes());
        // SAFETY: both have the same length, checked; the table was checked; JavaScript keeps the arrays alive, and chunks
        // are disjoint.
        unsafe {
            lookup(
                Level::detected(),
                from,
                to,
                self.target.data.add(start * to),
                self.column.data.add(start * from),
                self.table.as_ptr().cast(),
                end - start,
            );
        }
    }
}

/// A copy of the table, so that nobody changes it meanwhile.
fn column_of_table(
    env: &Env,
    table: &Unknown<'_>,
    source: Column,
    target: Target,
) -> Result<Vec<u64>> {
    let table = column(env, table)?;
    let entries = match source.kind.bytes() {
        1 => 256,
        2 => 65_536,
        _ => 0,
    };
    let fits = table.length == entries
        && entries > 0
        && table.kind == target.kind
        && source.length == target.length
        && (source.data as usize).is_multiple_of(source.kind.bytes())
        && (target.data as usize).is_multiple_of(target.kind.bytes());
    if !fits {
        return Err(refused(
            "ERR_MISMATCH",
            "the table is not one for these arrays",
        ));
    }
    let bytes = entries * table.kind.bytes();
    let mut copy = vec![0u64; bytes.div_ceil(8)];
    // SAFETY: the table has so many bytes, and the copy as many or more.
    unsafe { std::ptr::copy_nonoverlapping(table.data, copy.as_mut_ptr().cast(), bytes) };
    Ok(copy)
}

impl Work for Lookup {
    fn chunks(&self) -> usize {
        self.target.chunks(self.chunk)
    }

    fn chunk(&self, index: usize, _: &Stop<'_>) {
        self.part(self.target.chunk(index, self.chunk));
    }

    fn finished(&self, outcome: Outcome) {
        if let Some(completion) = &self.completion {
            completion.send(outcome);
        }
    }
}

/// Runs on the calling thread.
#[napi]
pub fn kernel_lookup(env: Env, out: Unknown, column: Unknown, table: Unknown) -> Result<()> {
    let lookup = Lookup::new(&env, &out, &column, &table, 1.0)?;
    lookup.part(0..lookup.target.length);
    Ok(())
}

/// Runs on the threads of a pool; the calling thread waits. Gives the outcome.
#[napi]
pub fn kernel_lookup_sync(
    env: Env,
    threads: Unknown,
    out: Unknown,
    column: Unknown,
    table: Unknown,
    chunk: f64,
    limit_ms: f64,
) -> Result<u32> {
    let threads = pool(&env, &threads)?;
    let lookup = Lookup::new(&env, &out, &column, &table, chunk)?;
    Ok(wait(&threads, lookup, limit_ms))
}

/// Runs on the threads of a pool, and on the calling one for `help_us`; `done(outcome)` is called at the end, which may be
/// before this returns. Gives the call, for `cancelCall`.
#[napi]
#[allow(clippy::too_many_arguments, reason = "described in native-kernels.ts")]
pub fn kernel_lookup_async(
    env: Env,
    threads: Unknown,
    out: Unknown,
    column: Unknown,
    table: Unknown,
    chunk: f64,
    help_us: f64,
    done: Unknown,
) -> Result<Handle> {
    let threads = pool(&env, &threads)?;
    let mut lookup = Lookup::new(&env, &out, &column, &table, chunk)?;
    lookup.completion = Some(Completion::new(&env, &done)?);
    submit(&env, &threads, lookup, help_us, |lookup| {
        lookup.completion.as_ref()
    })
}
