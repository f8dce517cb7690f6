//! Reductions of BigInt arrays: exact integers.

use super::{Answer, Partial, ReduceOp};

/// A sum of 64-bit integers: 2^64 of them fit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BigSum(pub(super) i128);

/// A sum and a sum of squares; the squares in 192 bits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BigMoments {
    sum: i128,
    squares: u128,
    carry: u64,
}

/// What integers come to: an answer, or the grain to look for a value in.
pub(super) enum Found {
    Answer(Answer),
    Grain(usize, i128),
}

pub(super) fn partial<T: Copy + Into<i128>>(op: ReduceOp, x: &[T]) -> Partial {
    match op {
        ReduceOp::Variance => {
            let mut moments = BigMoments::default();
            for &value in x {
                let value: i128 = value.into();
                moments.sum += value;
                let (squares, carry) = moments
                    .squares
                    .overflowing_add(value.unsigned_abs() * value.unsigned_abs());
                moments.squares = squares;
                moments.carry += u64::from(carry);
            }
            Partial::BigMoments(moments)
        }
        ReduceOp::Min | ReduceOp::Argmin => Partial::BigExtreme(
            x.iter()
                .map(|&value| value.into())
                .min()
                .unwrap_or(i128::MAX),
        ),
        ReduceOp::Max | ReduceOp::Argmax => Partial::BigExtreme(
            x.iter()
                .map(|&value| value.into())
                .max()
                .unwrap_or(i128::MIN),
        ),
        ReduceOp::Count | ReduceOp::Any | ReduceOp::All => {
            Partial::Count(x.iter().map(|&value| u64::from(value.into() != 0)).sum())
        }
        ReduceOp::Sum | ReduceOp::Mean | ReduceOp::Prod => Partial::BigSum(BigSum(
            x.iter().map(|&value| -> i128 { value.into() }).sum(),
        )),
    }
}

/// The answer for partials of integers. `None`: they are not of integers, or it is as for numbers.
pub(super) fn answer(op: ReduceOp, partials: &[Partial], n: usize) -> Option<Found> {
    let number = |value: u128| Answer::Big(false, words(value, 0));
    match partials.first()? {
        Partial::BigSum(_) => {
            let sum = partials.iter().fold(0i128, |sum, partial| match partial {
                Partial::BigSum(part) => sum + part.0,
                _ => sum,
            });
            Some(Found::Answer(match op {
                ReduceOp::Mean => {
                    Answer::Ratio(Box::new(integer(sum)), Box::new(number(n as u128)))
                }
                _ => integer(sum),
            }))
        }
        Partial::BigMoments(_) => {
            let mut all = BigMoments::default();
            for partial in partials {
                let Partial::BigMoments(part) = partial else {
                    continue;
                };
                all.sum += part.sum;
                let (squares, carry) = all.squares.overflowing_add(part.squares);
                all.squares = squares;
                all.carry += part.carry + u64::from(carry);
            }
            let squares = Answer::Big(false, words(all.squares, all.carry));
            Some(Found::Answer(Answer::Ratio(
                Box::new(integer(all.sum)),
                Box::new(squares),
            )))
        }
        Partial::BigExtreme(_) => {
            let least = matches!(op, ReduceOp::Min | ReduceOp::Argmin);
            let mut best: Option<(usize, i128)> = None;
            for (grain, partial) in partials.iter().enumerate() {
                let &Partial::BigExtreme(value) = partial else {
                    continue;
                };
                if best.is_none_or(|(_, yet)| if least { value < yet } else { value > yet }) {
                    best = Some((grain, value));
                }
            }
            let (grain, value) = best?;
            Some(match op {
                ReduceOp::Argmin | ReduceOp::Argmax => Found::Grain(grain, value),
                _ => Found::Answer(integer(value)),
            })
        }
        _ => None,
    }
}

fn integer(value: i128) -> Answer {
    Answer::Big(value < 0, words(value.unsigned_abs(), 0))
}

fn words(value: u128, carry: u64) -> Vec<u64> {
    vec![value as u64, (value >> 64) as u64, carry]
}
