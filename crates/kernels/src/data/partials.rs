//! What the grains of a reduction come to, each and together.
//!
//! The chunk that ends last joins them: its thread has them in its caches, while the thread that asks for the answer has
//! seen nothing of the work.

use crate::data::{GRAINS_PER_CHUNK, lock};
use std::ops::Range;
use std::sync::Mutex;

/// A partial result for each grain, and the answer that they are joined to.
pub(super) struct Partials<P, A>(Mutex<State<P, A>>);

struct State<P, A> {
    /// `None`: not yet, or it was left out.
    grains: Vec<Option<P>>,
    /// Chunks that have not ended.
    left: usize,
    answer: Option<A>,
}

impl<P: Copy, A: Clone> Partials<P, A> {
    /// For so many grains.
    pub(super) fn new(grains: usize) -> Self {
        Self(Mutex::new(State {
            grains: vec![None; grains],
            left: grains.div_ceil(GRAINS_PER_CHUNK),
            answer: None,
        }))
    }

    /// What some neighbouring grains come to, each.
    pub(super) fn fill(&self, grains: Range<usize>, partial: Option<P>) {
        lock(&self.0).grains[grains].fill(partial);
    }

    /// Called once for each chunk, after its grains; the last call has them joined, unless one was left out.
    pub(super) fn end_chunk(&self, join: impl FnOnce(&[P]) -> Option<A>) {
        let grains = {
            let mut state = lock(&self.0);
            state.left -= 1;
            if state.left > 0 {
                return;
            }
            std::mem::take(&mut state.grains)
        };
        let partials: Option<Vec<P>> = grains.into_iter().collect();
        let answer = partials.and_then(|partials| join(&partials));
        lock(&self.0).answer = answer;
    }

    /// `None`: a chunk has not ended, or was left out; or `join` gave none.
    pub(super) fn answer(&self) -> Option<A> {
        lock(&self.0).answer.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{GRAINS_PER_CHUNK, Partials};

    #[test]
    fn the_last_chunk_joins_what_all_have_found() {
        let grains = GRAINS_PER_CHUNK + 1;
        let partials = Partials::new(grains);
        let sum = |parts: &[usize]| Some(parts.iter().sum::<usize>());
        partials.fill(GRAINS_PER_CHUNK..grains, Some(5));
        partials.end_chunk(sum);
        assert_eq!(partials.answer(), None);
        partials.fill(0..GRAINS_PER_CHUNK, Some(10));
        partials.end_chunk(sum);
        assert_eq!(partials.answer(), Some(10 * GRAINS_PER_CHUNK + 5));
    }

    #[test]
    fn without_one_of_them_there_is_no_answer() {
        let partials = Partials::new(2);
        partials.fill(0..1, Some(1));
        partials.end_chunk(|_| -> Option<i32> { unreachable!("a grain is missing") });
        assert_eq!(partials.answer(), None);
    }
}
