//! The calls of the hot path, over raw N-API: numbers in, a number out, nothing allocated. About half the cost of a
//! generated export.

use crate::error::{Result, refused, thrown};
use crate::member::{member, with};
use manyhands_sync::Side;
use napi::JsValue;
use napi::bindgen_prelude::{Env, Object};
use napi::sys;
use napi_derive::napi;
use std::ffi::CString;

/// Registers a raw function: its JavaScript name, its parameters, what it calls and returns.
macro_rules! hot {
    ($exports:ident, $env:ident: $($name:literal ($($argument:ident),+) $body:block)*) => {
        $({
            extern "C" fn call(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
                let Some([$($argument),+]) = arguments(env, info) else { return std::ptr::null_mut() };
                let result: Result<u32> = $body;
                answer(env, result)
            }
            register($env.raw(), $exports.raw(), $name, call)?;
        })*
    };
}

/// Adds the hot calls to the exports of the addon.
#[napi(module_exports)]
pub fn export_hot(exports: Object, env: Env) -> napi::Result<()> {
    hot! { exports, env:
        c"alloc" (bytes) {
            // Saturating: NaN and negative numbers ask for 0 bytes, huge ones fail in the core.
            member(|member| member.alloc(bytes as usize))
        }
        c"free" (block) { member(|member| member.free(block as u32).map(|()| 0)) }
        c"release1" (block) { member(|member| member.release(block as u32).map(|()| 0)) }
        c"put" (queue, block) {
            member(|member| member.put(queue as u64, block as u32).map(u32::from))
        }
        c"take" (queue) { member(|member| Ok(member.take(queue as u64)?.unwrap_or(0))) }
        c"queueLength" (queue) { member(|member| member.queue_length(queue as u64)) }
        c"ring" (entry) { member(|member| member.ring(entry as u32).map(|()| 0)) }
        c"queueReady" (queue) { member(|member| member.is_ready(queue as u64).map(u32::from)) }
        c"queueFull" (queue) { member(|member| member.is_full(queue as u64).map(u32::from)) }
        c"taskDone" (queue) { member(|member| member.task_done(queue as u64).map(|()| 0)) }
        c"tasksLeave" (queue) { member(|member| member.leave_tasks(queue as u64).map(|()| 0)) }
        c"tasksDone" (queue, seen) {
            member(|member| member.tasks_done(queue as u64, seen as u32).map(u32::from))
        }
        c"joinBegin" (queue) { member(|member| member.begin_join(queue as u64)) }
        c"taskZeros" (queue) { member(|member| member.task_zeros(queue as u64)) }
        c"takeBegin" (queue) {
            with(|seat| {
                let queue = queue as u64;
                let Some(taken) = seat.member.take_begin(queue).map_err(thrown)? else {
                    return Ok(0);
                };
                seat.begun.push((queue, taken));
                Ok(taken.block)
            })
        }
        c"takeFinish" (queue) {
            with(|seat| {
                let queue = queue as u64;
                let index = seat.begun.iter().position(|(of, _)| *of == queue);
                let index = index.ok_or_else(nothing_taken)?;
                let (_, taken) = seat.begun.remove(index);
                seat.member.take_finish(queue, taken).map_err(thrown)?;
                Ok(taken.block)
            })
        }
        c"waitSlice" (handle, side, seen, limit) {
            let limit = crate::wait::limit(limit);
            member(|member| {
                member.wait_slice(handle as u64, Side::numbered(side as u32, seen as u32), limit).map(u32::from)
            })
        }
        c"look" (handle, side, seen, limit) {
            let limit = crate::wait::limit(limit);
            member(|member| {
                member.look(handle as u64, Side::numbered(side as u32, seen as u32), limit).map(u32::from)
            })
        }
        c"arm" (handle, side, seen) {
            let side = Side::numbered(side as u32, seen as u32);
            member(|member| member.arm(handle as u64, side).map(u32::from))
        }
        c"disarm" (handle, side, seen) {
            let side = Side::numbered(side as u32, seen as u32);
            member(|member| member.disarm(handle as u64, side).map(|()| 0))
        }
        c"lockAcquire" (handle) { member(|member| member.acquire(handle as u64).map(u32::from)) }
        c"lockRelease" (handle) { member(|member| member.release_lock(handle as u64).map(|()| 0)) }
        c"lockState" (handle) { member(|member| member.lock_state(handle as u64)) }
        c"permitAcquire" (handle) { member(|member| member.acquire_permit(handle as u64).map(u32::from)) }
        c"permitRelease" (handle) { member(|member| member.release_permit(handle as u64).map(|()| 0)) }
        c"permits" (handle) { member(|member| member.permits(handle as u64)) }
        c"permitOwnerDied" (handle) {
            member(|member| member.permit_owner_died(handle as u64).map(u32::from))
        }
        c"eventSet" (handle, up) { member(|member| member.set_event(handle as u64, up != 0.0).map(|()| 0)) }
        c"eventIsSet" (handle) {
            member(|member| member.event_state(handle as u64).map(|(set, _)| u32::from(set)))
        }
        c"eventChanges" (handle) { member(|member| member.event_state(handle as u64).map(|(_, changes)| changes)) }
        c"conditionBegin" (handle) { member(|member| member.begin_wait(handle as u64).map(|()| 0)) }
        c"conditionNotified" (handle) { member(|member| member.notifications(handle as u64)) }
        c"bodyOf" (handle) { member(|member| member.body_of(handle as u64)) }
        c"conditionTake" (handle) { member(|member| member.take_notification(handle as u64).map(u32::from)) }
        c"conditionGiveUp" (handle) { member(|member| member.give_up_wait(handle as u64).map(u32::from)) }
        c"conditionNotify" (handle, count) { member(|member| member.notify(handle as u64, count as u32)) }
        c"barrierGoOn" (handle) { member(|member| member.go_on(handle as u64).map(|()| 0)) }
        c"barrierPass" (handle, generation) {
            member(|member| member.pass(handle as u64, generation as u32).map(u32::from))
        }
        c"barrierBreak" (handle) { member(|member| member.break_barrier(handle as u64).map(|()| 0)) }
        c"barrierGiveUp" (handle, generation) {
            member(|member| {
                member.give_up_passage(handle as u64, generation as u32).map(|passage| passage as u32)
            })
        }
        c"barrierReset" (handle) { member(|member| member.reset_barrier(handle as u64).map(|()| 0)) }
        c"barrierPassage" (handle, generation) {
            member(|member| member.passage(handle as u64, generation as u32).map(|passage| passage as u32))
        }
        c"ending" (_nothing) { with(|seat| { seat.member.end_in_good_order(); Ok(0) }) }
        c"reap" (_nothing) { member(|member| Ok(member.reap())) }
        c"hold" (handle) { member(|member| member.hold(handle as u64).map(u32::from)) }
        c"exists" (handle) { member(|member| Ok(u32::from(member.arena().exists(handle as u64)))) }
        c"letGo" (handle) { member(|member| member.forget(handle as u64).map(u32::from)) }
        c"carry" (block, offset) { member(|member| member.carry(block as u32, offset as u32).map(|()| 0)) }
        c"beside" (entry) { member(|member| member.is_beside(entry as u32).map(u32::from)) }
        c"stepAside" (_nothing) { Ok(u32::from(manyhands_os::step_aside())) }
        c"drainBell" (_nothing) { with(|seat| { seat.member.awake(); Ok(0) }) }
    }
    crate::page::export(&exports, &env)
}

