//! How far doubles are from a centre: sums of the distances and of their squares, the same bits at every level.

use super::lanes::fold;
use crate::GROUP;
use crate::data::double_double::DoubleDouble;
use crate::fused_adder::FusedAdder;
use crate::isa::{Level, levels};
use crate::reading::Reading;

/// Lanes that sums of distances are carried in: a group has four elements for each.
const QUARTER: usize = GROUP / 4;

/// Groups after which sums are mostly greater than any square that is added to them.
const FIRST: usize = 16;
/// From there on, groups between two looks at that: this part of those that were added, since the look is at what they all
/// come to.
const PART: usize = 4;
/// At most.
const STRETCH: usize = 64;

/// The sums and errors of the distances of elements from a centre and of the squares of those.
pub(super) struct Spread {
    centre: f64,
    /// Number of groups that were added.
    groups: usize,
    lanes: Lanes,
}

impl Spread {
    /// Of no elements yet.
    pub(super) fn about(centre: f64) -> Self {
        Self {
            centre,
            groups: 0,
            lanes: Lanes([[0.0; QUARTER]; 4]),
        }
    }

    pub(super) fn centre(&self) -> f64 {
        self.centre
    }

    /// Adds elements: whole groups, unless they are the last.
    pub(super) fn add(&mut self, x: &[f64], reading: Reading, level: Level) {
        // SAFETY: as for `lanes::add`.
        unsafe { add_spread::TABLE.at(level)(self, x, reading) };
    }

    /// The sums of the distances and of their squares.
    pub(super) fn totals(&self) -> (DoubleDouble, DoubleDouble) {
        let Lanes([sums, sum_errors, squares, square_errors]) = &self.lanes;
        (fold(sums, sum_errors), fold(squares, square_errors))
    }
}

/// For each lane the sum of the distances, what its roundings lost, and the same of the squares.
#[derive(Clone, Copy)]
struct Lanes([[f64; QUARTER]; 4]);

impl Lanes {
    #[inline(always)]
    fn add<const LEVEL: u8>(
        &mut self,
        group: &[f64; GROUP],
        centre: f64,
        adder: FusedAdder<LEVEL>,
    ) {
        if !is_fused(LEVEL)
            && group
                .iter()
                .all(|value| is_moderate((value - centre).abs()))
        {
            self.add_by(group, centre, adder, add_square_in_parts);
        } else {
            self.add_by(group, centre, adder, add_square);
        }
    }

    #[inline(always)]
    fn add_all<const LEVEL: u8>(
        &mut self,
        groups: &[[f64; GROUP]],
        centre: f64,
        reading: Reading,
        adder: FusedAdder<LEVEL>,
    ) {
        for group in groups {
            reading.ask(group);
            self.add(group, centre, adder);
        }
    }

    /// The same, in fewer instructions, where no square is greater than the sum that it is added to. False: some may be, and
    /// nothing was added.
    #[inline(always)]
    fn add_lesser<const LEVEL: u8>(
        &mut self,
        groups: &[[f64; GROUP]],
        centre: f64,
        reading: Reading,
        adder: FusedAdder<LEVEL>,
    ) -> bool {
        let before = *self;
        for group in groups {
            reading.ask(group);
            self.add_by(group, centre, adder, add_lesser_square);
        }
        // By what a sum grows is no less than any square that was added, but for rounding: half of it leaves room for that.
        // What is not finite any more has no errors worth keeping.
        let (Self([_, _, from, _]), Self([_, _, to, _])) = (&before, &*self);
        let is_so = (0..QUARTER).all(|lane| to[lane] - from[lane] <= from[lane] / 2.0);
        if !is_so {
            *self = before;
        }
        is_so
    }

    /// Adds squares by `add`, which gives from a sum and a distance the next sum and what is lost, of rounding and of the square.
    ///
    /// Of four elements of each lane the distances are added up plainly: that costs no more bits than taking them has.
    #[inline(always)]
    fn add_by<const LEVEL: u8>(
        &mut self,
        group: &[f64; GROUP],
        centre: f64,
        adder: FusedAdder<LEVEL>,
        add: impl Fn(f64, f64) -> (f64, f64),
    ) {
        let Self([sums, sum_errors, squares, square_errors]) = self;
        for lane in 0..QUARTER {
            let distances @ [a, b, c, d] =
                [0, 1, 2, 3].map(|part| adder.sub(group[part * QUARTER + lane], centre));
            let (sum, error) = adder.two_sum(sums[lane], (a + b) + (c + d));
            sums[lane] = sum;
            sum_errors[lane] += error;
            let [a, b, c, d] = distances.map(|distance| {
                let (sum, lost) = add(squares[lane], distance);
                squares[lane] = sum;
                lost
            });
            square_errors[lane] += adder.add(a, b) + adder.add(c, d);
        }
    }
}

/// Whether bodies for this level have an instruction for a fused multiply-add.
const fn is_fused(level: u8) -> bool {
    level > Level::Base as u8 || !cfg!(target_arch = "x86_64")
}

