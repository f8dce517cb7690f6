//! Several threads as participants that put, take, allocate, leave in the midst of it and join again, with payloads that
//! are written and read without atomics. Every message must come out once, whole. `npm run tsan` runs this program under
//! ThreadSanitizer, which reports any two accesses that nothing orders.
#![allow(
    clippy::disallowed_types,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests"
)]

use manyhands_sync::{Arena, Member, Side};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

const THREADS: u64 = 4;
const ROUNDS: u64 = 1500;
/// 64-bit words of a message: the number, again and again.
const SIZES: [usize; 4] = [4, 100, 400, 12_000];

/// What went in and came out, as sums, so that one number lost or doubled shows.
#[derive(Default)]
struct Totals {
    put: AtomicU64,
    taken: AtomicU64,
}

fn main() {
    // SAFETY: alarm only arms a timer; its default action ends the process.
    unsafe { libc::alarm(300) };
    let arena = Arc::new(Arena::create().unwrap());
    // The last drop of an Arc orders itself by a fence, which the sanitizer does not know: there is none.
    std::mem::forget(Arc::clone(&arena));
    let mut me = arena.join().unwrap();
    let queues = [me.create_queue(2).unwrap(), me.create_queue(64).unwrap()];
    let totals = Totals::default();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (arena, totals) = (&arena, &totals);
            scope.spawn(move || live(arena, queues, thread, totals));
        }
    });
    for queue in queues {
        while receive(&mut me, queue, &totals) {}
    }
    assert_eq!(
        totals.put.load(SeqCst),
        totals.taken.load(SeqCst),
        "messages are lost or doubled"
    );
    for queue in queues {
        me.destroy_queue(queue).unwrap();
    }
    assert_eq!(
        (arena.owned(0).0, arena.objects().0, arena.participants()),
        (0, 0, 1)
    );
    println!("\nrunning 1 test\ntest threads hand over whole messages, each once ... ok\n");
    println!("test result: ok. 1 passed; 0 failed");
}

fn live(arena: &Arc<Arena>, queues: [u64; 2], thread: u64, totals: &Totals) {
    let mut member = arena.join().unwrap();
    let mut seed = thread + 1;
    for round in 0..ROUNDS {
        // xorshift (Marsaglia 2003): the choices of a thread are the same in every run.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let queue = queues[(seed % 2) as usize];
        match seed >> 8 & 15 {
            0..=6 => send(&mut member, queue, thread << 32 | round, seed, totals),
            7..=12 => drop(receive(&mut member, queue, totals)),
            13 => {
                // It leaves with a message half taken, a block in its hands and a queue of its own: all go back.
                let _ = member.take_begin(queue).unwrap();
                let block = member.alloc(100_000).unwrap();
                fill(&member, block, 8, seed);
                let own = member.create_queue(3).unwrap();
                let block = member.alloc(8).unwrap();
                assert!(member.put(own, block).unwrap());
                member.leave();
                member = arena.join().unwrap();
            }
            14 => {
                // A child that never comes is buried by its spawner.
                let child = member.reserve().unwrap();
                assert!(
                    member.bury_child(child),
                    "a sweep by another takes for ever"
                );
            }
            _ => {
                let side = if seed >> 16 & 1 == 0 {
                    Side::Take
                } else {
                    Side::Put
                };
                member
                    .wait_slice(queue, side, Duration::from_micros(20))
                    .unwrap();
            }
        }
    }
    member.leave();
}

fn fill(member: &Member, block: u32, words: usize, number: u64) {
    let payload = member.payload(block, 0, words * 8).unwrap().cast::<u64>();
    for word in 0..words {
        // SAFETY: inside the payload of a block that is ours alone; payloads are aligned to 64 bytes.
        unsafe { payload.add(word).write(number) };
    }
}

fn send(member: &mut Member, queue: u64, number: u64, seed: u64, totals: &Totals) {
    let words = SIZES[(seed >> 20) as usize % SIZES.len()];
    let block = member.alloc(words * 8).unwrap();
    fill(member, block, words, number + 1);
    if member.put(queue, block).unwrap() {
        totals.put.fetch_add(number + 1, SeqCst);
    } else {
        member.free(block).unwrap();
    }
}

/// Takes a message and checks that it is whole; false when there is none.
fn receive(member: &mut Member, queue: u64, totals: &Totals) -> bool {
    let Some(block) = member.take(queue).unwrap() else {
        return false;
    };
    // The smallest size: how long the message is, nobody says.
    let payload = member
        .payload(block, 0, SIZES[0] * 8)
        .unwrap()
        .cast::<u64>();
    // SAFETY: inside the payload of a block that is ours alone by now.
    let number = unsafe { payload.read() };
    for word in 1..SIZES[0] {
        // SAFETY: as above.
        let next = unsafe { payload.add(word).read() };
        assert_eq!(next, number, "a message is torn");
    }
    totals.taken.fetch_add(number, SeqCst);
    member.free(block).unwrap();
    true
}
