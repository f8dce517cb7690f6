//! Sorting against the sort of the standard library.

use super::blocks::{Plan, Run, block};
use super::buckets::sort_keys;
use super::partition::Splitters;
use super::sort;
use crate::element::{Column, ElementKind, Target};
use crate::xorshift::Xorshift64;

/// Numbers in the shapes that go through every part: `i` of `n`, with a random number.
const SHAPES: [fn(u64, u64, u64) -> u64; 9] = [
    |_, _, random| random,
    |_, _, random| random >> 40,
    |_, _, random| if random % 3 == 0 { random } else { 7 },
    |_, _, random| random % 5,
    |i, n, random| {
        if i % 1000 == 0 { random } else { n - i }
    },
    |_, _, random| 1 << (random % 64),
    |i, _, random| if i % 2 == 0 { u64::MAX } else { random },
    |i, _, random| 0x7FF0_0000_0000_0000 ^ (i << 63) ^ (random % 1000),
    // Most of them in two small parts of their span, and there near one end.
    |i, _, _| ((i * i) as f64).sin().to_bits(),
];

fn numbers(shape: usize, n: u64) -> Vec<u64> {
    let mut random = Xorshift64::new(0x9E37_79B9_7F4A_7C15 + shape as u64);
    (0..n).map(|i| SHAPES[shape](i, n, random.draw())).collect()
}

fn sorted<T: Copy>(kind: ElementKind, items: &[T], in_place: bool, descending: bool) -> Vec<T> {
    let mut target = items.to_vec();
    let data = target.as_mut_ptr().cast::<u8>();
    let length = items.len();
    let from = if in_place {
        data.cast_const()
    } else {
        items.as_ptr().cast()
    };
    let source = Column {
        kind,
        data: from,
        length,
    };
    let operation = sort(source, Target { kind, data, length }, descending);
    assert!(operation.run(&|| false));
    target
}

#[test]
fn keys_of_any_shape_are_sorted_in_place_and_apart() {
    for shape in 0..SHAPES.len() {
        for n in [1, 300, 9000, 32_768, 32_769, 65_664, 200_003] {
            let items = numbers(shape, n);
            let mut expected = items.clone();
            expected.sort_unstable();
            for in_place in [false, true] {
                let found = sorted(ElementKind::U64, &items, in_place, false);
                assert!(found == expected, "shape {shape}, {n} keys");
            }
            expected.reverse();
            assert!(sorted(ElementKind::U64, &items, true, true) == expected);
            let narrow: Vec<u32> = items.iter().map(|&key| key as u32).collect();
            let mut expected = narrow.clone();
            expected.sort_unstable();
            assert!(sorted(ElementKind::U32, &narrow, true, false) == expected);
        }
    }
}

#[test]
fn doubles_are_sorted_in_total_order() {
    let items: Vec<f64> = numbers(0, 300_001)
        .iter()
        .map(|&bits| f64::from_bits(bits))
        .collect();
    // Negative NaN stand at the end, too.
    let items: Vec<f64> = items.into_iter().filter(|value| !value.is_nan()).collect();
    let mut expected = items.clone();
    expected.sort_unstable_by(f64::total_cmp);
    let found = sorted(ElementKind::F64, &items, true, false);
    assert!(
        found
            .iter()
            .map(|v| v.to_bits())
            .eq(expected.iter().map(|v| v.to_bits()))
    );
}

#[test]
fn more_keys_than_a_cache_holds_are_cut_again() {
    for shape in 0..SHAPES.len() {
        let mut keys = numbers(shape, 400_009);
        let mut expected = keys.clone();
        expected.sort_unstable();
        sort_keys(&mut keys, &mut vec![0; 1 << 17], None);
        assert!(keys == expected, "shape {shape}");
    }
}