#[cold]
fn nothing_taken() -> napi::Error<crate::error::Code> {
    refused("ERR_BAD_HANDLE", "nothing was taken from this queue")
}

pub(crate) type Callback = extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value;

pub(crate) fn register(
    env: sys::napi_env,
    exports: sys::napi_value,
    name: &'static std::ffi::CStr,
    call: Callback,
) -> napi::Result<()> {
    let mut function = std::ptr::null_mut();
    // SAFETY: `env` and `exports` belong to the running registration; `name` is static; `call` has the required signature.
    let status = unsafe {
        let length = name.to_bytes().len() as isize;
        let made = sys::napi_create_function(
            env,
            name.as_ptr(),
            length,
            Some(call),
            std::ptr::null_mut(),
            &raw mut function,
        );
        if made == sys::Status::napi_ok {
            sys::napi_set_named_property(env, exports, name.as_ptr(), function)
        } else {
            made
        }
    };
    if status == sys::Status::napi_ok {
        Ok(())
    } else {
        Err(napi::Error::new(
            napi::Status::from(status),
            "cannot register a function",
        ))
    }
}

/// The arguments as numbers; missing ones are NaN, others than numbers throw a TypeError.
#[inline]
fn arguments<const N: usize>(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> Option<[f64; N]> {
    let mut values = [std::ptr::null_mut(); N];
    let mut count = N;
    // SAFETY: `values` has room for `count` values; the other results are not wanted.
    let status = unsafe {
        sys::napi_get_cb_info(
            env,
            info,
            &raw mut count,
            values.as_mut_ptr(),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
        )
    };
    if status != sys::Status::napi_ok {
        return None;
    }
    let mut numbers = [f64::NAN; N];
    for (value, number) in values.into_iter().zip(&mut numbers).take(count) {
        // SAFETY: a value of this call; `number` is a live f64.
        if unsafe { sys::napi_get_value_double(env, value, number) } != sys::Status::napi_ok {
            // SAFETY: two static strings.
            unsafe {
                sys::napi_throw_type_error(
                    env,
                    c"ERR_INVALID_ARG_TYPE".as_ptr(),
                    c"Expected a number".as_ptr(),
                );
            }
            return None;
        }
    }
    Some(numbers)
}

#[inline]
fn answer(env: sys::napi_env, result: Result<u32>) -> sys::napi_value {
    let mut value = std::ptr::null_mut();
    match result {
        // SAFETY: `value` is a live result slot of the current call.
        Ok(number) => unsafe {
            sys::napi_create_uint32(env, number, &raw mut value);
        },
        Err(error) => throw(env, &error),
    }
    value
}

#[cold]
pub(crate) fn throw(env: sys::napi_env, error: &napi::Error<crate::error::Code>) {
    let code = CString::new(error.status.as_ref()).unwrap_or_default();
    let reason = CString::new(error.reason.to_string()).unwrap_or_default();
    // SAFETY: both strings end in NUL and outlive the call.
    unsafe { sys::napi_throw_error(env, code.as_ptr(), reason.as_ptr()) };
}
