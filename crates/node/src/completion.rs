//! How a native thread tells the event loop that a call has ended: one threadsafe function for each environment.

use crate::error::{Result, refused};
use manyhands_parallel::Outcome;
use napi::bindgen_prelude::{Env, Unknown};
use napi::{JsValue, sys};
use std::cell::RefCell;
use std::ffi::c_void;
use std::ptr::null_mut;

/// The environment's door for native threads.
struct Door {
    function: sys::napi_threadsafe_function,
    /// Calls that have not ended; while there are any, the loop stays alive.
    pending: usize,
}

thread_local! {
    static DOOR: RefCell<Option<Door>> = const { RefCell::new(None) };
}

/// A JavaScript function to be called once with how a call ended.
pub(crate) struct Completion {
    function: sys::napi_threadsafe_function,
    callback: sys::napi_ref,
}

// SAFETY: a threadsafe function may be called from any thread; the reference is only used on the thread of its environment.
unsafe impl Send for Completion {}
// SAFETY: as above.
unsafe impl Sync for Completion {}

struct Message {
    callback: sys::napi_ref,
    outcome: u32,
}

impl Completion {
    /// Prepares to call `callback(outcome)`: 0 done, 1 cancelled, 2 panicked. Keeps the event loop alive until then.
    pub(crate) fn new(env: &Env, callback: &Unknown<'_>) -> Result<Self> {
        let function = door(env)?;
        let mut reference = null_mut();
        // SAFETY: a value of the current call.
        let status =
            unsafe { sys::napi_create_reference(env.raw(), callback.raw(), 1, &raw mut reference) };
        if status != sys::Status::napi_ok {
            return Err(refused("ERR_SYSTEM", "cannot hold the callback"));
        }
        expect(env.raw(), 1);
        Ok(Self {
            function,
            callback: reference,
        })
    }

    /// Tells JavaScript now, in place of [`Completion::send`], on the thread of its environment.
    pub(crate) fn tell(&self, env: &Env, outcome: Outcome) {
        self.message(outcome).deliver(env.raw());
    }

    fn message(&self, outcome: Outcome) -> Message {
        let outcome = match outcome {
            Outcome::Done => 0,
            Outcome::Cancelled => 1,
            Outcome::Panicked => 2,
        };
        Message {
            callback: self.callback,
            outcome,
        }
    }

    /// Tells JavaScript. Called once, on any thread.
    pub(crate) fn send(&self, outcome: Outcome) {
        let message = Box::into_raw(Box::new(self.message(outcome)));
        // SAFETY: the function lives until the environment ends, and the pools' threads are joined before that.
        let status = unsafe {
            sys::napi_call_threadsafe_function(
                self.function,
                message.cast(),
                sys::ThreadsafeFunctionCallMode::nonblocking,
            )
        };
        if status != sys::Status::napi_ok {
            // The environment is ending: nobody waits any more.
            // SAFETY: the message was not taken.
            drop(unsafe { Box::from_raw(message) });
        }
    }
}

/// Makes the door at the first use.
pub(crate) fn door(env: &Env) -> Result<sys::napi_threadsafe_function> {
    if let Some(function) = DOOR.with(|door| door.borrow().as_ref().map(|door| door.function)) {
        return Ok(function);
    }
    let mut name = null_mut();
    let mut function = null_mut();
    let text = "manyhands";
    // SAFETY: the name is static; the function is called by `call` alone, which has the required signature.
    let status = unsafe {
        let named = sys::napi_create_string_utf8(
            env.raw(),
            text.as_ptr().cast(),
            text.len() as isize,
            &raw mut name,
        );
        if named == sys::Status::napi_ok {
            sys::napi_create_threadsafe_function(
                env.raw(),
                null_mut(),
                null_mut(),
                name,
                0,
                1,
                null_mut(),
                None,
                null_mut(),
                Some(call),
                &raw mut function,
            )
        } else {
            named
        }
    };
    if status != sys::Status::napi_ok {
        return Err(refused("ERR_SYSTEM", "this environment is ending"));
    }
    // SAFETY: just made; idle pools do not keep the loop alive.
    unsafe { sys::napi_unref_threadsafe_function(env.raw(), function) };
    DOOR.with(|door| {
        *door.borrow_mut() = Some(Door {
            function,
            pending: 0,
        });
    });
    Ok(function)
}

/// Counts pending calls; the first holds the loop, the end of the last lets it go.
fn expect(env: sys::napi_env, change: isize) {
    DOOR.with(|door| {
        if let Some(door) = door.borrow_mut().as_mut() {
            let before = door.pending;
            door.pending = before.saturating_add_signed(change);
            // SAFETY: the function of this environment, on its own thread.
            unsafe {
                if before == 0 && door.pending > 0 {
                    sys::napi_ref_threadsafe_function(env, door.function);
                } else if before > 0 && door.pending == 0 {
                    sys::napi_unref_threadsafe_function(env, door.function);
                }
            }
        }
    });
}

/// Runs on the thread of the environment, once for each message.
unsafe extern "C" fn call(
    env: sys::napi_env,
    _: sys::napi_value,
    _: *mut c_void,
    data: *mut c_void,
) {
    // SAFETY: from `send`, delivered once.
    let message = unsafe { Box::from_raw(data.cast::<Message>()) };
    if !env.is_null() {
        message.deliver(env);
    }
}

impl Message {
    /// Calls the function and lets it go, on the thread of its environment.
    fn deliver(&self, env: sys::napi_env) {
        let (mut function, mut receiver, mut outcome, mut result) =
            (null_mut(), null_mut(), null_mut(), null_mut());
        // SAFETY: the reference is of this environment; all results are live slots.
        unsafe {
            sys::napi_get_reference_value(env, self.callback, &raw mut function);
            sys::napi_delete_reference(env, self.callback);
            sys::napi_get_undefined(env, &raw mut receiver);
            sys::napi_create_uint32(env, self.outcome, &raw mut outcome);
            // What it throws surfaces as an uncaught exception, as from any callback.
            sys::napi_call_function(
                env,
                receiver,
                function,
                1,
                &raw const outcome,
                &raw mut result,
            );
        }
        expect(env, -1);
    }
}
