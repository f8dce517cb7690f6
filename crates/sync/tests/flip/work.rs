//! A participant that does everything participants can do, at random.

use crate::random::Random;
use manyhands_sync::layout::{FLAG_LEASED, HEADER_BYTES, MAX_PARTICIPANTS};
use manyhands_sync::{Arena, Error, Member, Received, Reservation, Side, Taken};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

const OPERATIONS: usize = 2000;

struct Worker {
    member: Member,
    random: Random,
    blocks: Vec<u32>,
    queues: Vec<u64>,
    taken: Vec<(u64, Taken)>,
    done: u32,
    refused: u32,
}

/// How many operations succeeded and how many were refused.
/// Goes on until something was damaged.
pub(crate) fn run(arena: &Arc<Arena>, random: Random, flips: &AtomicU32) -> (u32, u32) {
    let Some(member) = join(arena) else {
        return (0, 0);
    };
    let mut worker = Worker {
        member,
        random,
        blocks: vec![],
        queues: vec![],
        taken: vec![],
        done: 0,
        refused: 0,
    };
    let mut left = OPERATIONS;
    while left > 0 || flips.load(Relaxed) == 0 {
        left = left.saturating_sub(1);
        let outcome = worker.step(arena);
        worker.count(outcome);
    }
    worker.member.leave();
    (worker.done, worker.refused)
}

/// The damage may make the table look full for a while.
fn join(arena: &Arc<Arena>) -> Option<Member> {
    (0..100).find_map(|_| arena.join().ok())
}

impl Worker {
    fn count(&mut self, outcome: Result<(), Error>) {
        match outcome {
            Ok(()) => self.done += 1,
            Err(_) => self.refused += 1,
        }
    }

    /// A handle: mostly one that we know, sometimes any number.
    fn block(&mut self) -> u32 {
        match self.random.pick(&self.blocks) {
            Some(block) if self.random.below(8) > 0 => block,
            _ => self.random.next() as u32 & 0x3fff_ffff,
        }
    }

    fn queue(&mut self) -> u64 {
        match self.random.pick(&self.queues) {
            Some(queue) if self.random.below(8) > 0 => queue,
            _ => self.random.next(),
        }
    }

    fn entry(&mut self) -> u32 {
        match self.random.below(4) {
            0 => self.random.next() as u32 % (MAX_PARTICIPANTS + 2),
            _ => self.random.below(8) as u32,
        }
    }

    fn step(&mut self, arena: &Arc<Arena>) -> Result<(), Error> {
        let side = if self.random.below(2) == 0 {
            Side::Take
        } else {
            Side::Put
        };
        match self.random.below(34) {
            0..=5 => self.alloc(),
            6..=8 => {
                let block = self.block();
                self.blocks.retain(|&other| other != block);
                self.member.free(block)
            }
            9 => {
                let block = self.block();
                self.blocks.retain(|&other| other != block);
                self.member.release(block)
            }
            10..=14 => {
                let (queue, block) = (self.queue(), self.block());
                self.member.put(queue, block).map(drop)
            }
            15..=18 => {
                let queue = self.queue();
                let taken = self.member.take(queue)?;
                self.blocks.extend(taken);
                Ok(())
            }
            19 => {
                let queue = self.queue();
                let taken = self.member.take_begin(queue)?;
                self.taken.extend(taken.map(|taken| (queue, taken)));
                Ok(())
            }
            20 => match self.taken.pop() {
                Some((queue, taken)) => self.member.take_finish(queue, taken),
                None => Ok(()),
            },
            21 => {
                let capacity = 1 + self.random.below(200) as u32;
                let queue = if self.random.below(2) == 0 {
                    self.member.create_queue(capacity)?
                } else {
                    self.member.create_counted_queue(capacity)?
                };
                self.queues.push(queue);
                Ok(())
            }
            22 => {
                let queue = self.queue();
                self.queues.retain(|&other| other != queue);
                match self.random.below(3) {
                    0 => self.member.destroy_queue(queue),
                    1 => self.member.let_go(queue),
                    _ => self.member.shut_queue(queue, side == Side::Put).map(drop),
                }
            }
            23 => {
                let queue = self.queue();
                let limit = Duration::from_micros(self.random.below(50) as u64);
                self.member.wait_slice(queue, side, limit).map(drop)
            }
            24 => {
                let queue = self.queue();
                self.member.arm(queue, side)?;
                self.member.disarm(queue, side)
            }
            25 => {
                let entry = self.entry();
                if self.random.below(2) == 0 {
                    let bits = (self.random.below(4) as u32) << 10 | entry;
                    self.member.bury_child(Reservation::from_bits(bits));
                } else {
                    self.member.bury(entry);
                }
                Ok(())
            }
            26 => self.member.reserve().map(drop),
            27 => {
                let (block, entry) = (self.block(), self.entry());
                self.member.adopt(block, entry)?;
                self.member.owner(block).map(drop)
            }
            28 => {
                let entry = self.entry();
                arena.is_dead(entry);
                self.member.ring(entry)
            }
            29 => {
                let queue = self.queue();
                self.member.task_done(queue)
            }
            30 => {
                let queue = self.queue();
                let seen = self.member.begin_join(queue)?;
                let limit = Duration::from_micros(self.random.below(50) as u64);
                self.member.wait_slice(queue, Side::Done(seen), limit)?;
                self.member.leave_tasks(queue)
            }
            31 => {
                let queue = self.queue();
                let length = self.random.below(3000);
                // SAFETY: the core promises that these bytes are inside the mapping: that is what is tested.
                let fill = |to: *mut u8| unsafe { to.write_bytes(0x5a, length) };
                self.blocks
                    .extend(self.member.send(queue, length as u32, fill)?);
                Ok(())
            }
            32 => self.receive(),
            _ => self.look(arena),
        }
    }

