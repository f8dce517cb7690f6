//! Queues.

use crate::error::Result;
use crate::member;
use napi_derive::napi;

#[napi]
pub fn queue_create(capacity: u32) -> Result<f64> {
    // A handle has 52 bits: exact as a number.
    member::member(|member| Ok(member.create_queue(capacity)? as f64))
}

#[napi]
pub fn task_queue_create(capacity: u32) -> Result<f64> {
    member::member(|member| Ok(member.create_counted_queue(capacity)? as f64))
}

#[napi]
pub fn queue_destroy(queue: f64) -> Result<()> {
    member::member(|member| member.destroy_queue(queue as u64))
}

#[napi]
pub fn queue_shut(queue: f64, immediate: bool) -> Result<u32> {
    member::member(|member| member.shut_queue(queue as u64, immediate))
}
