//! Programs written by hand, and damaged ones: a program is refused, or runs within its registers.

use super::{Bound, Lanes};
use crate::element::{Column, ElementKind, Target};
use crate::fused_adder::FusedAdder;
use crate::isa::Level;
use crate::lane_sum::LaneSum;
use crate::operation_names;
use crate::program::{ALIKE, ALL, Course, IOTA, LOOP, Program, VERSION};
use crate::xorshift::Xorshift32;
use crate::{BLOCK, GROUP};

fn code(name: &str) -> u32 {
    operation_names().position(|known| known == name).unwrap() as u32
}

fn double(value: f64) -> [u32; 3] {
    let bits = value.to_bits();
    [0, bits as u32, (bits >> 32) as u32]
}

/// `n = 0; while (x > 1) { x = x * 0.5; n = n + 1 } return n`, the column being register 10.
fn halvings() -> Vec<u32> {
    let (lt, mul, add) = (code("lt.f64"), code("mul.f64"), code("add.f64"));
    let mut words = vec![VERSION, 1, 0, 7, 3, 1, 0, 0];
    for value in [1.0, 0.5, 0.0] {
        words.extend(double(value));
    }
    words.push(ElementKind::F64 as u32);
    let start = words.len();
    // Constants: 7 = 1, 8 = 0.5, 9 = 0. Temporaries: 0 entry, 1 result, 2 x, 3 n, 4 next x, 5 next n, 6 go.
    words.extend([lt, 0, 7, 10]);
    words.extend([LOOP, 0, 12, 0, 6, ALL, 2, 1, 0]);
    words.extend([10, 2, 4, 0, 9, 3, 5, 0]);
    words.extend([5, 9, 1, 0]);
    words.extend([mul, 4, 2, 8, add, 5, 3, 7, lt, 6, 7, 4]);
    words[7] = (words.len() - start) as u32;
    words
}

/// `n = 0; while (x > 1) { x = x * 0.5; n = n + 1; if (!(n < 6)) break } return n`, the column being register 12. All lanes
/// have the same `n`.
fn halvings_up_to_six() -> Vec<u32> {
    let (lt, mul, add) = (code("lt.f64"), code("mul.f64"), code("add.f64"));
    let mut words = vec![VERSION, 1, 0, 8, 4, 1, 0, 0];
    for value in [1.0, 0.5, 0.0, 6.0] {
        words.extend(double(value));
    }
    words.push(ElementKind::F64 as u32);
    let start = words.len();
    // Constants: 8 = 1, 9 = 0.5, 10 = 0, 11 = 6. Temporaries: as above, and 7 limit.
    words.extend([lt, 0, 8, 12]);
    words.extend([LOOP, 8, 8, 0, 6, 7, 2, 1, 0]);
    words.extend([12, 2, 4, 0, 10, 3, 5, ALIKE]);
    words.extend([5, 10, 1, ALIKE]);
    words.extend([add, 5, 3, 8, lt, 7, 5, 11]);
    words.extend([mul, 4, 2, 9, lt, 6, 8, 4]);
    words[7] = (words.len() - start) as u32;
    words
}

fn column(values: &[f64]) -> Column {
    Column {
        kind: ElementKind::F64,
        data: values.as_ptr().cast(),
        length: values.len(),
    }
}

fn levels() -> impl Iterator<Item = Level> {
    [Level::Base, Level::Avx2, Level::Avx512]
        .into_iter()
        .filter(|level| *level <= Level::detected())
}

