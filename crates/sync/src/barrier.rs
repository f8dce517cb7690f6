//! Barriers: who has arrived in which generation, in one word, and how the last generations ended.
//!
//! Word (u64): `generation:24 << 40 | broken:1 << 39 | arrived:19 << 20 | history:20`
//!
//! | from | to | by |
//! |------|----|----|
//! | arrived n < parties | n + 1 | a party; the last one then runs the action |
//! | arrived = parties | generation + 1, arrived 0, history passed | the last party |
//! | not broken | broken | a party of this generation whose time is over or whose action failed; one that died; abort |
//! | arrived > 0, or broken | generation + 1, arrived 0, whole, history broken | reset |
//!
//! History has one bit for each of the last 20 generations, the latest lowest: 1 = reset while some had arrived.

use crate::arena::Arena;
use crate::bitmap::Bitmap;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::member::Member;
use crate::objects::{Kind, Object};
use crate::prim::{AtomicU32, AtomicU64, Ordering::SeqCst, fence_after_rmw};
use crate::waiters::Waiters;

/// Most parties of a barrier.
pub const MAX_PARTIES: u32 = (1 << 19) - 1;
const GENERATIONS: u32 = (1 << 24) - 1;
const HISTORY: u64 = (1 << 20) - 1;
/// The creator died, and a sweep has seen to that: who has its entry now is another one.
const GONE: u32 = 1 << 31;

/// The word, unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    generation: u32,
    broken: bool,
    arrived: u32,
    history: u64,
}

impl State {
    fn parse(word: u64) -> Self {
        Self {
            generation: (word >> 40) as u32,
            broken: word >> 39 & 1 != 0,
            arrived: (word >> 20) as u32 & MAX_PARTIES,
            history: word & HISTORY,
        }
    }

    fn word(self) -> u64 {
        u64::from(self.generation & GENERATIONS) << 40
            | u64::from(self.broken) << 39
            | u64::from(self.arrived) << 20
            | self.history & HISTORY
    }

    /// The next generation, after this one was passed or `reset`.
    fn next(self, reset: bool) -> Self {
        Self {
            generation: (self.generation + 1) & GENERATIONS,
            broken: false,
            arrived: 0,
            history: self.history << 1 | u64::from(reset),
        }
    }
}

/// What became of a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// Not all parties are there.
    Waiting = 0,
    /// All came.
    Passed = 1,
    /// It was broken or reset.
    Broken = 2,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Barrier<'a> {
    arena: &'a Arena,
    object: Object,
}

impl<'a> Barrier<'a> {
    pub(crate) fn over(arena: &'a Arena, object: Object) -> Self {
        Self { arena, object }
    }

    fn word(&self) -> &'a AtomicU64 {
        self.arena.u64(self.object.at + STATE_AT)
    }

    fn u32(&self, index: usize) -> &'a AtomicU32 {
        self.arena.u32(self.object.at + STATE_AT + 8 + index * 4)
    }

    fn parties(&self) -> u32 {
        self.u32(0).load(SeqCst)
    }

    /// Counts what those who wait have to know.
    fn changes(&self) -> &'a AtomicU32 {
        self.u32(1)
    }

    /// Who made the barrier: it need not be a party.
    fn creator(&self) -> &'a AtomicU32 {
        self.u32(2)
    }

    pub(crate) fn waiters(&self) -> Waiters {
        Waiters::at(self.object.at + WAITERS_AT)
    }

    /// Participants with a party that has arrived and not gone on.
    fn inside(&self) -> Bitmap {
        Bitmap(self.object.at + WAITERS_AT + BITMAP_BYTES)
    }

    /// Participants that ever had a party.
    fn known(&self) -> Bitmap {
        Bitmap(self.object.at + WAITERS_AT + 2 * BITMAP_BYTES)
    }

    pub(crate) fn changed_since(&self, seen: u32) -> bool {
        self.changes().load(SeqCst) != seen
    }

    /// Applies a step until it succeeds or is impossible; the state before.
    fn step(&self, step: impl Fn(State) -> Option<State>) -> Option<State> {
        let word = self.word();
        let mut seen = word.load(SeqCst);
        loop {
            let state = State::parse(seen);
            match word.compare_exchange(seen, step(state)?.word(), SeqCst, SeqCst) {
                Ok(_) => return Some(state),
                Err(now) => seen = now,
            }
        }
    }

    fn tell(&self) {
        cp!(BarrierChanged);
        self.changes().fetch_add(1, SeqCst);
        fence_after_rmw();
        self.waiters().wake_all(self.arena);
    }

    /// Breaks the barrier if it is whole and in a generation that `is_meant`; whether it did, which nobody is told yet.
    fn break_if(&self, is_meant: impl Fn(u32) -> bool) -> bool {
        let broke = self.step(|state| {
            (!state.broken && is_meant(state.generation)).then_some(State {
                broken: true,
                ..state
            })
        });
        broke.is_some()
    }

    /// Who holds the barrier from now on is not its creator, whatever entry it has.
    pub(crate) fn greet(&self, me: u32) {
        let _ = self
            .creator()
            .compare_exchange(me | GONE, 0, SeqCst, SeqCst);
    }

    /// A party that died breaks the barrier: one that left only while it was inside. Who only made it is no party.
    pub(crate) fn recover(&self, dead: u32, left: bool) {
        self.waiters().remove(self.arena, dead);
        let inside = self.inside().has(self.arena, dead);
        let was_party = self.known().has(self.arena, dead);
        let made_it = self.creator().load(SeqCst) & !GONE == dead;
        if inside || (!left && (was_party || !made_it)) {
            self.break_if(|_| true);
        }
        // Whether this broke it or not: the dead may have changed the word and told nobody.
        self.tell();
        cp!(SweepBarrier);
        if made_it {
            // A sweep that begins anew must still know it for the creator.
            self.creator().store(dead | GONE, SeqCst);
        }
        self.inside().remove(self.arena, dead);
        self.known().remove(self.arena, dead);
        cp!(SweepBarrierLeft);
    }
}

