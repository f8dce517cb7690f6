//! Queues.

use crate::error::{Result, refused, thrown};
use crate::member;
use napi_derive::napi;

#[napi]
pub fn queue_create(capacity: u32) -> Result<u32> {
    member::member(|member| member.create_queue(capacity))
}

#[napi]
pub fn queue_destroy(queue: u32) -> Result<()> {
    member::member(|member| member.destroy_queue(queue))
}

#[napi]
pub fn take_begin(queue: u32) -> Result<u32> {
    member::with(|seat| {
        let Some(taken) = seat.member.take_begin(queue).map_err(thrown)? else {
            return Ok(0);
        };
        seat.begun.push((queue, taken));
        Ok(taken.block)
    })
}

#[napi]
pub fn take_finish(queue: u32) -> Result<()> {
    member::with(|seat| {
        let index = seat.begun.iter().position(|(of, _)| *of == queue);
        let index =
            index.ok_or_else(|| refused("ERR_BAD_QUEUE", "nothing was taken from this queue"))?;
        let (_, taken) = seat.begun.remove(index);
        seat.member.take_finish(queue, taken).map_err(thrown)
    })
}
