//! What the grains of a reduction come to, each and together.
//!
//! The chunk that ends last joins them: its thread has them in its caches, while the thread that asks for the answer has
//! seen nothing of the work.

use crate::data::{Chunks, lock};
use std::ops::Range;
use std::sync::Mutex;

/// A partial result for each grain, and the answer that they are joined to.
pub(super) struct Partials<P, A> {
    chunks: Chunks,
    state: Mutex<State<P, A>>,
}

struct State<P, A> {
    /// `None`: not yet, or it was left out.
    grains: Vec<Option<P>>,
    /// Chunks that have not ended.
    left: usize,
    answer: Option<A>,
}

impl<P: Copy, A: Clone> Partials<P, A> {
    pub(super) fn new(chunks: Chunks) -> Self {
        Self {
            chunks,
            state: Mutex::new(State {
                grains: vec![None; chunks.all_grains()],
                left: chunks.count(),
                answer: None,
            }),
        }
    }

    pub(super) fn chunks(&self) -> Chunks {
        self.chunks
    }

    /// What some neighbouring grains come to, each.
    pub(super) fn fill(&self, grains: Range<usize>, partial: Option<P>) {
        lock(&self.state).grains[grains].fill(partial);
    }

    /// Called once for each chunk, after its grains; the last call has them joined, unless one was left out.
    pub(super) fn end_chunk(&self, join: impl FnOnce(&[P]) -> Option<A>) {
        let grains = {
            let mut state = lock(&self.state);
            state.left -= 1;
            if state.left > 0 {
                return;
            }
            std::mem::take(&mut state.grains)
        };
        let partials: Option<Vec<P>> = grains.into_iter().collect();
        let answer = partials.and_then(|partials| join(&partials));
        lock(&self.state).answer = answer;
    }

    /// `None`: a chunk has not ended, or was left out; or `join` gave none.
    pub(super) fn answer(&self) -> Option<A> {
        lock(&self.state).answer.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{Chunks, Partials};

    #[test]
    fn the_last_chunk_joins_what_all_have_found() {
        let chunks = Chunks::of(100, true);
        let partials = Partials::new(chunks);
        let sum = |parts: &[usize]| Some(parts.iter().sum::<usize>());
        for chunk in (0..chunks.count()).rev() {
            assert_eq!(partials.answer(), None);
            partials.fill(chunks.grains(chunk), Some(chunk));
            partials.end_chunk(sum);
        }
        let all = (0..chunks.count()).map(|chunk| chunk * chunks.grains(chunk).len());
        assert_eq!(partials.answer(), Some(all.sum()));
    }

    #[test]
    fn without_one_of_them_there_is_no_answer() {
        let partials = Partials::new(Chunks::of(2, true));
        partials.fill(0..1, Some(1));
        for _ in 0..2 {
            partials.end_chunk(|_| -> Option<i32> { unreachable!("a grain is missing") });
        }
        assert_eq!(partials.answer(), None);
    }
}
