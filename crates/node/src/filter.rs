//! Filters as JavaScript has them: made from typed arrays, asked how many items they keep, and where those are.

use crate::bytes::Window;
use crate::error::{Result, refused};
use crate::handle::Handle;
use crate::operations::{Prepared, level_of, out, prepared, source};
use crate::result_memory::Reusable;
use crate::typed_array::{column, target};
use manyhands_kernels::data::filter::{CountedFilter, Filter, FilterInRoom};
use manyhands_kernels::data::{Operation, Source};
use manyhands_kernels::element::{Column, Target};
use napi::bindgen_prelude::{Array, Env, Unknown};
use napi_derive::napi;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A filter and where its results are.
pub(crate) struct Kept {
    filter: Box<dyn Filter>,
    /// What a filter in room works in, until it is given away; `None` for one that counts.
    room: Option<Mutex<Option<Reusable>>>,
}

impl Kept {
    pub(crate) fn operation(&self) -> &dyn Operation {
        self.filter.as_ref()
    }

    /// Refuses stages after their memory was given away.
    pub(crate) fn check_room(&self) -> Result<()> {
        if self.room.as_ref().is_some_and(|room| lock(room).is_none()) {
            return Err(refused("ERR_MISMATCH", "the results have been taken"));
        }
        Ok(())
    }
}

fn lock(room: &Mutex<Option<Reusable>>) -> MutexGuard<'_, Option<Reusable>> {
    room.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a filter reads: its predicate, and items of the same length.
fn filtered(
    env: &Env,
    items: &Unknown<'_>,
    program: Option<Unknown<'_>>,
    columns: &Array<'_>,
    captured: &Array<'_>,
) -> Result<(Source, Column)> {
    let items = column(env, items)?;
    let predicate = source(env, program, columns, captured, items.length as f64)?;
    if predicate.length() != items.length {
        return Err(refused(
            "ERR_MISMATCH",
            "items and predicate differ in length",
        ));
    }
    Ok((predicate, items))
}

#[napi]
pub fn filter_operation(
    env: Env,
    items: Unknown,
    program: Option<Unknown>,
    columns: Array,
    captured: Array,
    level: u32,
) -> Result<Handle> {
    let (predicate, items) = filtered(&env, &items, program, &columns, &captured)?;
    let filter = Box::new(CountedFilter::new(predicate, items, level_of(level)));
    out(&env, Prepared::Filter(Kept { filter, room: None }))
}

/// The same in memory for results; null: there is none.
#[napi]
pub fn filter_in_room_operation(
    env: Env,
    items: Unknown,
    program: Option<Unknown>,
    columns: Array,
    captured: Array,
    level: u32,
) -> Result<Option<Handle>> {
    let (predicate, items) = filtered(&env, &items, program, &columns, &captured)?;
    let Column { kind, length, .. } = items;
    let Some(room) = Reusable::take(length * kind.bytes()) else {
        return Ok(None);
    };
    let data = room.start();
    let place = Target { kind, data, length };
    let filter = FilterInRoom::new(predicate, items, place, level_of(level));
    let kept = Kept {
        filter: Box::new(filter),
        room: Some(Mutex::new(Some(room))),
    };
    out(&env, Prepared::Filter(kept)).map(Some)
}

fn kept<'a>(env: &Env, operation: &'a Unknown<'_>) -> Result<&'a Kept> {
    match &**prepared(env, operation)? {
        Prepared::Filter(kept) => Ok(kept),
        _ => Err(refused("ERR_BAD_HANDLE", "not a filter")),
    }
}

#[napi]
pub fn filter_count(env: Env, operation: Unknown) -> Result<f64> {
    Ok(kept(&env, &operation)?.filter.count() as f64)
}

/// The results of a filter in room, after its first stage, as of [`Reusable::window`]; null: the engine allows none.
#[napi]
pub fn filter_result(env: Env, operation: Unknown) -> Result<Option<Window>> {
    let Kept { filter, room } = kept(&env, &operation)?;
    let mut room = match room {
        Some(room) if filter.target().get().is_none() => lock(room),
        _ => return Err(refused("ERR_MISMATCH", "the results are elsewhere")),
    };
    let Some(memory) = room.take() else {
        return Err(refused("ERR_MISMATCH", "the results have been taken"));
    };
    match memory.window(&env, filter.count() * filter.kind().bytes()) {
        Ok(window) => Ok(Some(window)),
        Err(memory) => {
            *room = Some(memory);
            Ok(None)
        }
    }
}

/// Gives back what a filter works in, if a buffer has not got it. No stage runs, nor will any.
#[napi]
pub fn filter_end(env: Env, operation: Unknown) -> Result<()> {
    if let Some(room) = &kept(&env, &operation)?.room {
        drop(lock(room).take());
    }
    Ok(())
}

#[napi]
pub fn filter_target(env: Env, operation: Unknown, results: Unknown) -> Result<()> {
    let Kept { filter, .. } = kept(&env, &operation)?;
    let target = target(&env, &results)?;
    if !filter.takes(target) {
        return Err(refused("ERR_MISMATCH", "not room for the results"));
    }
    filter.set_target(target);
    Ok(())
}
