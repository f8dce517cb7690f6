//! What chunks that are begun in their order come to, up to the end of each: a chunk waits for what the one before knows.

use std::sync::OnceLock;

/// Looks for what the chunk before comes to, until the thread lets others run.
const SPINS: usize = 200;

/// What everything up to the end of each chunk comes to.
pub(super) struct Running<T>(Vec<OnceLock<T>>);

impl<T: Copy> Running<T> {
    /// For so many chunks.
    pub(super) fn new(chunks: usize) -> Self {
        Self(vec![OnceLock::new(); chunks])
    }

    /// What everything before a chunk comes to, `start` before the first. `None`: `stop` said so.
    pub(super) fn before(&self, chunk: usize, start: T, stop: &dyn Fn() -> bool) -> Option<T> {
        if chunk == 0 {
            return Some(start);
        }
        loop {
            // Chunks begin in order, so another thread is about to know.
            for _ in 0..SPINS {
                if let Some(&known) = self.0[chunk - 1].get() {
                    return Some(known);
                }
                std::hint::spin_loop();
            }
            if stop() {
                return None;
            }
            std::thread::yield_now();
        }
    }

    /// Tells it; once for each chunk.
    pub(super) fn tell(&self, chunk: usize, known: T) {
        let _ = self.0[chunk].set(known);
    }

    /// What everything comes to; `None`: some chunk has not told.
    pub(super) fn last(&self) -> Option<T> {
        self.0.last()?.get().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::Running;
    use std::sync::mpsc::channel;

    #[test]
    fn a_chunk_waits_for_the_one_before_until_it_is_told_to_stop() {
        let running = Running::new(2);
        assert_eq!(running.before(0, 7, &|| false), Some(7));
        assert_eq!(running.before(1, 7, &|| true), None);
        let (looks, looked) = channel();
        std::thread::scope(|scope| {
            let running = &running;
            let waits = scope.spawn(move || {
                running.before(1, 7, &|| {
                    let _ = looks.send(());
                    false
                })
            });
            assert!(looked.recv().is_ok());
            running.tell(0, 9);
            assert_eq!(waits.join().ok(), Some(Some(9)));
        });
        assert_eq!(running.last(), None);
        running.tell(1, 10);
        assert_eq!(running.last(), Some(10));
    }
}
