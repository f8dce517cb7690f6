//! Making locks and their like, and what of them takes more than a number.

use crate::error::Result;
use crate::member;
use napi_derive::napi;

#[napi]
pub fn lock_create() -> Result<f64> {
    member::member(|member| Ok(member.create_lock()? as f64))
}

#[napi]
pub fn semaphore_create(value: u32, bounded: bool) -> Result<f64> {
    member::member(|member| Ok(member.create_semaphore(value, bounded)? as f64))
}

#[napi]
pub fn event_create() -> Result<f64> {
    member::member(|member| Ok(member.create_event()? as f64))
}

#[napi]
pub fn condition_create(lock: f64, kind: u32) -> Result<f64> {
    member::member(|member| Ok(member.create_condition(lock as u64, kind)? as f64))
}

#[napi]
pub fn barrier_create(parties: u32, block: u32) -> Result<f64> {
    member::member(|member| Ok(member.create_barrier(parties, block)? as f64))
}

#[napi(object)]
pub struct Linked {
    pub handle: f64,
    pub kind: u32,
}

#[napi]
pub fn linked(handle: f64) -> Result<Linked> {
    let (handle, kind) = member::member(|member| member.linked(handle as u64))?;
    Ok(Linked {
        handle: handle as f64,
        kind,
    })
}

#[napi(object)]
pub struct Arrival {
    pub generation: u32,
    pub index: u32,
}

#[napi]
pub fn barrier_arrive(handle: f64) -> Result<Option<Arrival>> {
    let arrived = member::member(|member| member.arrive(handle as u64))?;
    Ok(arrived.map(|(generation, index)| Arrival { generation, index }))
}

#[napi(object)]
pub struct BarrierState {
    pub parties: u32,
    pub arrived: u32,
    pub broken: bool,
    pub changes: u32,
}

#[napi]
pub fn barrier_state(handle: f64) -> Result<BarrierState> {
    let (parties, arrived, broken, changes) =
        member::member(|member| member.barrier_state(handle as u64))?;
    Ok(BarrierState {
        parties,
        arrived,
        broken,
        changes,
    })
}
