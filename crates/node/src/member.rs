//! The one arena of the process, and the participant that the current thread's environment is.

use crate::error::{Code, Result, refused, thrown};
use crate::page::Page;
use manyhands_os as os;
use manyhands_sync::{Arena, Member, Reservation};
use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// What a child that ends by itself may take to do so; only one that is stopped or starved needs more.
const LONGEST_FAREWELL: Duration = Duration::from_secs(1);

static ARENA: OnceLock<Arc<Arena>> = OnceLock::new();

/// What an environment holds while it takes part.
pub(crate) struct Seat {
    pub(crate) member: Member,
    /// Read end of its doorbell pipe.
    pub(crate) bell_fd: i32,
    /// Tells whether that descriptor still is the pipe.
    pub(crate) bell_identity: u64,
    /// Messages taken but not finished: queue and what the core needs to finish.
    pub(crate) begun: Vec<(u64, manyhands_sync::Taken)>,
    /// What the fastest calls read and write in place of arguments and results.
    pub(crate) page: Option<Page>,
    /// For threads that end before their process: their child processes.
    pub(crate) children: Vec<(os::Process, Fate)>,
}

/// What becomes of a child process when the thread that started it ends.
#[derive(Clone, Copy)]
pub(crate) enum Fate {
    /// It ends, too.
    Ends(Reservation),
    /// It takes no part, and ends by itself then.
    EndsByItself,
    /// It goes on as long as it likes.
    Outlives,
}

thread_local! {
    // ManuallyDrop: no thread-local destructor, the cleanup hook of the environment empties the seat.
    static SEAT: RefCell<Option<ManuallyDrop<Seat>>> = const { RefCell::new(None) };
}

pub(crate) fn arena() -> Result<&'static Arc<Arena>> {
    ARENA.get().ok_or_else(|| {
        refused(
            "ERR_NO_ARENA",
            "no arena: call createArena or attachArena first",
        )
    })
}

pub(crate) fn set_arena(
    make: impl FnOnce() -> std::result::Result<Arena, manyhands_sync::Error>,
) -> Result<&'static Arc<Arena>> {
    if let Some(arena) = ARENA.get() {
        return Ok(arena);
    }
    let arena = Arc::new(make().map_err(thrown)?);
    // Another thread may have been faster; then ours is simply dropped.
    Ok(ARENA.get_or_init(|| arena))
}

/// Runs `action` with the participant of this thread.
#[inline]
pub(crate) fn with<T>(action: impl FnOnce(&mut Seat) -> Result<T>) -> Result<T> {
    SEAT.with(|seat| {
        let mut seat = seat.try_borrow_mut().map_err(|_| nobody())?;
        seat.as_mut()
            .map_or_else(|| Err(nobody()), |seat| action(seat))
    })
}

/// Runs a core operation with the participant of this thread.
#[inline]
pub(crate) fn member<T>(
    action: impl FnOnce(&mut Member) -> std::result::Result<T, manyhands_sync::Error>,
) -> Result<T> {
    with(|seat| action(&mut seat.member).map_err(thrown))
}

#[cold]
fn nobody() -> napi::Error<Code> {
    refused(
        "ERR_NO_PARTICIPANT",
        "this thread takes no part in an arena: call join first",
    )
}

pub(crate) fn is_seated() -> bool {
    SEAT.with(|seat| seat.try_borrow().is_ok_and(|seat| seat.is_some()))
}

pub(crate) fn sit(new: Seat) {
    SEAT.with(|seat| {
        if let Ok(mut seat) = seat.try_borrow_mut() {
            *seat = Some(ManuallyDrop::new(new));
        }
    });
}

/// The environment ends. Nobody listens to its doorbell any more; a pipe that it has made itself goes with it.
pub(crate) fn clear_away() {
    end_children();
    if let Some(seat) = stand_up()
        && seat.bell_identity != 0
        && os::identity(seat.bell_fd) == seat.bell_identity
    {
        os::close(seat.bell_fd);
    }
}

/// Nobody else waits for the children of a thread that has ended: they would stay zombies, and what they held lost, until
/// the whole process ends.
fn end_children() {
    let ended = with(|seat| {
        for (child, fate) in std::mem::take(&mut seat.children) {
            match fate {
                Fate::Ends(reservation) => {
                    os::end_child(child);
                    seat.member.bury_child(reservation);
                }
                Fate::EndsByItself => {
                    os::reap_child(child, LONGEST_FAREWELL);
                }
                Fate::Outlives => reap_later(seat.member.arena(), child),
            }
        }
        Ok(())
    });
    // An error means that this thread takes no part any more: then it has no children.
    let _ = ended;
}

/// Waits for a child on a thread that does nothing else, and buries it. The addon is never unloaded, so it may take long.
fn reap_later(arena: &Arc<Arena>, child: os::Process) {
    let arena = Arc::clone(arena);
    let waiter = std::thread::Builder::new().name("manyhands-reaper".into());
    let started = waiter.spawn(move || {
        if os::await_child(child)
            && let Ok(mut member) = arena.join()
        {
            member.reap();
            member.leave();
        }
    });
    // The system has no thread for us: then it stays a zombie until this process ends.
    drop(started);
}

/// What is left of a seat.
pub(crate) struct Bell {
    bell_fd: i32,
    bell_identity: u64,
}

/// Leaves the arena; later calls of this thread fail with ERR_NO_PARTICIPANT.
pub(crate) fn stand_up() -> Option<Bell> {
    let seat = SEAT.with(|seat| seat.try_borrow_mut().ok().and_then(|mut seat| seat.take()));
    let seat = ManuallyDrop::into_inner(seat?);
    let bell = Bell {
        bell_fd: seat.bell_fd,
        bell_identity: seat.bell_identity,
    };
    seat.member.leave();
    Some(bell)
}
