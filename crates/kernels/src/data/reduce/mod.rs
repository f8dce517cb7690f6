//! Named reductions: a number for each grain, combined in the order of the grains.

mod integers;
mod lanes;
mod moments;
mod spread;

use crate::data::double_double::DoubleDouble;
use crate::data::partials::Partials;
use crate::data::source::Values;
use crate::data::{Operation, Source, truths};
use crate::isa::Level;
use crate::lane_sum::LaneSum;
use integers::{BigMoments, BigSum};
pub(super) use lanes::{greatest, least, sum};
use moments::Moments;
use std::ops::Range;

/// What to reduce by, at the numbers that JavaScript uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ReduceOp {
    /// Sum, with compensation; 0 for none.
    Sum = 0,
    /// Product; 1 for none.
    Prod = 1,
    /// As `Math.min`; infinity for none.
    Min = 2,
    /// As `Math.max`; minus infinity for none.
    Max = 3,
    /// Sum over number; NaN for none.
    Mean = 4,
    /// Mean square of the distances from the mean; NaN for none.
    Variance = 5,
    /// Index of the first least number, or of the first NaN.
    Argmin = 6,
    /// Index of the first greatest number, or of the first NaN.
    Argmax = 7,
    /// How many are truthy.
    Count = 8,
    /// 1 if any is truthy.
    Any = 9,
    /// 1 if all are truthy.
    All = 10,
}

impl ReduceOp {
    const ALL: [Self; 11] = [
        Self::Sum,
        Self::Prod,
        Self::Min,
        Self::Max,
        Self::Mean,
        Self::Variance,
        Self::Argmin,
        Self::Argmax,
        Self::Count,
        Self::Any,
        Self::All,
    ];

    /// Whether it asks no more of a value than whether it is truthy.
    fn counts(self) -> bool {
        matches!(self, Self::Count | Self::Any | Self::All)
    }

    /// The operation of this number; `None`: there is none.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.get(number as usize).copied()
    }
}

/// What a reduction comes to.
#[derive(Clone, PartialEq, Debug)]
pub enum Answer {
    /// A number.
    Number(f64),
    /// An integer: sign, and magnitude in words of 64 bits, least first.
    Big(bool, Vec<u64>),
    /// Numerator and denominator of an integer to be divided: a mean or a variance of BigInts.
    Ratio(Box<Answer>, Box<Answer>),
}

/// The result of one grain; or of a chunk, which stands with its first grain.
#[derive(Clone, Copy, Debug)]
enum Partial {
    /// That of its chunk has this one, too.
    Within,
    Sum(DoubleDouble),
    Product(f64),
    Extreme(f64, bool),
    Moments(Moments),
    Count(u64),
    BigSum(BigSum),
    BigMoments(BigMoments),
    BigExtreme(i128),
}

/// A reduction of a source.
pub struct Reduce {
    source: Source,
    op: ReduceOp,
    level: Level,
    partials: Partials<Partial, Answer>,
}

impl Reduce {
    /// `level` is at most [`Level::detected`]; lower ones are for tests.
    #[must_use]
    pub fn new(source: Source, op: ReduceOp, level: Level) -> Self {
        let partials = Partials::new(source.chunks());
        Self {
            source,
            op,
            level: level.min(Level::detected()),
            partials,
        }
    }

    fn of_grain(&self, grain: usize, stop: &dyn Fn() -> bool) -> Option<Partial> {
        if self.op.counts() && self.source.is_boolean() {
            // A bit for each is less to move than a double for each.
            let bits = self.source.truths(grain, stop)?;
            return Some(Partial::Count(truths::count(&bits) as u64));
        }
        self.source
            .with_grain(grain, stop, |values| self.partial(values))
    }

    fn partial(&self, values: Values<'_>) -> Partial {
        match values {
            Values::F64(x) => self.partial_of_numbers(x),
            Values::I64(x) => integers::partial(self.op, x),
            Values::U64(x) => integers::partial(self.op, x),
        }
    }

    fn partial_of_numbers(&self, x: &[f64]) -> Partial {
        let level = self.level;
        match self.op {
            ReduceOp::Prod => Partial::Product(lanes::product(x, level)),
            ReduceOp::Min | ReduceOp::Argmin => {
                let (value, nan) = lanes::least(x, level);
                Partial::Extreme(value, nan)
            }
            ReduceOp::Max | ReduceOp::Argmax => {
                let (value, nan) = lanes::greatest(x, level);
                Partial::Extreme(value, nan)
            }
            ReduceOp::Sum | ReduceOp::Mean | ReduceOp::Variance => {
                unreachable!("these go through a chunk in one")
            }
            ReduceOp::Count | ReduceOp::Any | ReduceOp::All => {
                Partial::Count(lanes::truthy(x, level))
            }
        }
    }

    /// Whether chunks are gone through in one: joining lanes takes as long as it keeps memory waiting.
    fn joins_by_chunk(&self) -> bool {
        !self.source.is_integer()
            && matches!(self.op, ReduceOp::Sum | ReduceOp::Mean | ReduceOp::Variance)
    }

    /// Whether the processor is left to guess which lines are read next: the blocks of a program ask for them, and gain nothing
    /// from looking up pages before.
    fn leaves_guessing(&self) -> bool {
        let is_added_up = matches!(self.op, ReduceOp::Sum | ReduceOp::Mean);
        matches!(self.source, Source::Array(_)) || is_added_up || self.op.counts()
    }

