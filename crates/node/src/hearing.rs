//! How an event loop hears its doorbell: a poll handle of its libuv loop over the read end of the pipe.
//!
//! A socket of Node's does the same through ten times the code, and takes 2 ms to load in a child that just starts.

use crate::error::{Result, refused};
use crate::liveness::bell_fd;
use crate::member;
use manyhands_os as os;
use napi::bindgen_prelude::{Env, Unknown};
use napi::{JsValue, sys};
use napi_derive::napi;
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::RefCell;
use std::ffi::{CStr, c_int, c_void};
use std::mem::transmute;
use std::ptr::null_mut;
use std::sync::OnceLock;

/// `UV_POLL` of libuv's `uv_handle_type`.
const POLL_HANDLE: c_int = 8;
/// `UV_READABLE` of its `uv_poll_event`.
const READABLE: c_int = 1;

type Handle = *mut c_void;
type Heard = unsafe extern "C" fn(Handle, c_int, c_int);
type Closed = unsafe extern "C" fn(Handle);

type HandleSize = unsafe extern "C" fn(c_int) -> usize;
type PollInit = unsafe extern "C" fn(*mut c_void, Handle, c_int) -> c_int;
type PollStart = unsafe extern "C" fn(Handle, c_int, Heard) -> c_int;
type Close = unsafe extern "C" fn(Handle, Closed);
type Touch = unsafe extern "C" fn(Handle);

/// The functions of the libuv that Node runs on, found when they are first needed.
#[derive(Debug)]
struct Uv {
    handle_size: HandleSize,
    poll_init: PollInit,
    poll_start: PollStart,
    close: Close,
    hold: Touch,
    let_go: Touch,
}

impl Uv {
    fn find() -> Option<Self> {
        let symbol = |name: &CStr| os::symbol(name);
        // SAFETY: these are the signatures of libuv 1, which every Node has and exports to addons.
        unsafe {
            Some(Self {
                handle_size: transmute::<*mut c_void, HandleSize>(symbol(c"uv_handle_size")?),
                poll_init: transmute::<*mut c_void, PollInit>(symbol(c"uv_poll_init")?),
                poll_start: transmute::<*mut c_void, PollStart>(symbol(c"uv_poll_start")?),
                close: transmute::<*mut c_void, Close>(symbol(c"uv_close")?),
                hold: transmute::<*mut c_void, Touch>(symbol(c"uv_ref")?),
                let_go: transmute::<*mut c_void, Touch>(symbol(c"uv_unref")?),
            })
        }
    }
}

static UV: OnceLock<Option<Uv>> = OnceLock::new();

fn uv() -> Result<&'static Uv> {
    UV.get_or_init(Uv::find)
        .as_ref()
        .ok_or_else(|| refused("ERR_SYSTEM", "this program has no libuv for addons"))
}

/// What one environment listens with.
struct Ear {
    handle: Handle,
    /// The function that is called after each ring.
    callback: sys::napi_ref,
    /// Who wants the loop to stay alive.
    keepers: u32,
}

thread_local! {
    static EAR: RefCell<Option<Ear>> = const { RefCell::new(None) };
}

/// Calls `callback` in the event loop after each ring, whose flag is cleared and whose byte is read by then. A later call
/// puts its function in the place of the one before.
#[napi]
pub fn hear_bell(env: Env, callback: Unknown<'_>) -> Result<()> {
    let mut reference = null_mut();
    // SAFETY: a value of the current call.
    let status =
        unsafe { sys::napi_create_reference(env.raw(), callback.raw(), 1, &raw mut reference) };
    if status != sys::Status::napi_ok {
        return Err(refused("ERR_SYSTEM", "cannot hold the callback"));
    }
    let before = EAR.with(|ear| {
        let mut ear = ear.borrow_mut();
        ear.as_mut()
            .map(|ear| std::mem::replace(&mut ear.callback, reference))
    });
    if let Some(before) = before {
        // SAFETY: made by this function in this environment.
        unsafe { sys::napi_delete_reference(env.raw(), before) };
        return Ok(());
    }
    let ear = listen(&env, reference)?;
    EAR.with(|place| *place.borrow_mut() = Some(ear));
    Ok(())
}

/// Keeps the event loop alive while it listens, until the same number of calls with `false`.
#[napi]
pub fn keep_listening(keep: bool) -> Result<()> {
    let uv = uv()?;
    EAR.with(|ear| {
        let mut ear = ear.borrow_mut();
        let Some(ear) = ear.as_mut() else {
            return;
        };
        ear.keepers = if keep {
            ear.keepers + 1
        } else {
            ear.keepers.saturating_sub(1)
        };
        // SAFETY: the handle is open until the environment ends; both calls may be repeated.
        unsafe {
            if ear.keepers == 0 {
                (uv.let_go)(ear.handle);
            } else {
                (uv.hold)(ear.handle);
            }
        }
    });
    Ok(())
}

