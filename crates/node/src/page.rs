//! Putting and taking small messages: the calls that programs make most, without arguments or results.
//!
//! An N-API call costs about 30 ns; each number that goes in or out adds 15 to 30. So both sides read and write a page of
//! memory instead, an ArrayBuffer that JavaScript made and keeps (`call-page.ts` has the same table):
//!
//! | double | `send` | `receive` |
//! |--------|--------|-----------|
//! | 0 | in: the queue | in: the queue |
//! | 1 | in: bytes of the message in the first area | in: bytes that fit into the second area; out: bytes there |
//! | 2 | in: an object that must exist, or 0 | in: milliseconds to wait if there is no message |
//! | 3 | out: 0, or the message that found no room | out: 0: nothing, 1: bytes, else a message that is begun |
//!
//! The areas lie behind the doubles. JavaScript stands still during a call, so nobody else touches the page meanwhile.

use crate::error::{Result, refused, thrown};
use crate::hot::{register, throw};
use crate::member::{Seat, with};
use manyhands_sync::{Error, Received, Side};
use napi::JsValue;
use napi::bindgen_prelude::{Env, Object, Unknown};
use napi::sys;
use napi_derive::napi;
use std::time::Duration;

const QUEUE: usize = 0;
const BYTES: usize = 1;
const PEER: usize = 2;
const LIMIT: usize = 2;
const OUTCOME: usize = 3;

/// Bytes of the doubles.
const WORDS_BYTES: usize = 64;
/// Bytes of each of the two areas.
const AREA_BYTES: usize = 4096;
const PAGE_BYTES: usize = WORDS_BYTES + 2 * AREA_BYTES;

/// `receive`: the bytes are in the second area.
const DELIVERED: f64 = 1.0;

/// The page of an environment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page(*mut u8);

impl Page {
    #[inline]
    fn get(self, word: usize) -> f64 {
        debug_assert!(word * 8 < WORDS_BYTES);
        // SAFETY: `use_page` saw PAGE_BYTES bytes, aligned for doubles, and keeps them; any bits are a double.
        unsafe { self.0.cast::<f64>().add(word).read() }
    }

    #[inline]
    fn set(self, word: usize, value: f64) {
        debug_assert!(word * 8 < WORDS_BYTES);
        // SAFETY: as for `get`.
        unsafe { self.0.cast::<f64>().add(word).write(value) }
    }

    /// Copies the first `length` bytes of the first area out.
    #[inline]
    fn copy_out(self, to: *mut u8, length: usize) {
        debug_assert!(length <= AREA_BYTES);
        // SAFETY: the area has so many bytes; the core gave `to` for as many, and shared memory is no part of the page.
        unsafe { std::ptr::copy_nonoverlapping(self.0.add(WORDS_BYTES), to, length) }
    }

    /// Copies bytes into the second area.
    #[inline]
    fn copy_in(self, from: *const u8, length: usize) {
        debug_assert!(length <= AREA_BYTES);
        // SAFETY: as for `copy_out`. A damaged peer may write what is read: then the copy is torn, like any read of
        // shared memory.
        unsafe { std::ptr::copy_nonoverlapping(from, self.0.add(WORDS_BYTES + AREA_BYTES), length) }
    }
}

/// Uses an ArrayBuffer as the page of this environment, for as long as that lives.
#[napi]
pub fn use_page(env: Env, buffer: Unknown) -> Result<()> {
    let mut start = std::ptr::null_mut();
    let mut length = 0;
    let mut reference = std::ptr::null_mut();
    // SAFETY: `buffer` is a value of this call. The reference keeps it until the environment ends, and after that no call
    // reads the page. Nobody but `call-page.ts` has the buffer, which does not detach it; V8 never moves its memory.
    let is_page = unsafe {
        sys::napi_get_arraybuffer_info(env.raw(), buffer.raw(), &raw mut start, &raw mut length)
            == sys::Status::napi_ok
            && length >= PAGE_BYTES
            && (start as usize).is_multiple_of(align_of::<f64>())
            && sys::napi_create_reference(env.raw(), buffer.raw(), 1, &raw mut reference)
                == sys::Status::napi_ok
    };
    if !is_page {
        return Err(refused("ERR_BAD_PAGE", "this is no page for calls"));
    }
    with(|seat| {
        seat.page = Some(Page(start.cast()));
        Ok(())
    })
}

/// Registers the calls.
pub(crate) fn export(exports: &Object, env: &Env) -> napi::Result<()> {
    register(env.raw(), exports.raw(), c"send", send)?;
    register(env.raw(), exports.raw(), c"receive", receive)
}

extern "C" fn send(env: sys::napi_env, _: sys::napi_callback_info) -> sys::napi_value {
    run(env, |seat, page| {
        let length = (page.get(BYTES) as u32).min(AREA_BYTES as u32);
        let peer = page.get(PEER) as u64;
        if peer != 0 && !seat.member.arena().exists(peer) {
            return Err(Error::ShutDown);
        }
        let fill = |to: *mut u8| page.copy_out(to, length as usize);
        let left = seat.member.send(page.get(QUEUE) as u64, length, fill)?;
        Ok(left.map_or(0.0, f64::from))
    })
}

extern "C" fn receive(env: sys::napi_env, _: sys::napi_callback_info) -> sys::napi_value {
    run(env, |seat, page| {
        let queue = page.get(QUEUE) as u64;
        let room = (page.get(BYTES) as usize).min(AREA_BYTES);
        let copy = |from: *const u8, length: usize| page.copy_in(from, length);
        let mut received = seat.member.receive(queue, room, copy)?;
        if received == Received::Nothing {
            let limit = crate::wait::limit(page.get(LIMIT));
            if limit > Duration::ZERO && seat.member.wait_slice(queue, Side::Take, limit)? {
                received = seat.member.receive(queue, room, copy)?;
            }
        }
        Ok(match received {
            Received::Nothing => 0.0,
            Received::Delivered(length) => {
                page.set(BYTES, length as f64);
                DELIVERED
            }
            Received::Begun(taken) => {
                seat.begun.push((queue, taken));
                f64::from(taken.block)
            }
        })
    })
}

/// Runs a call; its result goes into the page.
#[inline]
fn run(
    env: sys::napi_env,
    call: impl FnOnce(&mut Seat, Page) -> std::result::Result<f64, Error>,
) -> sys::napi_value {
    let done = with(|seat| {
        let page = seat
            .page
            .ok_or_else(|| refused("ERR_BAD_PAGE", "there is no page"))?;
        let outcome = call(seat, page).map_err(thrown)?;
        page.set(OUTCOME, outcome);
        Ok(())
    });
    if let Err(error) = done {
        throw(env, &error);
    }
    std::ptr::null_mut()
}
