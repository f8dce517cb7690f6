//! Messages of the storm: one block or a chain, every block marked with the message's number at both ends.

use crate::chance::Chance;
use crate::support::link;
use manyhands_sync::{Error, Member, layout};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// What messages are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One block of the smallest class.
    Small,
    /// One block of any small class.
    Classes,
    /// One extent of one to four units.
    Extent,
    /// A chain of small blocks and an extent.
    Chain,
    /// A chain of small blocks of several classes.
    SmallChain,
}

pub(crate) const SHAPES: [Shape; 5] = [
    Shape::Small,
    Shape::Classes,
    Shape::Extent,
    Shape::Chain,
    Shape::SmallChain,
];

/// What the first block says.
pub(crate) struct Label {
    pub(crate) id: u32,
    pub(crate) producer: u32,
    /// Deliveries that died.
    pub(crate) attempts: u32,
}

const PRODUCER: usize = 1;
const PART: usize = 2;
const PARTS: usize = 3;
const LENGTH: usize = 4;
const FIRST_FREE: u32 = 5;

fn word(member: &Member, block: u32, index: usize) -> &'static AtomicU32 {
    let at = member.payload(block, index * 4, 4).unwrap();
    // SAFETY: four aligned bytes of the mapping, which is never unmapped; all accesses are atomic.
    unsafe { &*at.cast() }
}

fn header(member: &Member, block: u32, index: usize) -> &'static AtomicU32 {
    let payload = member.payload(block, 0, 4).unwrap().cast::<AtomicU32>();
    // SAFETY: the header of 16 words lies right in front of the payload.
    unsafe { &*payload.sub(16 - index) }
}

fn sizes(shape: Shape, chance: &mut Chance) -> Vec<u32> {
    let any = |chance: &mut Chance| [100, 900, 4000, 16_000][chance.below(4) as usize];
    match shape {
        Shape::Small => vec![100],
        Shape::Classes => vec![any(chance)],
        Shape::Extent => vec![20_000 + chance.below(220_000)],
        Shape::Chain => vec![100, any(chance), 70_000 + chance.below(100_000)],
        Shape::SmallChain => (0..=chance.below(4)).map(|_| any(chance)).collect(),
    }
}

/// A message of our own, not yet put.
pub(crate) fn write(
    member: &mut Member,
    shape: Shape,
    id: u32,
    producer: u32,
    chance: &mut Chance,
) -> Result<u32, Error> {
    let sizes = sizes(shape, chance);
    let mut blocks = Vec::with_capacity(sizes.len());
    for (part, &bytes) in sizes.iter().enumerate() {
        let block = member.alloc(bytes as usize)?;
        header(member, block, layout::LENGTH_WORD).store(bytes, Relaxed);
        let length = (bytes / 4).max(FIRST_FREE + 1);
        word(member, block, 0).store(id, Relaxed);
        word(member, block, PRODUCER).store(producer, Relaxed);
        word(member, block, PART).store(part as u32, Relaxed);
        word(member, block, PARTS).store(sizes.len() as u32, Relaxed);
        word(member, block, LENGTH).store(length, Relaxed);
        word(member, block, length as usize - 1).store(!id, Relaxed);
        blocks.push(block);
    }
    for pair in blocks.windows(2) {
        link(member, pair[0], pair[1]);
    }
    Ok(blocks[0])
}

/// Words of a message that `send` sends.
pub(crate) const SMALL_WORDS: usize = 25;

/// Puts a message of `Shape::Small` in one call; the message when there is no room.
pub(crate) fn send(
    member: &mut Member,
    queue: u64,
    id: u32,
    producer: u32,
) -> Result<Option<u32>, Error> {
    let mut words = [0; SMALL_WORDS];
    words[0] = id;
    words[PRODUCER] = producer;
    words[PARTS] = 1;
    words[LENGTH] = SMALL_WORDS as u32;
    words[SMALL_WORDS - 1] = !id;
    // SAFETY: the core gives so many aligned bytes of a block that nobody else knows yet.
    let fill = |to: *mut u8| unsafe { to.cast::<[u32; SMALL_WORDS]>().write(words) };
    member.send(queue, size_of_val(&words) as u32, fill)
}

/// Whether the words of a message of one block are whole.
pub(crate) fn is_small(words: &[u32; SMALL_WORDS]) -> bool {
    words[PART] == 0
        && words[PARTS] == 1
        && words[LENGTH] as usize == SMALL_WORDS
        && words[SMALL_WORDS - 1] == !words[0]
}

pub(crate) fn label(member: &Member, block: u32) -> Label {
    Label {
        id: word(member, block, 0).load(Relaxed),
        producer: word(member, block, PRODUCER).load(Relaxed),
        attempts: (header(member, block, layout::FLAGS_WORD).load(Relaxed) & layout::ATTEMPTS)
            / layout::ATTEMPT,
    }
}

/// Whether a message that is ours is whole and belongs to us in all its parts.
pub(crate) fn is_whole(member: &Member, first: u32) -> bool {
    let Label { id, producer, .. } = label(member, first);
    let parts = word(member, first, PARTS).load(Relaxed);
    let mut block = first;
    for part in 0..parts {
        let length = word(member, block, LENGTH).load(Relaxed);
        let fits = length > FIRST_FREE
            && length as usize * 4 <= member.capacity(block).unwrap()
            && word(member, block, 0).load(Relaxed) == id
            && word(member, block, PRODUCER).load(Relaxed) == producer
            && word(member, block, PART).load(Relaxed) == part
            && word(member, block, length as usize - 1).load(Relaxed) == !id
            && member.owner(block) == Ok(member.entry());
        if !fits {
            return false;
        }
        block = header(member, block, layout::NEXT_WORD).load(Relaxed);
        if (block == 0) != (part + 1 == parts) {
            return false;
        }
    }
    true
}
