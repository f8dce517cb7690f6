//! The only door to atomics of this crate.
#![allow(
    clippy::disallowed_types,
    reason = "this is the shim the rule points to; nothing here is shared between processes"
)]

pub(crate) use std::sync::atomic::Ordering;
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicUsize};
