//! The addon as JavaScript sees it: each export converts its arguments, calls the core, converts back.
//!
//! `src/internal/native-api.ts` describes every export. Hot calls take and return plain numbers.
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the exports are documented where they are read, in src/internal/native-api.ts"
)]

mod bytes;
mod completion;
mod constants;
mod error;
mod filter;
mod handle;
mod hearing;
mod hot;
mod kernels;
mod liveness;
mod lookups;
mod math;
mod member;
mod memory;
mod named;
mod native_pool;
mod operations;
mod page;
mod queue;
mod result_memory;
mod synchronise;
mod typed_array;
mod wait;
