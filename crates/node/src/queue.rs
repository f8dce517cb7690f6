//! Queues.

use crate::error::{Result, refused, thrown};
use crate::member;
use napi_derive::napi;

#[napi]
pub fn queue_create(capacity: u32) -> Result<f64> {
    // A handle has 52 bits: exact as a number.
    member::member(|member| Ok(member.create_queue(capacity)? as f64))
}

#[napi]
pub fn queue_destroy(queue: f64) -> Result<()> {
    member::member(|member| member.destroy_queue(queue as u64))
}

#[napi]
pub fn take_begin(queue: f64) -> Result<u32> {
    let queue = queue as u64;
    member::with(|seat| {
        let Some(taken) = seat.member.take_begin(queue).map_err(thrown)? else {
            return Ok(0);
        };
        seat.begun.push((queue, taken));
        Ok(taken.block)
    })
}

#[napi]
pub fn take_finish(queue: f64) -> Result<()> {
    let queue = queue as u64;
    member::with(|seat| {
        let index = seat.begun.iter().position(|(of, _)| *of == queue);
        let index =
            index.ok_or_else(|| refused("ERR_BAD_HANDLE", "nothing was taken from this queue"))?;
        let (_, taken) = seat.begun.remove(index);
        seat.member.take_finish(queue, taken).map_err(thrown)
    })
}

#[napi]
pub fn queue_shut(queue: f64, immediate: bool) -> Result<u32> {
    member::member(|member| member.shut_queue(queue as u64, immediate))
}
