//! A thread that waits for work: first it watches for a moment, then it sleeps.
//!
//! To be woken takes a thread up to a tenth of a millisecond, more than many a call runs. One that has just worked may
//! well be wanted again at once. Whoever watches gives way again and again: a caller that is woken on the same processor
//! would have to wait for the end of the watch.

use crate::prim::{AtomicU8, AtomicU32, Ordering};
use manyhands_os::current_cpu;
use std::sync::Arc;
use std::thread::Thread;
use std::time::{Duration, Instant};

/// How long it watches at least: about as long as it would take to be woken.
const WATCH: Duration = Duration::from_micros(100);
/// How long at most, after long work: as long as JavaScript takes to ask for more when its caches are full of other things.
const LONGEST_WATCH: Duration = Duration::from_micros(500);
/// In between, this part of what it has worked.
const WATCHED_PART: u32 = 8;
/// Looks before it gives way to others on its processor, and looks at the clock.
const LOOKS: u32 = 64;

/// It sleeps, or is about to: it has to be woken. Goes to [`TOLD`] or [`MOVED`].
const ASLEEP: u8 = 0;
/// It looks again and again. Goes to any of the others.
const WATCHING: u8 = 1;
/// It was told of work, or of the end.
const TOLD: u8 = 2;
/// The same, and it may run on some processors only until it widens that.
const MOVED: u8 = 3;

/// What a waiting thread and whoever tells it share.
struct Word {
    state: AtomicU8,
    /// The processor that it watches on.
    processor: AtomicU32,
}

/// A thread of the pool, as the others see it while it waits.
pub(crate) struct Sleeper {
    thread: Thread,
    pub(crate) id: u32,
    word: Arc<Word>,
}

/// A thread that waits, as it sees itself.
pub(crate) struct Waiting {
    word: Arc<Word>,
}

/// The calling thread of this id, about to wait.
pub(crate) fn waiting(id: u32, watches: bool) -> (Sleeper, Waiting) {
    let word = Arc::new(Word {
        state: AtomicU8::new(if watches { WATCHING } else { ASLEEP }),
        processor: AtomicU32::new(current_cpu()),
    });
    let sleeper = Sleeper {
        thread: std::thread::current(),
        id,
        word: Arc::clone(&word),
    };
    (sleeper, Waiting { word })
}

impl Sleeper {
    /// The processor that it watches on; `None`: it sleeps.
    pub(crate) fn watches_on(&self) -> Option<u32> {
        // Relaxed: whatever it has done meanwhile, `tell` reaches it.
        (self.word.state.load(Ordering::Relaxed) == WATCHING)
            .then(|| self.word.processor.load(Ordering::Relaxed))
    }

    /// Tells it that there is work, or that the end has come; `moved`: that it was confined to some processors.
    pub(crate) fn tell(self, moved: bool) {
        // Partner: `Waiting::wait`. The lock of the pool, which it takes next, shows it what there is.
        let before = self
            .word
            .state
            .swap(if moved { MOVED } else { TOLD }, Ordering::Release);
        if before == ASLEEP {
            self.thread.unpark();
        }
    }
}

impl Waiting {
    /// Watches until it is told of something, or for a moment, after so much work.
    pub(crate) fn watch(&self, worked: Duration) {
        let begun = Instant::now();
        let watch = (worked / WATCHED_PART).clamp(WATCH, LONGEST_WATCH);
        while self.word.state.load(Ordering::Relaxed) == WATCHING {
            for _ in 0..LOOKS {
                std::hint::spin_loop();
                if self.word.state.load(Ordering::Relaxed) != WATCHING {
                    return;
                }
            }
            std::thread::yield_now();
            self.word.processor.store(current_cpu(), Ordering::Relaxed);
            if begun.elapsed() > watch {
                // Fails where it has been told: then it does not sleep.
                let _ = self.word.state.compare_exchange(
                    WATCHING,
                    ASLEEP,
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                );
                return;
            }
        }
    }

    /// Sleeps until it is told of something. True: it was confined to some processors.
    pub(crate) fn sleep(&self) -> bool {
        loop {
            // Partner: `Sleeper::tell`.
            match self.word.state.load(Ordering::Acquire) {
                TOLD => return false,
                MOVED => return true,
                _ => std::thread::park(),
            }
        }
    }
}