fn layout(uv: &Uv) -> Result<Layout> {
    // SAFETY: takes a number and gives one.
    let bytes = unsafe { (uv.handle_size)(POLL_HANDLE) };
    Layout::from_size_align(bytes, align_of::<u128>())
        .map_err(|_| refused("ERR_SYSTEM", "a poll handle of no size"))
}

fn listen(env: &Env, callback: sys::napi_ref) -> Result<Ear> {
    let uv = uv()?;
    let fd = bell_fd()?;
    let layout = layout(uv)?;
    let failed = || refused("ERR_SYSTEM", "cannot listen to the doorbell");
    let mut event_loop = null_mut();
    // SAFETY: a live result slot.
    if unsafe { sys::napi_get_uv_event_loop(env.raw(), &raw mut event_loop) }
        != sys::Status::napi_ok
    {
        return Err(failed());
    }
    // SAFETY: a poll handle is not empty.
    let handle: Handle = unsafe { alloc_zeroed(layout) }.cast();
    if handle.is_null() {
        handle_alloc_error(layout);
    }
    // SAFETY: the loop of this environment, memory of the size that libuv asks for, an open descriptor.
    if unsafe { (uv.poll_init)(event_loop.cast(), handle, fd) } != 0 {
        // SAFETY: allocated above, and unknown to libuv.
        unsafe { dealloc(handle.cast(), layout) };
        return Err(failed());
    }
    // libuv leaves the first word of a handle to its user.
    // SAFETY: `uv_handle_t` begins with `void *data`.
    unsafe { *handle.cast::<sys::napi_env>() = env.raw() };
    // SAFETY: the hook closes what is open until then; `heard` has the signature of a poll callback.
    let status = unsafe {
        (uv.poll_start)(handle, READABLE, heard);
        (uv.let_go)(handle);
        sys::napi_add_async_cleanup_hook(env.raw(), Some(end), handle, null_mut())
    };
    if status != sys::Status::napi_ok {
        // SAFETY: started above.
        unsafe { (uv.close)(handle, forget) };
        return Err(failed());
    }
    Ok(Ear {
        handle,
        callback,
        keepers: 0,
    })
}

/// The environment ends: its loop must not know the handle any more.
unsafe extern "C" fn end(hook: sys::napi_async_cleanup_hook_handle, handle: *mut c_void) {
    EAR.with(|ear| ear.borrow_mut().take());
    let Ok(uv) = uv() else { return };
    // SAFETY: the handle is open; its first word is its user's, from now on the hook that waits for it.
    unsafe {
        *handle.cast::<sys::napi_async_cleanup_hook_handle>() = hook;
        (uv.close)(handle, ended);
    }
}

unsafe extern "C" fn ended(handle: Handle) {
    // SAFETY: written by `end`.
    let hook = unsafe { *handle.cast::<sys::napi_async_cleanup_hook_handle>() };
    // SAFETY: the handle is closed; the hook was given to `end`.
    unsafe {
        forget(handle);
        sys::napi_remove_async_cleanup_hook(hook);
    }
}

unsafe extern "C" fn forget(handle: Handle) {
    if let Ok(layout) = uv().and_then(layout) {
        // SAFETY: allocated with this layout, and libuv has let it go.
        unsafe { dealloc(handle.cast(), layout) };
    }
}

/// Somebody has rung.
unsafe extern "C" fn heard(handle: Handle, _status: c_int, _events: c_int) {
    // SAFETY: written by `listen`; a handle that is closed calls nobody.
    let env = unsafe { *handle.cast::<sys::napi_env>() };
    let seated = member::with(|seat| {
        os::drain(seat.bell_fd);
        seat.member.awake();
        Ok(())
    });
    let callback = EAR.with(|ear| ear.borrow().as_ref().map(|ear| ear.callback));
    // An environment that has left the arena is about to end.
    let (Ok(()), Some(callback)) = (seated, callback) else {
        return;
    };
    let (mut scope, mut function, mut receiver) = (null_mut(), null_mut(), null_mut());
    // SAFETY: on the thread of the environment, outside of JavaScript; all results are live slots.
    unsafe {
        if sys::napi_open_handle_scope(env, &raw mut scope) != sys::Status::napi_ok {
            return;
        }
        sys::napi_get_reference_value(env, callback, &raw mut function);
        sys::napi_get_global(env, &raw mut receiver);
        let status = sys::napi_make_callback(
            env,
            null_mut(),
            receiver,
            function,
            0,
            null_mut(),
            null_mut(),
        );
        if status == sys::Status::napi_pending_exception {
            let mut error = null_mut();
            sys::napi_get_and_clear_last_exception(env, &raw mut error);
            sys::napi_fatal_exception(env, error);
        }
        sys::napi_close_handle_scope(env, scope);
    }
}
