//! Maps of bytes and of pairs of bytes by a table.

use crate::completion::Completion;
use crate::error::{Result, refused};
use crate::handle::Handle;
use crate::native_pool::{pool, submit, wait};
use crate::typed_array::{column, target};
use manyhands_kernels::element::{Column, Target};
use manyhands_kernels::isa::Level;
use manyhands_kernels::lookup::Table;
use manyhands_parallel::{Outcome, Stop, Work};
use napi::bindgen_prelude::{Env, Unknown};
use napi_derive::napi;
use std::ops::Range;

/// A map whose results for every value are known.
struct Lookup {
    column: Column,
    target: Target,
    table: Table,
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
        let table = copied_table(env, table, column, target)?;
        Ok(Self {
            column,
            target,
            table,
            chunk: (chunk as usize).max(1),
            completion: None,
        })
    }

    fn part(&self, Range { start, end }: Range<usize>) {
        let (from, to) = (self.column.kind.bytes(), self.target.kind.bytes());
        // SAFETY: both have the same length and the table's sizes, checked; JavaScript keeps the arrays alive, and chunks are
        // disjoint.
        unsafe {
            self.table.look_up(
                self.target.data.add(start * to),
                self.column.data.add(start * from),
                end - start,
            );
        }
    }
}

/// A copy of the table, so that nobody changes it meanwhile.
fn copied_table(env: &Env, table: &Unknown<'_>, source: Column, target: Target) -> Result<Table> {
    let table = column(env, table)?;
    let (from, to) = (source.kind.bytes(), target.kind.bytes());
    let fits = table.kind == target.kind
        && source.length == target.length
        && (source.data as usize).is_multiple_of(from)
        && (target.data as usize).is_multiple_of(to);
    let mismatch = || refused("ERR_MISMATCH", "the table is not one for these arrays");
    if !fits {
        return Err(mismatch());
    }
    let bytes = table.length * to;
    let mut entries = vec![0u64; bytes.div_ceil(8)];
    // SAFETY: the table has so many bytes, and the copy as many or more.
    unsafe { std::ptr::copy_nonoverlapping(table.data, entries.as_mut_ptr().cast(), bytes) };
    Table::new(Level::detected(), from, to, entries).ok_or_else(mismatch)
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
