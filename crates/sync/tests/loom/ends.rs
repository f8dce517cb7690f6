//! The end of a queue that is shut: told once everything is delivered, and nothing is put behind it.

use crate::{arena, explore, explore_up_to, message, mortal, take};
use loom::thread;
use manyhands_sync::crash::Point;
use manyhands_sync::{Error, Member, Side};
use std::time::Duration;

const FOR_EVER: Duration = Duration::from_secs(1);

/// Takes until the end.
fn take_all(member: &mut Member, queue: u64) -> Vec<u32> {
    let mut got = vec![];
    loop {
        match member.take(queue) {
            Ok(Some(block)) => {
                got.push(member.arena().model_read(block));
                member.free(block).unwrap();
            }
            Ok(None) => {
                member.wait_slice(queue, Side::Take, FOR_EVER).unwrap();
            }
            Err(Error::ShutDown) => return got,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Guarded by `any_taken`, which also sees what a sweep has put back since the consumer looked behind head.
#[test]
fn what_comes_back_from_the_dead_is_taken_before_the_end() {
    // The sweep is left for the consumer, the consumer for the sweep, and that once more.
    explore_up_to(3, || {
        let (_arena, [mut me, one, mut two]) = arena(2);
        let (queue, dead) = (me.create_queue(2).unwrap(), one.entry());
        let block = message(&mut me, 1);
        assert!(me.put(queue, block).unwrap());
        two.hold(queue).unwrap();
        let dying = mortal(one, Point::TakeClaimed, move |member| take(member, queue));
        assert!(dying.join().unwrap().is_none());
        me.shut_queue(queue, false).unwrap();
        let other = thread::spawn(move || two.take(queue));
        assert!(me.bury(dead));
        let taken = other.join().unwrap();
        assert_ne!(taken, Err(Error::ShutDown), "the end is told too early");
        let taken = taken.unwrap().or_else(|| me.take(queue).unwrap());
        assert_eq!(taken, Some(block));
    });
}

/// Guarded by the closed slot: a producer that saw the flag too early fails there.
#[test]
fn nothing_is_put_behind_the_end() {
    for capacity in [1, 0] {
        explore(move || {
            let (_arena, [mut me, mut one, mut two]) = arena(4);
            let queue = me.create_queue(capacity).unwrap();
            for member in [&mut one, &mut two] {
                member.hold(queue).unwrap();
            }
            let producer = thread::spawn(move || {
                let block = message(&mut one, 1);
                match one.put(queue, block) {
                    Ok(put) => u32::from(put),
                    Err(Error::ShutDown) => 0,
                    Err(error) => panic!("{error}"),
                }
            });
            let consumer = thread::spawn(move || take_all(&mut two, queue));
            me.shut_queue(queue, false).unwrap();
            let (put, got) = (producer.join().unwrap(), consumer.join().unwrap());
            assert_eq!(got, vec![1; put as usize]);
        });
    }
}