    fn of_chunk(&self, grains: Range<usize>, stop: &dyn Fn() -> bool) -> Option<Partial> {
        if self.op == ReduceOp::Variance {
            let range = self.source.range(grains);
            let moments = Moments::of(range.len(), self.level, |add| {
                self.source.numbers(range.clone(), stop, add)
            })?;
            return Some(Partial::Moments(moments));
        }
        let mut sum = LaneSum::new();
        self.source
            .add_up(grains, stop, &mut sum, |sum, x, reading| {
                lanes::add(sum, x, reading, self.level);
            })?;
        Some(Partial::Sum(lanes::total(&sum)))
    }

    /// The answer, after all stages. `None`: there is none for no values (argmin, argmax), or chunks were left out.
    #[must_use]
    pub fn answer(&self) -> Option<Answer> {
        if self.source.grains() == 0 {
            return self.join(&[], &|| false);
        }
        self.partials.answer()
    }

    fn join(&self, partials: &[Partial], stop: &dyn Fn() -> bool) -> Option<Answer> {
        let n = self.source.length();
        if let Some(big) = integers::answer(self.op, partials, n) {
            return match big {
                integers::Found::Answer(answer) => Some(answer),
                integers::Found::Grain(grain, value) => self.locate_integer(grain, value, stop),
            };
        }
        let number = match self.op {
            ReduceOp::Sum => total(partials).value(),
            ReduceOp::Mean => total(partials).over(n as f64).value(),
            ReduceOp::Prod => product(partials),
            ReduceOp::Min | ReduceOp::Max => extreme(partials, self.op),
            ReduceOp::Variance => variance(partials, n),
            ReduceOp::Argmin | ReduceOp::Argmax => return self.locate(partials, stop),
            ReduceOp::Count => count(partials) as f64,
            ReduceOp::Any => f64::from(count(partials) > 0),
            ReduceOp::All => f64::from(count(partials) == n as u64),
        };
        Some(Answer::Number(number))
    }

    /// Finds the place in the one grain that has the extreme.
    fn locate(&self, partials: &[Partial], stop: &dyn Fn() -> bool) -> Option<Answer> {
        let least = self.op == ReduceOp::Argmin;
        let mut best: Option<(usize, f64, bool)> = None;
        for (grain, partial) in partials.iter().enumerate() {
            let &Partial::Extreme(value, nan) = partial else {
                continue;
            };
            let better = match best {
                None => true,
                Some((_, _, true)) => false,
                Some((_, least_yet, false)) => {
                    nan || if least {
                        value < least_yet
                    } else {
                        value > least_yet
                    }
                }
            };
            if better {
                best = Some((grain, value, nan));
            }
        }
        let (grain, value, nan) = best?;
        let place = self
            .source
            .with_grain(grain, stop, |values| match values {
                Values::F64(x) => x
                    .iter()
                    .position(|&v| if nan { v.is_nan() } else { v == value }),
                Values::I64(_) | Values::U64(_) => None,
            })??;
        Some(Answer::Number((grain * self.source.grain() + place) as f64))
    }

    fn locate_integer(&self, grain: usize, value: i128, stop: &dyn Fn() -> bool) -> Option<Answer> {
        let place = self
            .source
            .with_grain(grain, stop, |values| match values {
                Values::I64(x) => x.iter().position(|&v| i128::from(v) == value),
                Values::U64(x) => x.iter().position(|&v| i128::from(v) == value),
                Values::F64(_) => None,
            })??;
        Some(Answer::Number((grain * self.source.grain() + place) as f64))
    }
}

impl Operation for Reduce {
    fn stages(&self) -> usize {
        1
    }

    fn begin(&self, _: usize) -> usize {
        self.partials.chunks().count()
    }

    fn chunk(&self, _: usize, index: usize, stop: &dyn Fn() -> bool) {
        let grains = self.partials.chunks().grains(index);
        let first = grains.start;
        if self.leaves_guessing() {
            self.source.visit_pages(grains.clone());
        }
        if self.joins_by_chunk() {
            if let Some(partial) = self.of_chunk(grains.clone(), stop) {
                self.partials.fill(grains, Some(Partial::Within));
                self.partials.fill(first..first + 1, Some(partial));
            }
        } else {
            for grain in grains {
                self.partials
                    .fill(grain..grain + 1, self.of_grain(grain, stop));
            }
        }
        self.partials
            .end_chunk(|partials| self.join(partials, stop));
    }
}

fn total(partials: &[Partial]) -> DoubleDouble {
    partials
        .iter()
        .fold(DoubleDouble::default(), |sum, partial| match partial {
            Partial::Sum(part) => sum.add(*part),
            _ => sum,
        })
}

fn product(partials: &[Partial]) -> f64 {
    partials.iter().fold(1.0, |product, partial| match partial {
        Partial::Product(part) => product * part,
        _ => product,
    })
}

fn count(partials: &[Partial]) -> u64 {
    partials.iter().fold(0, |count, partial| match partial {
        Partial::Count(part) => count + part,
        _ => count,
    })
}

fn extreme(partials: &[Partial], op: ReduceOp) -> f64 {
    let least = op == ReduceOp::Min;
    let mut best = if least {
        f64::INFINITY
    } else {
        f64::NEG_INFINITY
    };
    for partial in partials {
        let &Partial::Extreme(value, nan) = partial else {
            continue;
        };
        if nan {
            return f64::NAN;
        }
        // `total_cmp` orders -0 before 0, and there is no NaN.
        let ordering = value.total_cmp(&best);
        if if least {
            ordering.is_lt()
        } else {
            ordering.is_gt()
        } {
            best = value;
        }
    }
    best
}

fn variance(partials: &[Partial], n: usize) -> f64 {
    let grains = partials.iter().filter_map(|partial| match partial {
        Partial::Moments(moments) => Some(moments),
        _ => None,
    });
    moments::variance(grains, n)
}
