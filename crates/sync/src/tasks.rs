//! Unfinished tasks of a queue: how many messages were put for which nobody has said yet that they are done.
//!
//! Every participant has an account in the body of the queue; no word is shared by all, so nothing is lost between two
//! words when somebody dies, and a count is the sum over all accounts.
//!
//! | word of an account (u64) | bits | changed by |
//! |--------------------------|------|------------|
//! | PUT | `puts:32 << 32 \| block:28`: how many it has put, the last one still on its way when there is a block | its participant; its sweep |
//! | WORK | `got:32 << 32 \| done:32`: how many it was given, how many of those are done | CAS: anybody |
//! | TAKE | `got:32 << 32 \| block:28`: the message that is being delivered when there is a block, and what it makes GOT | its participant; its sweep |
//!
//! | step | order |
//! |------|-------|
//! | put | PUT counts it with its block; the slot is published; PUT without the block. Or, when there is no room: PUT as before |
//! | delivery | TAKE; WORK counts it; the slot is emptied; TAKE without the block |
//! | done | WORK of who has one in hand, its own first. A message that nobody was given yet counts in account 0 |
//! | letting go | account 0 is given what was in hand; WORK has it no more |
//! | sweep | PUT and TAKE are made true or taken back, by what the slots say; then all in hand counts as done; then messages that were not delivered are put back |
//!
//! Both sums only grow (a put that is taken back was never published), and `done` is read before `puts`: if they are equal
//! then, nothing was unfinished at a moment between. Whoever sees that counts it in ZEROS and wakes all who wait, so that
//! they hear of it though there are tasks again. ZEROS (u64) is `joins:32 << 32 | zeros:32`: who begins to wait counts in
//! the upper half, so that a zero that was seen before cannot be counted after that.

use crate::arena::Arena;
use crate::bitmap::Bitmap;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::member::Member;
use crate::prim::{
    AtomicU64,
    Ordering::{Relaxed, SeqCst},
    fence_after_rmw,
};
use crate::queue::Queue;
use crate::waiters::Waiters;

const BLOCK: u64 = (1 << 28) - 1;

fn pair(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// How many are in hand by a WORK word; negative: somebody else said so of more than there were.
fn in_hand(work: u64) -> i32 {
    ((work >> 32) as u32)
        .wrapping_sub(work as u32)
        .cast_signed()
}

/// The accounts of a queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tasks<'a> {
    arena: &'a Arena,
    at: usize,
}

impl<'a> Tasks<'a> {
    /// Over memory of at least `TASKS_BYTES`.
    pub(crate) fn at(arena: &'a Arena, at: usize) -> Self {
        Self { arena, at }
    }

    /// Empties memory that nobody else uses.
    pub(crate) fn reset(&self) {
        self.zeros_word().store(0, SeqCst);
        self.joiners().0.reset(self.arena);
        self.known().reset(self.arena);
        for participant in 0..=MAX_PARTICIPANTS {
            for word in [ACCOUNT_PUT_AT, ACCOUNT_WORK_AT, ACCOUNT_TAKE_AT] {
                self.account(participant, word).store(0, Relaxed);
            }
        }
    }