#[test]
fn lanes_leave_a_loop_each_in_its_own_round() {
    let values: Vec<f64> = (0..1000).map(|i| f64::from(i * i % 977)).collect();
    let rounds = |x: &f64| if *x > 1.0 { x.log2().ceil() } else { 0.0 };
    for (level, up_to_six) in levels().flat_map(|level| [(level, false), (level, true)]) {
        let (words, most) = if up_to_six {
            (halvings_up_to_six(), 6.0)
        } else {
            (halvings(), f64::INFINITY)
        };
        let expected: Vec<f64> = values.iter().map(|x| rounds(x).min(most)).collect();
        let program = Program::parse(&words, level).unwrap();
        let bound = Bound::new(&program, vec![column(&values)], Vec::new(), 0).unwrap();
        let mut results = vec![0.0f64; 1000];
        let target = Target {
            kind: ElementKind::F64,
            data: results.as_mut_ptr().cast(),
            length: 1000,
        };
        for stream in [false, true] {
            results.fill(-1.0);
            // SAFETY: both arrays have 1000 elements and outlive the call.
            assert!(unsafe {
                program
                    .machine()
                    .map(&bound, target, 0, 1000, stream, &|| false)
            });
            assert_eq!(results, expected);
        }
    }
}

#[test]
fn an_endless_loop_stops_when_it_is_asked_to() {
    let program = Program::parse(&halvings(), Level::Base).unwrap();
    let values = vec![f64::INFINITY; 40];
    let bound = Bound::new(&program, vec![column(&values)], Vec::new(), 0).unwrap();
    let mut machine = program.machine();
    // SAFETY: the column outlives the call.
    let stopped = unsafe { machine.block(&bound, 0, 40, &|| true) };
    assert!(stopped.is_none());
}

#[test]
fn a_block_is_as_long_as_what_is_left() {
    let program = Program::parse(&halvings(), Level::detected()).unwrap();
    let values = vec![8.0; 7];
    let bound = Bound::new(&program, vec![column(&values)], Vec::new(), 0).unwrap();
    let mut machine = program.machine();
    // SAFETY: the column outlives the call.
    let Some(Lanes::F64(lanes)) = (unsafe { machine.block(&bound, 0, 7, &|| false) }) else {
        panic!("doubles")
    };
    assert_eq!(lanes, [3.0; 7]);
}

/// Two columns in, their sum out, in one step; or its square, in two, the second with a constant.
fn sums(steps: usize) -> Vec<u32> {
    let (add, mul) = (code("add.f64"), code("mul.f64"));
    let f64s = [ElementKind::F64 as u32; 2];
    if steps == 1 {
        let mut words = vec![VERSION, 0, 0, 1, 0, 2, 0, 4];
        words.extend(f64s);
        words.extend([add, 0, 1, 2]);
        return words;
    }
    let mut words = vec![VERSION, 1, 0, 2, 1, 2, 0, 8];
    words.extend(double(3.0));
    words.extend(f64s);
    words.extend([add, 0, 3, 4, mul, 1, 0, 2]);
    words
}

