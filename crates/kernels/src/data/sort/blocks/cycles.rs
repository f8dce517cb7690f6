//! Cycles of slots whose blocks move, each to the next slot, that of the last to the first.

use super::NONE;
use super::plan::Bucket;
use crate::data::sort::partition::{BucketNumber, MOST_BUCKETS};

/// Marks the last slot of a cycle. So many blocks are more memory than there is.
pub(super) const LAST: u32 = 1 << 31;

/// The slots of all cycles of at least two, one cycle after the other.
#[derive(Default)]
pub(super) struct Cycles {
    slots: Vec<u32>,
}

impl Cycles {
    /// Of slots with blocks of these buckets.
    ///
    /// A slot leads from the bucket that it belongs to, to that of the block in it. Slots without a block, and blocks outside
    /// all buckets' slots, go by way of a node of their own. As many slots lead to each node as from it, so whoever walks on
    /// comes back; what lies between two visits of a bucket is a cycle.
    pub(super) fn find(buckets: &[Bucket], labels: &[BucketNumber]) -> Self {
        let label = |slot: usize| labels.get(slot).copied().unwrap_or(NONE);
        let mut free = [const { 0..0 }; MOST_BUCKETS];
        let mut outside = Vec::new();
        for (bucket, part) in buckets.iter().enumerate() {
            free[bucket] = part.slots.clone();
            let next = buckets
                .get(bucket + 1)
                .map_or(labels.len(), |next| next.slots.start);
            outside.extend((part.slots.end..next).filter(|&slot| label(slot) != NONE));
        }
        let mut take = |node: BucketNumber| {
            if node == NONE {
                outside.pop()
            } else {
                free[node as usize].next()
            }
        };
        // No more than all blocks, of which there are many.
        let mut slots = Vec::with_capacity(labels.len());
        let mut path: Vec<u32> = Vec::new();
        // How long the path was when it came to a node that it has not left by a cycle since.
        let mut reached = [usize::MAX; MOST_BUCKETS + 1];
        let mut nodes: Vec<BucketNumber> = Vec::new();
        for start in 0..buckets.len() {
            let mut node = start as BucketNumber;
            while let Some(slot) = take(node) {
                reached[node as usize] = path.len();
                path.push(slot as u32);
                nodes.push(node);
                node = label(slot);
                let since = reached[node as usize];
                if since == usize::MAX {
                    continue;
                }
                if path.len() - since > 1 {
                    slots.extend_from_slice(&path[since..]);
                    if let Some(last) = slots.last_mut() {
                        *last |= LAST;
                    }
                }
                for node in nodes.drain(since..) {
                    reached[node as usize] = usize::MAX;
                }
                path.truncate(since);
            }
        }
        Self { slots }
    }

    /// The slots of one of so many parts: a cycle belongs to the part that its first slot lies in.
    pub(super) fn part(&self, part: usize, parts: usize) -> &[u32] {
        let all = &self.slots;
        let first_at = |part: usize| {
            let at = all.len() * part / parts;
            let is_first = |i: &usize| *i == 0 || all[i - 1] & LAST != 0;
            (at..all.len()).find(is_first).unwrap_or(all.len())
        };
        &all[first_at(part)..first_at(part + 1)]
    }
}
