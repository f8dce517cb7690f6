//! Windows of JavaScript onto shared memory, and copies to and from it.

use crate::error::{Result, refused};
use crate::member;
use manyhands_os::named::Mapping;
use napi::bindgen_prelude::{Env, ToNapiValue, Uint8Array};
use napi::sys;
use std::cell::Cell;
use std::ffi::c_void;
use std::sync::OnceLock;

/// An ArrayBuffer over memory of ours, on its way to JavaScript.
pub struct Window(sys::napi_value);

impl Window {
    /// Over `length` bytes; `None`: the engine allows none, and `finalize` will not be called. Else it is called once, with
    /// the address and `hint`, on the thread of the environment.
    ///
    /// # Safety
    /// The bytes are mapped until `finalize` unmaps them; it accepts the hint.
    pub(crate) unsafe fn over(
        env: &Env,
        start: *mut u8,
        length: usize,
        finalize: extern "C" fn(sys::napi_env, *mut c_void, *mut c_void),
        hint: *mut c_void,
    ) -> Option<Self> {
        let mut value = std::ptr::null_mut();
        // SAFETY: the caller's promise; `env` is the environment of the current call.
        let status = unsafe {
            sys::napi_create_external_arraybuffer(
                env.raw(),
                start.cast(),
                length,
                Some(finalize),
                hint,
                &raw mut value,
            )
        };
        (status == sys::Status::napi_ok).then_some(Self(value))
    }
}

impl ToNapiValue for Window {
    unsafe fn to_napi_value(_: sys::napi_env, value: Self) -> napi::Result<sys::napi_value> {
        Ok(value.0)
    }
}

/// A window over `length` bytes. When JavaScript drops it, `block` (if given) is freed.
///
/// The mapping is never unmapped, so a window can dangle only logically: after its block was freed and used again.
pub(crate) fn window(
    env: &Env,
    start: *mut u8,
    length: usize,
    block: Option<u32>,
) -> Result<Window> {
    let hidden = if block.is_some() {
        hideable(env, length)
    } else {
        0
    };
    // The hint is two numbers, not a pointer: no allocation to lose.
    let hint = (hidden << 32 | block.unwrap_or(0) as usize) as *mut c_void;
    // SAFETY: mapped for the life of the process (checked by the caller); `finalize` accepts any hint.
    let window =
        unsafe { Window::over(env, start, length, finalize, hint) }.ok_or_else(no_window)?;
    hide(env.raw(), hidden as i64);
    Ok(window)
}

/// Most bytes of windows that V8 is not told of. It collects everything when ArrayBuffers hold 16 MB and more that they did
/// not hold at the last time, even if all of them are young and would go with the young: a stream of large results is one
/// such collection after the other.
const MOST_HIDDEN: usize = 64 << 20;

/// From this version of Node on V8 ends the process where a buffer goes whose bytes it was not told of.
const COUNTED_SINCE: u32 = 23;

thread_local! {
    /// Bytes of the windows of this environment that V8 is not told of.
    static HIDDEN: Cell<usize> = const { Cell::new(0) };
}

/// The bytes of a new window, if they may be hidden; else 0, as for the window of a heap that keeps all it gets: then V8 is
/// to know what it holds.
fn hideable(env: &Env, length: usize) -> usize {
    static COUNTS: OnceLock<bool> = OnceLock::new();
    let counts = *COUNTS.get_or_init(|| {
        let version = env.get_node_version();
        version.map_or(true, |version| version.major >= COUNTED_SINCE)
    });
    let fits = !counts && HIDDEN.get() + length <= MOST_HIDDEN;
    if fits { length } else { 0 }
}

/// Hides so many bytes from V8, or shows them again if the number is negative.
fn hide(env: sys::napi_env, bytes: i64) {
    if bytes == 0 {
        return;
    }
    HIDDEN.set(HIDDEN.get().saturating_add_signed(bytes as isize));
    weigh(env, -bytes);
}

/// Adds so many bytes to those that V8 thinks are held outside of its heap: many make it collect.
pub(crate) fn weigh(env: sys::napi_env, bytes: i64) {
    let mut total = 0;
    // SAFETY: `env` is the environment of the current call or finalizer; a live result slot.
    unsafe { sys::napi_adjust_external_memory(env, bytes, &raw mut total) };
}

/// A window over a mapping of its own, which is unmapped when JavaScript has dropped it.
pub(crate) fn mapped(env: &Env, mapping: Mapping) -> Result<Window> {
    // The hint is the length, not a pointer: no allocation to lose.
    let hint = mapping.length as *mut c_void;
    // SAFETY: the mapping lasts until `unmap` below.
    let window = unsafe { Window::over(env, mapping.start.cast(), mapping.length, unmap, hint) };
    window.ok_or_else(|| {
        // SAFETY: mapped by the caller for this window, which does not exist.
        unsafe { mapping.unmap() };
        no_window()
    })
}

/// The engine calls this once, when the last view of the buffer is gone or it was detached.
extern "C" fn unmap(_: sys::napi_env, start: *mut c_void, length: *mut c_void) {
    let mapping = Mapping {
        start: start.cast(),
        length: length as usize,
    };
    // SAFETY: given by `mapped`; no view can reach the bytes any more.
    unsafe { mapping.unmap() };
}

fn no_window() -> napi::Error<crate::error::Code> {
    refused(
        "ERR_NO_WINDOW",
        "this JavaScript engine allows no views of shared memory (external buffers)",
    )
}

/// Runs on the thread of the environment, perhaps after it has left the arena: then there is nothing to free any more.
extern "C" fn finalize(env: sys::napi_env, _: *mut c_void, hint: *mut c_void) {
    let block = hint as usize as u32;
    hide(env, -((hint as usize >> 32) as i64));
    if block != 0 {
        // An error means that the block is no longer ours: a sweep was faster.
        let _ = member::member(|member| member.release(block));
    }
}

/// Copies shared bytes out. Peers may write them meanwhile; then the copy is torn, like any read of shared memory.
pub(crate) fn copy_out(start: *const u8, target: &mut Uint8Array) {
    // SAFETY: the core checked that `target.len()` bytes exist at `start`. JavaScript stands still during the call, so
    // nobody else touches `target`, unless it is itself a window: hence `copy`, not `copy_nonoverlapping`.
    unsafe { std::ptr::copy(start, target.as_mut().as_mut_ptr(), target.len()) }
}

/// Copies bytes into a block of our own.
pub(crate) fn copy_in(start: *mut u8, source: &[u8]) {
    // SAFETY: as for `copy_out`.
    unsafe { std::ptr::copy(source.as_ptr(), start, source.len()) }
}