/// Adds the square of a distance to a sum that is no less than it: what is lost is the square less what the sum grew by.
#[inline(always)]
fn add_lesser_square(before: f64, distance: f64) -> (f64, f64) {
    let sum = before + distance * distance;
    (sum, distance.mul_add(distance, -(sum - before)))
}

/// The same whichever is greater, with the same bits.
#[inline(always)]
fn add_square(before: f64, distance: f64) -> (f64, f64) {
    let square = distance * distance;
    if before >= square {
        return add_lesser_square(before, distance);
    }
    let sum = before + square;
    let rest = distance.mul_add(distance, -square);
    (sum, (before - (sum - square)) + rest)
}

/// The same without a fused multiply-add, of what [`is_moderate`]: halves of the bits, whose products are exact (Veltkamp's
/// and Dekker's).
#[inline(always)]
fn add_square_in_parts(before: f64, distance: f64) -> (f64, f64) {
    let square = distance * distance;
    let wide = distance * 134_217_729.0;
    let high = wide - (wide - distance);
    let low = distance - high;
    let rest = ((high * high - square) + 2.0 * high * low) + low * low;
    let sum = before + square;
    // What is lost of the lesser one: Dekker's sum, shorter than Knuth's where the order is known.
    let (more, less) = (greater(before, square), lesser(before, square));
    (sum, (less - (sum - more)) + rest)
}

/// One instruction each, as `f64::max` and `f64::min` are not.
#[inline(always)]
fn greater(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

#[inline(always)]
fn lesser(a: f64, b: f64) -> f64 {
    if a > b { b } else { a }
}

/// Whether neither the square of this magnitude nor a part of it leaves the range of normal numbers.
#[inline(always)]
fn is_moderate(magnitude: f64) -> bool {
    magnitude == 0.0 || (1e-120..1e120).contains(&magnitude)
}

levels! {
    unsafe fn add_spread(spread: &mut Spread, x: &[f64], reading: Reading) {
        let adder = FusedAdder::<LEVEL>::new();
        let (centre, mut lanes) = (spread.centre, spread.lanes);
        let (groups, rest) = x.as_chunks::<GROUP>();
        let (first, mut left) = groups.split_at(FIRST.saturating_sub(spread.groups).min(groups.len()));
        lanes.add_all(first, centre, reading, adder);
        spread.groups += groups.len();
        while !left.is_empty() {
            let added = spread.groups - left.len();
            let (stretch, others) = left.split_at((added / PART).min(STRETCH).min(left.len()));
            if !is_fused(LEVEL) || !lanes.add_lesser(stretch, centre, reading, adder) {
                lanes.add_all(stretch, centre, reading, adder);
            }
            left = others;
        }
        if !rest.is_empty() {
            // What is not there is no distance away.
            let mut group = [centre; GROUP];
            group[..rest.len()].copy_from_slice(rest);
            lanes.add(&group, centre, adder);
        }
        spread.lanes = lanes;
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;
    use crate::GROUP;
    use crate::isa::Level;
    use crate::reading::Reading;
    use crate::xorshift::Xorshift64;

    #[test]
    fn distances_and_their_squares_add_up_to_the_same_bits_at_every_level() {
        let mut random = Xorshift64::new(0x9E37_79B9_7F4A_7C15);
        let x: Vec<f64> = (0..10_000)
            .map(|i| (random.draw() as i64 as f64) * 2f64.powi(i % 60 - 60))
            .collect();
        check(&x, 0.37);
        // Of one magnitude: sums are soon greater than what is added.
        let even: Vec<f64> = x.iter().map(|value| value / 2f64.powi(64) % 1.0).collect();
        check(&even, 0.37);
        // Squares with parts that are too small for what has no fused multiply-add; and of all magnitudes.
        for scale in [1e-165, 1e-175] {
            let small: Vec<f64> = x.iter().map(|value| value * scale).collect();
            check(&small, 0.0);
        }
        let wild: Vec<f64> = (0..)
            .zip(&x)
            .map(|(i, value)| value * 10f64.powi(i * 7 % 260 - 130))
            .collect();
        check(&wild, 0.0);
    }

    fn check(x: &[f64], centre: f64) {
        for n in [1, 31, 32, 33, 1000, 10_000] {
            let of = |level| {
                let mut spread = Spread::about(centre);
                // Parts make no difference.
                let (part, rest) = x[..n].split_at(n / 3 / GROUP * GROUP);
                spread.add(part, Reading::onwards(1), level);
                spread.add(rest, Reading::Nothing, level);
                let (sum, squares) = spread.totals();
                [sum.hi, sum.lo, squares.hi, squares.lo].map(f64::to_bits)
            };
            for level in [Level::Avx2, Level::Avx512] {
                if level <= Level::detected() {
                    assert_eq!(of(level), of(Level::Base), "{n} at {level:?}");
                }
            }
        }
    }
}
