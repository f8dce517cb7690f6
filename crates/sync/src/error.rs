//! What can go wrong in the core. Never a panic: bad bytes and bad arguments end up here.

use manyhands_os::Errno;

/// Why an operation was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// No room, and the arena cannot grow any further.
    ArenaFull,
    /// The message is larger than any arena could hold.
    TooLarge,
    /// Not the handle of a block.
    BadBlock,
    /// The block belongs to somebody else.
    NotOwner,
    /// Not the handle of a shared object of the kind this needs, or of one that no longer exists.
    BadHandle,
    /// The lock or permit is not ours to give back.
    NotHeld,
    /// The barrier is broken.
    Broken,
    /// The queue is shut down: nothing can be put, or nothing is left to take.
    ShutDown,
    /// A queue's capacity must lie between 1 and `MAX_CAPACITY`.
    BadCapacity,
    /// Not a participant's entry, or not in the state this needs.
    BadEntry,
    /// The entry was not, or is no longer, reserved for whoever wants to join as it.
    NotReserved,
    /// Another process holds the lifeline of the entry that was reserved for us, and does not let go.
    LifelineTaken,
    /// Every participant entry is taken.
    TableFull,
    /// Shared words hold values no correct peer writes.
    Corrupt,
    /// The descriptor is not an arena of this version.
    NotAnArena,
    /// The operating system refused.
    Os(Errno),
}

impl Error {
    /// Stable name for programs to test.
    pub fn code(self) -> &'static str {
        match self {
            Self::ArenaFull => "ERR_ARENA_FULL",
            Self::TooLarge => "ERR_TOO_LARGE",
            Self::BadBlock => "ERR_BAD_BLOCK",
            Self::NotOwner => "ERR_NOT_OWNER",
            Self::BadHandle => "ERR_BAD_HANDLE",
            Self::ShutDown => "ERR_SHUT_DOWN",
            Self::NotHeld => "ERR_NOT_HELD",
            Self::Broken => "ERR_BROKEN",
            Self::BadCapacity => "ERR_BAD_CAPACITY",
            Self::BadEntry | Self::NotReserved | Self::LifelineTaken => "ERR_BAD_ENTRY",
            Self::TableFull => "ERR_TABLE_FULL",
            Self::Corrupt => "ERR_CORRUPT",
            Self::NotAnArena => "ERR_NOT_AN_ARENA",
            Self::Os(_) => "ERR_SYSTEM",
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = match self {
            Self::ArenaFull => "the shared arena is full",
            Self::TooLarge => "the message is larger than the shared arena can hold",
            Self::BadBlock => "not a block of the shared arena",
            Self::NotOwner => "the block belongs to another participant",
            Self::BadHandle => "the shared object does not exist (any more)",
            Self::ShutDown => "the queue is shut down",
            Self::NotHeld => "released without having been acquired",
            Self::Broken => "the barrier is broken",
            Self::BadCapacity => "the capacity of a queue is out of range",
            Self::BadEntry => "not the number of a participant",
            Self::NotReserved => "the entry is not reserved for this participant (any more)",
            Self::LifelineTaken => "another process holds the lifeline of this participant",
            Self::TableFull => {
                "too many participants: at most 1023 processes and threads share an arena"
            }
            Self::Corrupt => "the shared arena holds values no correct peer writes",
            Self::NotAnArena => "the file descriptor is no shared arena of this version",
            Self::Os(errno) => return write!(f, "the operating system refused: {errno}"),
        };
        f.write_str(text)
    }
}

impl std::error::Error for Error {}

impl From<Errno> for Error {
    fn from(errno: Errno) -> Self {
        Self::Os(errno)
    }
}