    fn zeros_word(&self) -> &'a AtomicU64 {
        self.arena.u64(self.at + TASKS_ZEROS_AT)
    }

    /// Who waits until all is done.
    pub(crate) fn joiners(&self) -> Waiters {
        Waiters::at(self.at + TASKS_JOINERS_AT)
    }

    /// Participants that ever had something in their account.
    fn known(&self) -> Bitmap {
        Bitmap(self.at + TASKS_KNOWN_AT)
    }

    fn account(&self, participant: u32, word: usize) -> &'a AtomicU64 {
        let accounts = self.at + TASKS_ACCOUNTS_AT;
        self.arena
            .u64(accounts + participant as usize * ACCOUNT_BYTES + word)
    }

    fn put(&self, participant: u32) -> &'a AtomicU64 {
        self.account(participant, ACCOUNT_PUT_AT)
    }

    fn work(&self, participant: u32) -> &'a AtomicU64 {
        self.account(participant, ACCOUNT_WORK_AT)
    }

    fn take(&self, participant: u32) -> &'a AtomicU64 {
        self.account(participant, ACCOUNT_TAKE_AT)
    }

    fn meet(&self, participant: u32) {
        if !self.known().has(self.arena, participant) {
            self.known().add(self.arena, participant);
        }
    }

    /// How many tasks are not done. Below 0 only while somebody says of more than there are that they are.
    pub(crate) fn unfinished(&self) -> i32 {
        let (mut puts, mut done) = (0u32, self.work(0).load(SeqCst) as u32);
        self.known().for_each(self.arena, |participant| {
            done = done.wrapping_add(self.work(participant).load(SeqCst) as u32);
        });
        self.known().for_each(self.arena, |participant| {
            puts = puts.wrapping_add((self.put(participant).load(SeqCst) >> 32) as u32);
        });
        puts.wrapping_sub(done).cast_signed()
    }

    /// How often nothing was seen unfinished.
    pub(crate) fn zeros(&self) -> u32 {
        self.zeros_word().load(SeqCst) as u32
    }

    /// Somebody begins to wait until all is done: zeros from now on are for it.
    fn begin_join(&self) -> u32 {
        self.zeros_word().fetch_add(1 << 32, SeqCst) as u32
    }

    /// Whether nothing is unfinished, or was not since `seen`.
    pub(crate) fn all_done_since(&self, seen: u32) -> bool {
        self.zeros() != seen || self.unfinished() <= 0
    }

    /// Tells those who wait, if nothing is unfinished.
    fn tell(&self) {
        // Before the sums: if somebody begins to wait meanwhile, they are too old for it.
        let mut seen = self.zeros_word().load(SeqCst);
        while self.unfinished() <= 0 {
            let next = pair((seen >> 32) as u32, (seen as u32).wrapping_add(1));
            match self
                .zeros_word()
                .compare_exchange(seen, next, SeqCst, SeqCst)
            {
                Ok(_) => {
                    cp!(TaskZero);
                    fence_after_rmw();
                    self.joiners().wake_all(self.arena);
                    return;
                }
                Err(now) => seen = now,
            }
        }
    }

    /// A put begins.
    #[inline]
    pub(crate) fn begin_put(&self, me: u32, block: u32) {
        self.meet(me);
        let puts = (self.put(me).load(SeqCst) >> 32) as u32;
        self.put(me)
            .store(pair(puts.wrapping_add(1), block), SeqCst);
        cp!(TaskCounted);
    }

    /// The message is published.
    #[inline]
    pub(crate) fn end_put(&self, me: u32) {
        let puts = (self.put(me).load(SeqCst) >> 32) as u32;
        self.put(me).store(pair(puts, 0), SeqCst);
    }

    /// The message is not, and will not be.
    pub(crate) fn cancel_put(&self, me: u32) {
        let puts = (self.put(me).load(SeqCst) >> 32) as u32;
        self.put(me).store(pair(puts.wrapping_sub(1), 0), SeqCst);
        cp!(TaskCancelled);
        self.tell();
    }

    /// A message is about to be delivered.
    #[inline]
    pub(crate) fn begin_delivery(&self, me: u32, block: u32) {
        self.meet(me);
        if in_hand(self.work(0).load(SeqCst)) < 0 && self.take_ahead() {
            return;
        }
        let got = ((self.work(me).load(SeqCst) >> 32) as u32).wrapping_add(1);
        self.take(me).store(pair(got, block), SeqCst);
        cp!(TaskTakes);
        // Nobody else changes GOT, so no carry gets lost: DONE is below.
        self.work(me).fetch_add(1 << 32, SeqCst);
        cp!(TaskTaken);
    }

    /// Gives out a message that somebody has called done already; false when there is none.
    #[cold]
    fn take_ahead(&self) -> bool {
        let ahead = self.work(0);
        let mut seen = ahead.load(SeqCst);
        while in_hand(seen) < 0 {
            let next = seen.wrapping_add(1 << 32);
            match ahead.compare_exchange(seen, next, SeqCst, SeqCst) {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    #[inline]
    pub(crate) fn end_delivery(&self, me: u32) {
        self.take(me).store(0, SeqCst);
    }

    /// Counts one task as done for somebody who has one in hand. One that is just being delivered may yet go to another.
    fn finish_for(&self, participant: u32) -> bool {
        let work = self.work(participant);
        let mut seen = work.load(SeqCst);
        loop {
            let take = self.take(participant).load(SeqCst);
            let arriving = take & BLOCK != 0 && take >> 32 == seen >> 32;
            if in_hand(seen) <= i32::from(arriving) {
                return false;
            }
            let next = seen & !u64::from(u32::MAX) | u64::from((seen as u32).wrapping_add(1));
            match work.compare_exchange(seen, next, SeqCst, SeqCst) {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
    }

    /// One task is done; false when none is unfinished.
    fn finish(&self, me: u32) -> bool {
        let unfinished = self.unfinished();
        if unfinished <= 0 {
            return false;
        }
        let mut found = self.finish_for(me);
        if !found {
            // Whoever was given the message may have passed it on.
            self.known().for_each(self.arena, |participant| {
                found = found || self.finish_for(participant);
            });
        }
        found || self.finish_ahead()
    }

    /// Counts as done what nobody was given yet.
    #[cold]
    fn finish_ahead(&self) -> bool {
        let ahead = self.work(0);
        loop {
            let seen = ahead.load(SeqCst);
            if self.unfinished() <= 0 {
                return false;
            }
            let got = (seen >> 32) as u32;
            let next = pair(got, (seen as u32).wrapping_add(1));
            if ahead.compare_exchange(seen, next, SeqCst, SeqCst).is_ok() {
                return true;
            }
        }
    }

    /// What a participant has in hand counts as done: it is gone with it.
    fn write_off(&self, participant: u32) {
        let work = self.work(participant);
        let mut seen = work.load(SeqCst);
        while in_hand(seen) > 0 {
            let got = (seen >> 32) as u32;
            match work.compare_exchange(seen, pair(got, got), SeqCst, SeqCst) {
                Ok(_) => break,
                Err(now) => seen = now,
            }
        }
        cp!(TaskWrittenOff);
    }

    pub(crate) fn has_in_hand(&self, me: u32) -> bool {
        in_hand(self.work(me).load(SeqCst)) > 0
    }

    /// A participant has let the queue go. What it has in hand may have been passed on, so it is nobody's from now on: in
    /// account 0, where anybody can call it done.
    pub(crate) fn hand_over(&self, me: u32) {
        let (work, nobody) = (self.work(me), self.work(0));
        let mut seen = work.load(SeqCst);
        loop {
            let count = in_hand(seen);
            if count <= 0 {
                return;
            }
            let moved = u64::from(count.cast_unsigned()) << 32;
            nobody.fetch_add(moved, SeqCst);
            cp!(TaskHandedOver);
            let done = seen as u32;
            match work.compare_exchange(seen, pair(done, done), SeqCst, SeqCst) {
                Ok(_) => return,
                // Somebody has called one of them done meanwhile.
                Err(now) => {
                    nobody.fetch_add(moved.wrapping_neg(), SeqCst);
                    seen = now;
                }
            }
        }
    }

    /// Puts right the account of somebody who died. The slots must be as it left them.
    pub(crate) fn recover(&self, queue: &Queue<'_>, dead: u32) {
        self.joiners().remove(self.arena, dead);
        if !self.known().has(self.arena, dead) {
            return;
        }
        let put = self.put(dead).load(SeqCst);
        let block = (put & BLOCK) as u32;
        if block != 0 {
            let puts = (put >> 32) as u32;
            let kept = if queue.is_published(block, dead) {
                puts
            } else {
                puts.wrapping_sub(1)
            };
            self.put(dead).store(pair(kept, 0), SeqCst);
            cp!(SweepTaskPut);
        }
        let take = self.take(dead).load(SeqCst);
        let block = (take & BLOCK) as u32;
        if block != 0 {
            let counted = self.work(dead).load(SeqCst) >> 32 == take >> 32;
            if counted && queue.is_taken(block, dead) {
                // One less in the upper half; the lower one may change meanwhile.
                self.work(dead).fetch_add(u64::MAX << 32, SeqCst);
                cp!(SweepTaskTaken);
            }
            self.take(dead).store(0, SeqCst);
        }
        self.write_off(dead);
        self.tell();
    }
}

impl Member {
    /// A task of a queue that counts them is done; fails when none is unfinished.
    pub fn task_done(&mut self, queue: u64) -> Result<(), Error> {
        let me = self.me;
        let tasks = self.tasks(queue)?;
        if !tasks.finish(me) {
            return Err(Error::NotHeld);
        }
        cp!(TaskDone);
        tasks.tell();
        Ok(())
    }

    /// What we have in hand of such a queue is done: we use it no more.
    pub fn leave_tasks(&mut self, queue: u64) -> Result<(), Error> {
        let me = self.me;
        let tasks = self.tasks(queue)?;
        tasks.write_off(me);
        tasks.tell();
        Ok(())
    }

    /// Whether nothing of such a queue is unfinished, or was not since `seen`, which `begin_join` gave.
    pub fn tasks_done(&mut self, queue: u64, seen: u32) -> Result<bool, Error> {
        Ok(self.tasks(queue)?.all_done_since(seen))
    }

    /// How often nothing of such a queue was seen unfinished.
    pub fn task_zeros(&mut self, queue: u64) -> Result<u32, Error> {
        Ok(self.tasks(queue)?.zeros())
    }

    /// How many tasks of such a queue are not done, and how often none was seen so.
    pub fn task_state(&mut self, queue: u64) -> Result<(u32, u32), Error> {
        let tasks = self.tasks(queue)?;
        let zeros = tasks.zeros();
        Ok((tasks.unfinished().max(0).cast_unsigned(), zeros))
    }

    /// Begins to wait until nothing is unfinished: what `Side::Done` takes.
    pub fn begin_join(&mut self, queue: u64) -> Result<u32, Error> {
        Ok(self.tasks(queue)?.begin_join())
    }

    fn tasks(&mut self, queue: u64) -> Result<Tasks<'_>, Error> {
        let object = self.open(queue)?;
        Queue::of(&self.arena, object)?
            .tasks()?
            .ok_or(Error::BadHandle)
    }
}