/// Sorts in place up to some chunks of a stage, and lets the operation put right what that leaves.
fn stopped<T: Copy>(kind: ElementKind, items: &[T], stage: usize, chunks: usize) -> Vec<T> {
    let mut target = items.to_vec();
    let (data, length) = (target.as_mut_ptr().cast::<u8>(), items.len());
    let source = Column {
        kind,
        data: data.cast_const(),
        length,
    };
    let operation = sort(source, Target { kind, data, length }, true);
    for done in 0..stage {
        for chunk in 0..operation.begin(done) {
            operation.chunk(done, chunk, &|| false);
        }
    }
    for chunk in 0..operation.begin(stage).min(chunks) {
        operation.chunk(stage, chunk, &|| true);
    }
    let first = operation.stages();
    for mend in first..first + operation.mends() {
        // Ended early, it is begun anew.
        for part in [2, 1] {
            for chunk in 0..operation.begin(mend).div_ceil(part) {
                operation.chunk(mend, chunk, &|| true);
            }
        }
    }
    target
}

#[test]
fn a_sort_in_place_that_is_stopped_leaves_every_element() {
    for n in [1, 32_768, 100_003] {
        for shape in [0, 2, 6] {
            let items = numbers(shape, n);
            let mut expected = items.clone();
            expected.sort_unstable();
            for stage in 0..4 {
                for chunks in [0, 1, 3] {
                    let mut left = stopped(ElementKind::U64, &items, stage, chunks);
                    left.sort_unstable();
                    assert!(left == expected, "shape {shape}, stage {stage}, {chunks}");
                    // Signed, so that the keys are not the elements.
                    let narrow: Vec<i32> = items.iter().map(|&item| item as i32).collect();
                    let mut expected = narrow.clone();
                    expected.sort_unstable();
                    let mut left = stopped(ElementKind::I32, &narrow, stage, chunks);
                    left.sort_unstable();
                    assert!(left == expected, "shape {shape}, stage {stage}, {chunks}");
                }
            }
        }
    }
    let bytes: Vec<u8> = numbers(0, 600_001).iter().map(|&bits| bits as u8).collect();
    let mut expected = bytes.clone();
    expected.sort_unstable();
    for (stage, chunks) in [(0, 1), (1, 0), (1, 1), (1, 2)] {
        let mut left = stopped(ElementKind::U8, &bytes, stage, chunks);
        left.sort_unstable();
        assert!(left == expected);
    }
}

/// The keys of each bucket after blocks were made by two runs and have moved, in `parts` parts.
fn in_buckets(keys: &mut [u64], splitters: &Splitters<u64>, parts: usize) -> Vec<Vec<u64>> {
    let (target, n) = (keys.as_mut_ptr(), keys.len());
    let stripe = (n / 3).next_multiple_of(block::<u64>()).max(block::<u64>());
    let mut runs = [(); 2].map(|()| Run::new(splitters.buckets()));
    for (turn, start) in (0..n).step_by(stripe).enumerate() {
        let keys = start..n.min(start + stripe);
        // SAFETY: the keys are borrowed here, and each stripe is one run's.
        unsafe { runs[turn % 2].split(target, target, keys, |key| key, splitters) };
    }
    let plan = Plan::new(runs.into(), splitters.buckets(), n);
    // SAFETY: as above; one after the other.
    unsafe {
        (0..parts).for_each(|part| plan.follow(target, part, parts));
        let overruns = plan.overruns(target);
        (0..splitters.buckets())
            .map(|bucket| plan.fill(target, bucket, &overruns[bucket]).to_vec())
            .collect()
    }
}

#[test]
fn any_number_of_buckets_gets_its_keys() {
    for shape in 0..SHAPES.len() {
        for n in [2, 130, 1024, 70_003] {
            for buckets in [2, 3, 256, 1024] {
                let mut keys = numbers(shape, n);
                let mut expected = keys.clone();
                expected.sort_unstable();
                let splitters = Splitters::new(buckets, keys.len(), |i| keys[i]);
                let parts = 1 + buckets % 3;
                let mut found = in_buckets(&mut keys, &splitters, parts);
                for (bucket, keys) in found.iter_mut().enumerate() {
                    keys.sort_unstable();
                    let (Some(least), Some(greatest)) = (keys.first(), keys.last()) else {
                        continue;
                    };
                    if let Some((low, high)) = splitters.bounds(bucket) {
                        assert!(low <= *least && *greatest <= high);
                    }
                }
                assert!(
                    found.concat() == expected,
                    "shape {shape}, {n} keys, {buckets}"
                );
            }
        }
    }
}