    fn receive(&mut self) -> Result<(), Error> {
        let queue = self.queue();
        let mut room = [0u8; 2000];
        let copy = |from: *const u8, length: usize| {
            // SAFETY: as in `step`; a length beyond the room is a panic.
            room[..length].copy_from_slice(unsafe { std::slice::from_raw_parts(from, length) });
        };
        if let Received::Begun(taken) = self.member.receive(queue, 2000, copy)? {
            self.taken.push((queue, taken));
        }
        Ok(())
    }

    fn alloc(&mut self) -> Result<(), Error> {
        let size = match self.random.below(20) {
            0 => self.random.below(4 << 20),
            1..=3 => self.random.below(200_000),
            _ => self.random.below(3000),
        };
        let block = self.member.alloc(size)?;
        self.blocks.push(block);
        // What the core says we may write, we write.
        let length = self.member.capacity(block)?.min(size);
        let payload = self.member.payload(block, 0, length)?;
        // SAFETY: the core promises that these bytes are inside the mapping: that is what is tested.
        unsafe { payload.write_bytes(0xa5, length) };
        self.chain(block)
    }

    /// Chains or leases a block now and then.
    fn chain(&mut self, block: u32) -> Result<(), Error> {
        let next = self.block();
        let payload = self.member.payload(block, 0, 0)?;
        // SAFETY: the header lies right in front of the payload.
        let header = unsafe { payload.sub(HEADER_BYTES as usize).cast::<u32>() };
        let (word, value) = match self.random.below(8) {
            0 => (manyhands_sync::layout::NEXT_WORD, next),
            1 => (manyhands_sync::layout::FLAGS_WORD, FLAG_LEASED),
            _ => return Ok(()),
        };
        // SAFETY: an aligned word of that header, accessed atomically by everybody.
        let word = unsafe { &*header.add(word).cast::<std::sync::atomic::AtomicU32>() };
        word.store(value, std::sync::atomic::Ordering::Relaxed);
        Ok(())
    }

    fn look(&mut self, arena: &Arc<Arena>) -> Result<(), Error> {
        match self.random.below(40) {
            0 => drop(arena.owned(0)),
            1 => drop(arena.participants()),
            2 => drop(arena.objects()),
            3 => {
                let Some(next) = join(arena) else {
                    return Err(Error::TableFull);
                };
                std::mem::replace(&mut self.member, next).leave();
            }
            _ => {
                let queue = self.queue();
                return self.member.queue_length(queue).map(drop);
            }
        }
        Ok(())
    }
}