impl Member {
    /// A new barrier for so many parties. A block of ours (0: none) becomes part of it, for its users to read.
    pub fn create_barrier(&mut self, parties: u32, block: u32) -> Result<u64, Error> {
        if !(1..=MAX_PARTIES).contains(&parties) {
            return Err(Error::BadCapacity);
        }
        let (object, life) = self.claim_object(WAITERS_AT + 3 * BITMAP_BYTES)?;
        if block != 0 {
            self.attach_body(object, block)?;
        }
        let arena = &*self.arena;
        let barrier = Barrier::over(arena, object);
        barrier.word().store(0, SeqCst);
        for (index, value) in [parties, 0, self.me].into_iter().enumerate() {
            barrier.u32(index).store(value, SeqCst);
        }
        barrier.waiters().clear(arena);
        barrier.inside().clear(arena);
        barrier.known().clear(arena);
        object.set_kind(arena, Kind::Barrier);
        Ok(self.bring_to_life(object, life))
    }

    fn barrier(&mut self, handle: u64) -> Result<Barrier<'_>, Error> {
        let object = self.open_kind(handle, Kind::Barrier)?;
        Ok(Barrier::over(&self.arena, object))
    }

    /// Arrives: generation and place in it (0 first). `None` while the last party of the generation before is still at
    /// its action. Fails when the barrier is broken.
    pub fn arrive(&mut self, handle: u64) -> Result<Option<(u32, u32)>, Error> {
        let me = self.me;
        let barrier = self.barrier(handle)?;
        let parties = barrier.parties();
        barrier.inside().add(barrier.arena, me);
        barrier.known().add(barrier.arena, me);
        cp!(BarrierArrives);
        let before = barrier.step(|state| {
            let arrived = state.arrived + 1;
            (!state.broken && arrived <= parties).then_some(State { arrived, ..state })
        });
        cp!(BarrierArrived);
        match before {
            Some(state) => Ok(Some((state.generation, state.arrived))),
            None if State::parse(barrier.word().load(SeqCst)).broken => Err(Error::Broken),
            None => Ok(None),
        }
    }

    /// None of us is inside any more.
    pub fn go_on(&mut self, handle: u64) -> Result<(), Error> {
        let me = self.me;
        let barrier = self.barrier(handle)?;
        barrier.inside().remove(barrier.arena, me);
        Ok(())
    }

    /// The last party lets everybody of the generation pass; false when it was broken meanwhile.
    pub fn pass(&mut self, handle: u64, generation: u32) -> Result<bool, Error> {
        let barrier = self.barrier(handle)?;
        let passed = barrier.step(|state| {
            (state.generation == generation && !state.broken).then(|| state.next(false))
        });
        if passed.is_some() {
            barrier.tell();
        }
        Ok(passed.is_some())
    }

    /// Breaks the barrier: who waits and who comes fails, until `reset_barrier`.
    pub fn break_barrier(&mut self, handle: u64) -> Result<(), Error> {
        let barrier = self.barrier(handle)?;
        if barrier.break_if(|_| true) {
            barrier.tell();
        }
        Ok(())
    }

    /// A party gives up, or its action has failed: breaks the barrier unless its generation has ended; what became of that.
    pub fn give_up_passage(&mut self, handle: u64, generation: u32) -> Result<Passage, Error> {
        let barrier = self.barrier(handle)?;
        if barrier.break_if(|current| current == generation) {
            barrier.tell();
        }
        self.passage(handle, generation)
    }

    /// Makes the barrier as new; who waits fails.
    pub fn reset_barrier(&mut self, handle: u64) -> Result<(), Error> {
        let barrier = self.barrier(handle)?;
        let reset =
            barrier.step(|state| (state.broken || state.arrived > 0).then(|| state.next(true)));
        if reset.is_some() {
            barrier.tell();
        }
        Ok(())
    }

    /// What became of a generation.
    pub fn passage(&mut self, handle: u64, generation: u32) -> Result<Passage, Error> {
        let state = State::parse(self.barrier(handle)?.word().load(SeqCst));
        let age = state.generation.wrapping_sub(generation) & GENERATIONS;
        Ok(match age {
            0 if state.broken => Passage::Broken,
            0 => Passage::Waiting,
            1..=20 if state.history >> (age - 1) & 1 != 0 => Passage::Broken,
            _ => Passage::Passed,
        })
    }

    /// Parties, those that have arrived while it fills, whether it is broken, and the count of changes.
    pub fn barrier_state(&mut self, handle: u64) -> Result<(u32, u32, bool, u32), Error> {
        let barrier = self.barrier(handle)?;
        let changes = barrier.changes().load(SeqCst);
        let state = State::parse(barrier.word().load(SeqCst));
        let parties = barrier.parties();
        let filling = !state.broken && state.arrived < parties;
        Ok((
            parties,
            if filling { state.arrived } else { 0 },
            state.broken,
            changes,
        ))
    }
}