#[test]
fn results_that_the_last_step_stores_fill_their_place_and_no_more() {
    let values: Vec<f64> = (0..40_000).map(f64::from).collect();
    for level in levels() {
        for (steps, factor) in [(1, 1.0), (2, 3.0)] {
            let program = Program::parse(&sums(steps), level).unwrap();
            for (offset, length) in [
                (0, 20_000),
                (1, 19_999),
                (3, 700),
                (5, 31),
                (8, 8192),
                (7, 8223),
            ] {
                let columns = vec![
                    column(&values[offset..][..length]),
                    column(&values[..length]),
                ];
                let bound = Bound::new(&program, columns, Vec::new(), 0).unwrap();
                for stream in [false, true] {
                    let mut results = vec![-1.0f64; length + offset + 100];
                    let target = Target {
                        kind: ElementKind::F64,
                        data: results[offset..].as_mut_ptr().cast(),
                        length,
                    };
                    // SAFETY: the arrays have so many elements and outlive the call.
                    assert!(unsafe {
                        program
                            .machine()
                            .map(&bound, target, 0, length, stream, &|| false)
                    });
                    for (i, &found) in results.iter().enumerate() {
                        let expected = if i < offset || i >= offset + length {
                            -1.0
                        } else {
                            (i + i - offset) as f64 * factor
                        };
                        assert_eq!(
                            found, expected,
                            "{i} of {length} from {offset}, {steps} steps"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn results_are_added_up_as_they_would_be_one_block_after_the_other() {
    let values: Vec<f64> = (0..9000).map(|i| 1.0 / f64::from(i + 1)).collect();
    for level in levels() {
        for steps in [1, 2] {
            let program = Program::parse(&sums(steps), level).unwrap();
            let columns = vec![column(&values), column(&values)];
            let bound = Bound::new(&program, columns, Vec::new(), 0).unwrap();
            let (mut expected, mut found) = (LaneSum::new(), LaneSum::new());
            let mut machine = program.machine();
            for start in (0..8992).step_by(BLOCK) {
                let n = BLOCK.min(8992 - start);
                // SAFETY: the columns outlive the call.
                let lanes = unsafe { machine.block(&bound, start, n, &|| false) };
                let Some(Lanes::F64(lanes)) = lanes else {
                    panic!("doubles")
                };
                for group in lanes.as_chunks::<GROUP>().0 {
                    expected.add(group, FusedAdder::<{ Level::Base as u8 }>::new());
                }
            }
            // SAFETY: as above.
            assert!(unsafe { machine.add_up(&bound, 0, 8992, &mut found, &|| false) });
            assert_eq!(found.sums, expected.sums);
            assert_eq!(found.errors, expected.errors);
        }
    }
}

#[test]
fn a_single_step_that_reads_a_register_gets_no_more_than_a_block() {
    let values = vec![1.0; 20_000];
    let mut words = sums(1);
    // A second temporary, which nobody has written, in place of the first column.
    words[3] = 2;
    let code = words.len() - 4;
    words[code + 2] = 1;
    words[code + 3] = 2;
    let program = Program::parse(&words, Level::detected()).unwrap();
    assert_eq!(program.course, Course::Turns);
    let straight = Program::parse(&sums(1), Level::detected()).unwrap();
    assert_eq!(straight.course, Course::Straight);
    let bound = Bound::new(
        &program,
        vec![column(&values), column(&values)],
        Vec::new(),
        0,
    )
    .unwrap();
    let mut sum = LaneSum::new();
    // SAFETY: the columns outlive the call.
    assert!(unsafe {
        program
            .machine()
            .add_up(&bound, 0, 20_000 - 32, &mut sum, &|| false)
    });
}

#[test]
fn damaged_programs_are_refused_or_stay_within_their_registers() {
    let values: Vec<f64> = (0..300).map(f64::from).collect();
    let mut numbers = Xorshift32::new(0x9e37_79b9);
    let mut random = move |below: usize| numbers.draw() as usize % below;
    let operations = operation_names().count();
    let (mut refused, mut ran) = (0, 0);
    for _ in 0..4_000 {
        let mut words = if random(2) == 0 {
            halvings()
        } else {
            halvings_up_to_six()
        };
        for _ in 0..=random(3) {
            let at = random(words.len());
            words[at] = match random(5) {
                0 => random(14) as u32,
                1 => random(operations) as u32,
                2 => [LOOP, IOTA, ALL, VERSION, ALIKE][random(5)],
                3 => words[random(words.len())],
                _ => random(usize::MAX) as u32,
            };
        }
        if random(8) == 0 {
            words.truncate(random(words.len()));
        }
        let Ok(program) = Program::parse(&words, Level::detected()) else {
            refused += 1;
            continue;
        };
        let Ok(bound) = Bound::new(&program, vec![column(&values)], Vec::new(), 0) else {
            continue;
        };
        let mut results = vec![0.0f64; 300];
        let target = Target {
            kind: ElementKind::F64,
            data: results.as_mut_ptr().cast(),
            length: 300,
        };
        let rounds = std::cell::Cell::new(0);
        let stop = || {
            rounds.set(rounds.get() + 1);
            rounds.get() > 3
        };
        // SAFETY: both arrays have 300 elements and outlive the call.
        unsafe { program.machine().map(&bound, target, 0, 300, false, &stop) };
        ran += 1;
    }
    assert!(refused > 1000 && ran > 200, "{refused} refused, {ran} ran");
}
