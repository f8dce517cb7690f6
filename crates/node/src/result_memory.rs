//! Memory for results that JavaScript drops and asks for again: it comes back here, and serves the next one.
//!
//! The system clears every new page, which takes several times as long as a cheap kernel takes to fill it.
//!
//! Only the main thread uses it. A buffer may outlive the environment of a worker, when it was transferred, and nobody would
//! tell when its memory is free.

use crate::bytes::Window;
use manyhands_os::Pages;
use napi::bindgen_prelude::Env;
use napi::sys;
use napi_derive::napi;
use std::ffi::c_void;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Idle memory waits so long for the next result, as long as that of common allocators.
const PATIENCE: Duration = Duration::from_secs(10);
/// So many of them: V8 gives up one result after the other.
const MOST_IDLE: usize = 2;

struct Shelf {
    idle: Vec<Pages>,
    /// When memory was asked for last.
    asked: Option<Instant>,
}

static SHELF: Mutex<Shelf> = Mutex::new(Shelf {
    idle: Vec::new(),
    asked: None,
});

fn shelf() -> MutexGuard<'static, Shelf> {
    SHELF.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shelf {
    /// Memory for so many bytes: what came back last, if it is not much longer, else new.
    fn take(&mut self, bytes: usize) -> std::result::Result<Pages, manyhands_os::Errno> {
        self.asked = Some(Instant::now());
        let fits = |pages: &Pages| (bytes..=bytes + bytes / 8).contains(&pages.bytes());
        match self.idle.iter().rposition(fits) {
            Some(place) => Ok(self.idle.remove(place)),
            None => Pages::new(bytes),
        }
    }

    /// What JavaScript does not need any more.
    fn put(&mut self, pages: Pages) {
        if self.asked.is_some_and(|asked| asked.elapsed() < PATIENCE) {
            if self.idle.len() == MOST_IDLE {
                self.idle.remove(0);
            }
            self.idle.push(pages);
        }
    }
}

/// Memory for a result; back on the shelf when this is dropped.
pub(crate) struct Reusable(Option<Pages>);

impl Reusable {
    /// At least so many bytes with anything in them; `None`: the system has no memory.
    pub(crate) fn take(bytes: usize) -> Option<Self> {
        shelf().take(bytes).ok().map(|pages| Self(Some(pages)))
    }

    /// Where it begins.
    pub(crate) fn start(&self) -> *mut u8 {
        self.0.as_ref().map_or(std::ptr::null_mut(), Pages::start)
    }

    /// An ArrayBuffer over the first bytes, of which there are so many at least, that gives all of it back; or this again
    /// where the engine allows none.
    ///
    /// It has to be moved to a buffer of its own by `transfer` before anybody else sees it: this one cannot be transferred to
    /// another thread.
    pub(crate) fn window(self, env: &Env, bytes: usize) -> std::result::Result<Window, Self> {
        let start = self.start();
        let kept = Box::into_raw(Box::new(self));
        // SAFETY: the memory lasts until `finalize`, which takes back the box.
        match unsafe { Window::over(env, start, bytes, finalize, kept.cast()) } {
            Some(window) => Ok(window),
            // SAFETY: made above, and not taken.
            None => Err(*unsafe { Box::from_raw(kept) }),
        }
    }
}

impl Drop for Reusable {
    fn drop(&mut self) {
        if let Some(pages) = self.0.take() {
            shelf().put(pages);
        }
    }
}

/// An ArrayBuffer of so many bytes with anything in it, as of [`Reusable::window`]; null where the engine allows none over
/// memory of ours, or the system has no memory.
#[napi]
pub fn result_buffer(env: Env, bytes: f64) -> Option<Window> {
    let bytes = bytes as usize;
    Reusable::take(bytes)?.window(&env, bytes).ok()
}

/// Gives back what is idle, unless more was asked for a short while ago: then JavaScript is to call again in so many
/// milliseconds; 0: done.
#[napi]
pub fn drop_idle_results() -> f64 {
    let mut shelf = shelf();
    let waits = shelf
        .asked
        .and_then(|asked| PATIENCE.checked_sub(asked.elapsed()))
        .unwrap_or_default();
    if waits.is_zero() {
        shelf.idle.clear();
    }
    waits.as_secs_f64() * 1e3
}

/// How many bytes are idle.
#[napi]
pub fn idle_result_bytes() -> f64 {
    shelf().idle.iter().map(Pages::bytes).sum::<usize>() as f64
}

/// The engine calls this once, on the thread of the environment: when no buffer has the memory any more, or when the
/// environment ends. Then no native thread writes to it, for each call keeps the event loop alive; and `process.exit`, which
/// does not wait for them, drops nothing.
extern "C" fn finalize(_: sys::napi_env, _: *mut c_void, kept: *mut c_void) {
    // SAFETY: made by `Reusable::window` for this buffer.
    drop(unsafe { Box::from_raw(kept.cast::<Reusable>()) });
}
