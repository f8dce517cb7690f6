//! Taking part, doorbell pipes, children and their deaths.

use crate::error::{Result, refused, thrown};
use crate::member::{self, Fate, Seat, arena};
use manyhands_os::{self as os, ChildStatus};
use manyhands_sync::{Arena, Reservation};
use napi::bindgen_prelude::Env;
use napi_derive::napi;
use std::os::fd::IntoRawFd;
use std::time::Duration;

/// Longest native wait: a thread that is being terminated must come back to JavaScript soon.
const SLICE: Duration = Duration::from_millis(50);

#[napi]
pub fn reserve() -> Result<u32> {
    member::member(|member| member.reserve().map(Reservation::bits))
}

#[napi]
pub fn join(env: Env, reservation: u32) -> Result<u32> {
    if member::is_seated() {
        if reservation != 0 {
            return Err(refused("ERR_BAD_ENTRY", "this thread takes part already"));
        }
        return member::member(|member| Ok(member.entry()));
    }
    let arena = arena()?;
    let member = match reservation {
        0 => arena.join(),
        bits => arena.join_reserved(Reservation::from_bits(bits)),
    }
    .map_err(thrown)?;
    let me = member.entry();
    member::sit(Seat {
        member,
        bell_fd: -1,
        bell_identity: 0,
        begun: Vec::new(),
        page: None,
        children: Vec::new(),
    });
    // The end of the environment (thread end, terminate, process.exit) is the end of the participant.
    if env
        .add_env_cleanup_hook((), |()| member::clear_away())
        .is_err()
    {
        member::stand_up();
        return Err(refused("ERR_SYSTEM", "this environment is ending"));
    }
    Ok(me)
}

#[napi]
pub fn leave() {
    member::stand_up();
}

/// The read end of the own doorbell pipe; made at the first call unless it was adopted.
#[napi]
pub fn bell_fd() -> Result<i32> {
    member::with(|seat| {
        if seat.bell_fd < 0 {
            let (read, write) = os::pipe().map_err(|errno| thrown(errno.into()))?;
            seat.bell_fd = read;
            seat.bell_identity = os::identity(read);
            let me = seat.member.entry();
            seat.member.arena().publish_bell(me, read);
            seat.member.arena().register_bell(me, write);
        }
        Ok(seat.bell_fd)
    })
}

/// The write end of the own doorbell pipe, for children to inherit.
#[napi]
pub fn bell_write_fd() -> Result<i32> {
    bell_fd()?;
    member::with(|seat| {
        Ok(seat
            .member
            .arena()
            .bell_write_fd(seat.member.entry())
            .unwrap_or(-1))
    })
}

#[napi]
pub fn adopt_bell(read_fd: i32, write_fd: i32) -> Result<()> {
    member::with(|seat| {
        let me = seat.member.entry();
        seat.bell_fd = read_fd;
        seat.member.arena().publish_bell(me, read_fd);
        seat.member.arena().register_bell(me, write_fd);
        Ok(())
    })
}

#[napi(object)]
pub struct Bell {
    pub read_fd: i32,
    pub write_fd: i32,
}

#[napi]
pub fn make_bell(reservation: u32) -> Result<Bell> {
    let entry = Reservation::from_bits(reservation).number();
    if !Arena::is_entry(entry) {
        return Err(thrown(manyhands_sync::Error::BadEntry));
    }
    let (read_fd, write_fd) = os::pipe().map_err(|errno| thrown(errno.into()))?;
    arena()?.register_bell(entry, write_fd);
    Ok(Bell { read_fd, write_fd })
}

#[napi]
pub fn register_bell(entry: u32, write_fd: i32) -> Result<()> {
    if !Arena::is_entry(entry) {
        return Err(thrown(manyhands_sync::Error::BadEntry));
    }
    arena()?.register_bell(entry, write_fd);
    Ok(())
}

#[napi]
pub fn close_fd(fd: i32) {
    os::close(fd);
}

#[napi]
pub fn has_ended(reservation: u32) -> Result<bool> {
    Ok(arena()?.has_ended(Reservation::from_bits(reservation)))
}

#[napi]
pub fn is_reserved(reservation: u32) -> Result<bool> {
    Ok(arena()?.is_reserved(Reservation::from_bits(reservation)))
}

/// A descriptor for `threads`; -1 where the system does not tell of them.
#[napi]
pub fn open_threads() -> Result<i32> {
    let folder = os::open_threads().map_err(|errno| thrown(errno.into()))?;
    Ok(folder.map_or(-1, IntoRawFd::into_raw_fd))
}

/// The ids that the system gave to the threads of this process; empty where it does not tell.
#[napi]
pub fn threads(folder: i32) -> Vec<u32> {
    os::threads(folder)
}

#[napi]
pub fn thread_is_gone(id: u32) -> bool {
    os::thread_is_gone(id)
}

#[napi]
pub fn exit_now(code: i32) {
    os::exit_now(code);
}

#[napi]
pub fn child_status(pid: u32) -> i32 {
    match os::child_status(pid) {
        ChildStatus::Running => -1,
        ChildStatus::Exited(code) => code,
        ChildStatus::Killed(signal) => signal << 8,
    }
}

/// The child process of this reservation ends with this thread, or is waited for however long it outlives it. Without one
/// it ends by itself then.
#[napi]
pub fn own_child(pid: u32, reservation: u32, outlives: Option<bool>) -> Result<()> {
    let fate = match (outlives, reservation) {
        (Some(true), _) => Fate::Outlives,
        (_, 0) => Fate::EndsByItself,
        (_, bits) => Fate::Ends(Reservation::from_bits(bits)),
    };
    member::with(|seat| {
        seat.children.push((os::Process::find(pid), fate));
        Ok(())
    })
}

/// Its end is known: its pid may be another's from now on.
#[napi]
pub fn disown_child(pid: u32) -> Result<()> {
    member::with(|seat| {
        seat.children.retain(|(child, _)| child.pid != pid);
        Ok(())
    })
}

#[napi]
pub fn bury(reservation: u32) -> Result<bool> {
    member::member(|member| {
        let buried = member.bury_child(Reservation::from_bits(reservation));
        member.arena().forget_bells_of_the_gone();
        Ok(buried)
    })
}

#[napi]
pub fn die_with_parent(parent_pid: u32) -> bool {
    os::die_with_parent(parent_pid)
}

/// Blocks until the process has ended, at most one slice.
#[napi]
pub fn wait_exit(pid: u32, max_ms: f64) -> bool {
    os::wait_exit(pid, crate::wait::limit(max_ms).min(SLICE))
}

#[napi]
pub fn start_time(pid: u32) -> f64 {
    os::Process::find(pid).started as f64
}

#[napi]
pub fn is_gone(pid: u32, started: f64) -> bool {
    os::Process {
        pid,
        started: started as u64,
    }
    .is_gone()
}

#[napi]
pub fn available_cpus() -> u32 {
    os::available_cpus() as u32
}

/// Test builds only: this process dies at the named step, at its `nth` visit.
#[cfg(feature = "crashpoints")]
#[napi]
pub fn crash_point(point: u32, nth: u32) -> bool {
    use manyhands_sync::crash;
    crash::POINTS.get(point as usize).is_some_and(|&point| {
        crash::arm(point, nth);
        true
    })
}
