//! The arena and its blocks.

use crate::bytes;
use crate::error::{Result, refused, thrown};
use crate::member::{self, arena, set_arena};
use manyhands_sync::Arena;
use napi::bindgen_prelude::{Env, Uint8Array};
use napi_derive::napi;

#[napi]
pub fn create_arena() -> Result<i32> {
    Ok(set_arena(Arena::create)?.fd())
}

#[napi]
pub fn attach_arena(fd: i32) -> Result<()> {
    set_arena(|| Arena::attach(fd)).map(|_| ())
}

#[napi]
pub fn arena_fd() -> Result<i32> {
    Ok(arena()?.fd())
}

#[napi]
pub fn segment(env: Env, index: u32) -> Result<bytes::Window> {
    let (start, length) = arena()?
        .segment(index)
        .ok_or_else(|| refused("ERR_BAD_BLOCK", "the arena has no such segment"))?;
    bytes::window(&env, start, length, None)
}

/// Tells V8 of so many bytes that objects of JavaScript hold in the arena, or hold no longer if the number is negative.
#[napi]
pub fn weigh(env: Env, bytes: f64) {
    bytes::weigh(env.raw(), bytes as i64);
}

#[napi]
pub fn capacity(block: u32) -> Result<f64> {
    member::member(|member| Ok(member.capacity(block)? as f64))
}

#[napi]
pub fn adopt(block: u32, expected_owner: u32) -> Result<bool> {
    member::member(|member| member.adopt(block, expected_owner))
}

#[napi]
pub fn owner(block: u32) -> Result<u32> {
    member::member(|member| match member.owner(block) {
        // Freed, and what was one block may be the middle of another by now.
        Err(manyhands_sync::Error::BadBlock) => Ok(0),
        known => known,
    })
}

#[napi]
pub fn trim() -> Result<()> {
    member::member(|member| {
        member.trim();
        Ok(())
    })
}

#[napi]
pub fn view(env: Env, block: u32, byte_offset: f64, byte_length: f64) -> Result<bytes::Window> {
    let (offset, length) = (byte_offset as usize, byte_length as usize);
    let start = member::with(|seat| {
        if seat.member.owner(block).map_err(thrown)? != seat.member.entry() {
            return Err(thrown(manyhands_sync::Error::NotOwner));
        }
        seat.member.payload(block, offset, length).map_err(thrown)
    })?;
    bytes::window(&env, start, length, Some(block))
}

#[napi]
pub fn read(block: u32, offset: f64, mut target: Uint8Array) -> Result<()> {
    let start = member::member(|member| member.payload(block, offset as usize, target.len()))?;
    bytes::copy_out(start, &mut target);
    Ok(())
}

#[napi]
pub fn write(block: u32, offset: f64, source: Uint8Array) -> Result<()> {
    let start = member::member(|member| member.payload(block, offset as usize, source.len()))?;
    bytes::copy_in(start, &source);
    Ok(())
}

#[napi]
pub fn memory_create(bytes: f64, lock: f64, lock_kind: u32) -> Result<f64> {
    member::member(|member| {
        Ok(member.create_memory(bytes as usize, lock as u64, lock_kind)? as f64)
    })
}

/// A window over the bytes of shared memory; whoever has it keeps holding the memory.
#[napi]
pub fn memory_window(env: Env, memory: f64) -> Result<bytes::Window> {
    let (start, length) = member::member(|member| member.memory(memory as u64))?;
    bytes::window(&env, start, length, None)
}

#[napi(object)]
pub struct Stats {
    pub segments: u32,
    pub participants: u32,
    pub objects: u32,
    pub queues: u32,
    pub blocks: f64,
    pub bytes: f64,
    pub own_blocks: f64,
    pub own_bytes: f64,
}

#[napi]
pub fn stats() -> Result<Stats> {
    let arena = arena()?;
    let all = arena.owned(0);
    let (objects, queues) = arena.objects();
    // A thread that takes no part owns nothing; entry numbers begin at 1.
    let me = member::member(|member| Ok(member.entry())).unwrap_or(u32::MAX);
    let own = arena.owned(me);
    Ok(Stats {
        segments: arena.segments(),
        participants: arena.participants(),
        objects,
        queues,
        blocks: all.0 as f64,
        bytes: all.1 as f64,
        own_blocks: own.0 as f64,
        own_bytes: own.1 as f64,
    })
}
