//! Waiting and waking.

use crate::error::Result;
use crate::member;
use manyhands_sync::Side;
use napi_derive::napi;
use std::time::Duration;

/// Milliseconds from JavaScript; nonsense means "do not wait".
pub(crate) fn limit(max_ms: f64) -> Duration {
    Duration::try_from_secs_f64(max_ms.min(1000.0) / 1000.0).unwrap_or(Duration::ZERO)
}

#[napi]
pub fn arm_put(queue: f64) -> Result<bool> {
    member::member(|member| member.arm(queue as u64, Side::Put))
}

#[napi]
pub fn disarm_put(queue: f64) -> Result<()> {
    member::member(|member| member.disarm(queue as u64, Side::Put))
}

#[napi]
pub fn wait_put_slice(queue: f64, max_ms: f64) -> Result<bool> {
    member::member(|member| member.wait_slice(queue as u64, Side::Put, limit(max_ms)))
}
