//! Pools of native threads: made for a pool of JavaScript, ended with it or with the environment.

use crate::completion::{Completion, door};
use crate::error::{Result, refused};
use crate::handle::{Handle, Held, hand_out, held};
use manyhands_parallel::{Pool, Work};
use napi::bindgen_prelude::{Env, Unknown};
use napi_derive::napi;
use std::cell::RefCell;
use std::sync::{Arc, Weak};
use std::time::Duration;

thread_local! {
    /// Pools of this environment; `None`: its cleanup hook is not there yet.
    static POOLS: RefCell<Option<Vec<Weak<Pool>>>> = const { RefCell::new(None) };
}

#[napi]
pub fn native_pool(env: Env, threads: u32) -> Result<Handle> {
    // Hooks run in reverse order: the threads end before the door that they use is taken away.
    door(&env)?;
    let pool = Arc::new(Pool::new(threads as usize));
    let first = POOLS.with(|pools| {
        let mut pools = pools.borrow_mut();
        let first = pools.is_none();
        let list = pools.get_or_insert_default();
        list.retain(|pool| pool.strong_count() > 0);
        list.push(Arc::downgrade(&pool));
        first
    });
    if first && env.add_env_cleanup_hook((), |()| end_all()).is_err() {
        return Err(refused("ERR_SYSTEM", "this environment is ending"));
    }
    hand_out(&env, Held::Pool(pool))
}

/// The threads read memory of this environment: none outlives it.
fn end_all() {
    let pools = POOLS
        .with(|pools| pools.borrow_mut().take())
        .unwrap_or_default();
    for pool in pools.iter().filter_map(Weak::upgrade) {
        pool.end();
    }
}

#[napi]
pub fn native_pool_end(env: Env, handle: Unknown) -> Result<()> {
    pool(&env, &handle)?.end();
    Ok(())
}

/// Runs work on the threads, and on the calling one for about `help_us` microseconds. JavaScript is told of the end: now,
/// where it has come by then.
pub(crate) fn submit<W: Work + 'static>(
    env: &Env,
    threads: &Pool,
    work: W,
    help_us: f64,
    completion: impl Fn(&W) -> Option<&Completion>,
) -> Result<Handle> {
    let work = Arc::new(work);
    let (ticket, outcome) = if help_us > 0.0 {
        let limit = Duration::try_from_secs_f64(help_us * 1e-6).unwrap_or(Duration::ZERO);
        threads.submit_helping(Arc::<W>::clone(&work), limit)
    } else {
        (threads.submit(Arc::<W>::clone(&work)), None)
    };
    let handle = hand_out(env, Held::Ticket(ticket));
    if let (Some(outcome), Some(completion)) = (outcome, completion(&work)) {
        completion.tell(env, outcome);
    }
    handle
}

/// Runs work on the threads while the calling one waits, which stops it after `limit_ms`, if that is finite. Gives the
/// number of the outcome.
pub(crate) fn wait<W: Work + 'static>(threads: &Pool, work: W, limit_ms: f64) -> u32 {
    let limit = Duration::try_from_secs_f64(limit_ms / 1000.0).ok();
    threads.submit(Arc::new(work)).wait_at_most(limit) as u32
}

#[napi]
pub fn cancel_call(env: Env, handle: Unknown) -> Result<()> {
    match held(&env, &handle)? {
        Held::Ticket(ticket) => {
            ticket.cancel();
            Ok(())
        }
        _ => Err(refused("ERR_BAD_HANDLE", "not a call")),
    }
}

/// The pool behind a handle.
pub(crate) fn pool(env: &Env, handle: &Unknown<'_>) -> Result<Arc<Pool>> {
    match held(env, handle)? {
        Held::Pool(pool) => Ok(Arc::clone(pool)),
        _ => Err(refused("ERR_BAD_HANDLE", "not a pool of native threads")),
    }
}
