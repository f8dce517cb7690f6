//! What every scenario begins with, and what must be left at its end.

use crate::support::{Board, drain, message};
use manyhands_sync::{Arena, Member};
use std::sync::Arc;

/// An arena with the surviving participant, a queue of 2, one of 8, and a board.
pub(crate) struct Scene {
    pub(crate) arena: Arc<Arena>,
    pub(crate) me: Member,
    pub(crate) small: u64,
    pub(crate) large: u64,
    pub(crate) board: Board,
}

pub(crate) fn scene() -> Scene {
    let arena = Arc::new(Arena::create().unwrap());
    let mut me = arena.join().unwrap();
    let (small, large) = (me.create_queue(2).unwrap(), me.create_queue(8).unwrap());
    let board = Board::new(&mut me, 256);
    Scene {
        arena,
        me,
        small,
        large,
        board,
    }
}

impl Scene {
    pub(crate) fn numbers(&self) -> [u64; 4] {
        [
            self.small,
            self.large,
            self.board.block.into(),
            self.me.entry().into(),
        ]
    }

    /// After everything is drained: one participant, our two queues and our board, nothing else.
    pub(crate) fn check(mut self, what: &str) {
        assert_eq!(self.arena.participants(), 1, "{what}: entries leak");
        assert_eq!(self.arena.objects().0, 2, "{what}: queues leak");
        assert_eq!(self.arena.owned(0).0, 1, "{what}: blocks leak");
        // Everything still works.
        for queue in [self.small, self.large] {
            for id in 1..20 {
                let block = message(&mut self.me, id);
                assert!(
                    self.me.put(queue, block).unwrap(),
                    "{what}: an empty queue is full"
                );
                assert_eq!(
                    drain(&mut self.me, queue),
                    [id],
                    "{what}: the queue is broken"
                );
            }
            self.me.destroy_queue(queue).unwrap();
        }
        self.me.free(self.board.block).unwrap();
        assert_eq!(
            (self.arena.objects().0, self.arena.owned(0).0),
            (0, 0),
            "{what}: something leaks"
        );
        self.me.leave();
        assert_eq!(self.arena.participants(), 0);
    }
}
