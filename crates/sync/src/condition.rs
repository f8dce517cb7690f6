//! Conditions: how many wait for a notification in each participant, and how many of them have it. Who waits and who
//! notifies has the lock of the condition, which is another object that lives as long as the condition.
//!
//! Word of a participant (u32): `waiting:16 << 16 | notified:16`
//!
//! | from | to | by |
//! |------|----|----|
//! | waiting w | w + 1 | the participant, before it releases the lock |
//! | waiting w, notified n | w - 1, n + 1 | a notifier, which then rings it; or a sweep that passes on |
//! | notified n | n - 1 | the participant, which acquires the lock next |
//! | waiting w | w - 1 | the participant, giving up |
//! | notified n (dead) | n - 1 | its sweep, after it has notified somebody else |

use crate::arena::Arena;
use crate::crash::cp;
use crate::error::Error;
use crate::layout::*;
use crate::member::Member;
use crate::objects::{Kind, Object};
use crate::participants::entries;
use crate::prim::{AtomicU32, Ordering::SeqCst};
use crate::waiters::Waiters;

const ONE_WAITING: u32 = 1 << 16;
const NOTIFIED: u32 = 0xffff;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Condition<'a> {
    arena: &'a Arena,
    object: Object,
}

impl<'a> Condition<'a> {
    pub(crate) fn over(arena: &'a Arena, object: Object) -> Self {
        Self { arena, object }
    }

    fn word(&self, entry: u32) -> &'a AtomicU32 {
        self.arena
            .u32(self.object.at + TALLIES_AT + entry as usize * 4)
    }

    /// For the shape of waiting only: a notifier rings whom it has chosen.
    pub(crate) fn waiters(&self) -> Waiters {
        Waiters::at(self.object.at + WAITERS_AT)
    }

    /// Whether `me` has more notifications than it knows of.
    pub(crate) fn is_notified(&self, me: u32, known: u32) -> bool {
        self.word(me).load(SeqCst) & NOTIFIED > known
    }

    fn change(&self, entry: u32, change: impl Fn(u32) -> Option<u32>) -> bool {
        let word = self.word(entry);
        let mut seen = word.load(SeqCst);
        while let Some(next) = change(seen) {
            match word.compare_exchange(seen, next, SeqCst, SeqCst) {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    fn take(&self, me: u32) -> bool {
        self.change(me, |word| (word & NOTIFIED != 0).then(|| word - 1))
    }

    /// Notifies one who waits, other than `not`; starts behind `me`, so that no participant is always first.
    fn notify_one(&self, me: u32, not: u32) -> bool {
        let count = MAX_PARTICIPANTS;
        (0..count)
            .map(|step| (me + step) % count + 1)
            .filter(|&entry| entry != not)
            .any(|entry| {
                let notify = |word: u32| (word >= ONE_WAITING).then(|| word - ONE_WAITING + 1);
                let notified = self.change(entry, notify);
                if notified {
                    cp!(ConditionNotified);
                    self.arena.ring_participant(entry);
                }
                notified
            })
    }

    /// Passes on what the dead was notified of.
    pub(crate) fn recover(&self, dead: u32) {
        self.waiters().remove(self.arena, dead);
        // It waits no more, so that nobody notifies it from now on.
        self.change(dead, |word| {
            (word >= ONE_WAITING).then_some(word & NOTIFIED)
        });
        cp!(SweepCondition);
        while self.is_notified(dead, 0) {
            // A death between the two passes it on twice: a waiter may find its predicate false, as always.
            self.notify_one(dead, dead);
            cp!(SweepPassedOn);
            self.take(dead);
        }
    }
}

impl Member {
    /// A new condition of a lock that we hold; `lock_kind` is the caller's and comes back from `linked`.
    pub fn create_condition(&mut self, lock: u64, lock_kind: u32) -> Result<u64, Error> {
        self.open_kind(lock, Kind::Lock)?;
        let (object, life) = self.claim_object(TALLIES_AT + (MAX_PARTICIPANTS as usize + 1) * 4)?;
        let arena = &*self.arena;
        let condition = Condition::over(arena, object);
        for entry in entries() {
            condition.word(entry).store(0, SeqCst);
        }
        condition.waiters().clear(arena);
        object.set_kind(arena, Kind::Condition);
        self.link(object, lock, lock_kind)?;
        Ok(self.bring_to_life(object, life))
    }

    fn condition(&mut self, handle: u64) -> Result<Condition<'_>, Error> {
        let object = self.open_kind(handle, Kind::Condition)?;
        Ok(Condition::over(&self.arena, object))
    }

    /// One more of us waits. The lock is still ours.
    pub fn begin_wait(&mut self, handle: u64) -> Result<(), Error> {
        let me = self.me;
        let full = !self
            .condition(handle)?
            .change(me, |word| word.checked_add(ONE_WAITING));
        cp!(ConditionWaits);
        if full { Err(Error::TooLarge) } else { Ok(()) }
    }

    /// Notifications that we have and did not take.
    pub fn notifications(&mut self, handle: u64) -> Result<u32, Error> {
        let me = self.me;
        Ok(self.condition(handle)?.word(me).load(SeqCst) & NOTIFIED)
    }

    /// Takes a notification; false when there is none. Until then it is passed on if we die.
    pub fn take_notification(&mut self, handle: u64) -> Result<bool, Error> {
        let me = self.me;
        Ok(self.condition(handle)?.take(me))
    }

    /// One of us gives up; true when it was notified after all, and has the notification to take.
    pub fn give_up_wait(&mut self, handle: u64) -> Result<bool, Error> {
        let me = self.me;
        let condition = self.condition(handle)?;
        let left = condition.change(me, |word| (word >= ONE_WAITING).then(|| word - ONE_WAITING));
        Ok(!left)
    }

    /// Notifies up to `count` of those who wait; how many. The lock is ours.
    pub fn notify(&mut self, handle: u64, count: u32) -> Result<u32, Error> {
        let me = self.me;
        let condition = self.condition(handle)?;
        Ok((0..count)
            .take_while(|_| condition.notify_one(me, 0))
            .count() as u32)
    }
}
