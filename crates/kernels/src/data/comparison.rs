//! Comparing doubles with one number, a bit for each: the predicate of most filters, which then reads as fast as memory gives.

use crate::GROUP;
use crate::isa::{Level, Levels, levels};
use crate::reading::Reading;

/// How each value stands to the number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Relation {
    Below,
    UpTo,
    Equal,
    Above,
    From,
}

/// A comparison with a number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comparison {
    pub(crate) relation: Relation,
    pub(crate) number: f64,
}

type Body = unsafe fn(bits: *mut u32, x: *const f64, number: f64, groups: usize);

impl Comparison {
    /// The bits of the values of whole groups, least first.
    pub(super) fn bits(self, x: &[[f64; GROUP]], bits: &mut [u32], level: Level) {
        assert_eq!(x.len(), bits.len());
        let body: Levels<Body> = match self.relation {
            Relation::Below => below::TABLE,
            Relation::UpTo => up_to::TABLE,
            Relation::Equal => equal::TABLE,
            Relation::Above => above::TABLE,
            Relation::From => from::TABLE,
        };
        let body = body.at(level.min(Level::detected()));
        // SAFETY: as many groups as words; the machine has the level.
        unsafe { body(bits.as_mut_ptr(), x.as_ptr().cast(), self.number, x.len()) };
    }

    /// Whether it holds for one value.
    pub(super) fn holds(self, value: f64) -> bool {
        let number = self.number;
        match self.relation {
            Relation::Below => value < number,
            Relation::UpTo => value <= number,
            Relation::Equal => value == number,
            Relation::Above => value > number,
            Relation::From => value >= number,
        }
    }
}

macro_rules! relations {
    ($($name:ident: $operator:tt, $predicate:ident, $sse2:ident;)*) => {
        $(levels! {
            unsafe fn $name(bits: *mut u32, x: *const f64, number: f64, groups: usize) {
                let reading = Reading::onwards(1);
                for group in 0..groups {
                    let x = x.add(group * GROUP);
                    reading.ask(std::slice::from_raw_parts(x, GROUP));
                    let mut word = 0;
                    #[cfg(target_arch = "x86_64")]
                    {
                        use std::arch::x86_64::*;
                        if LEVEL == Level::Avx512 as u8 {
                            let number = _mm512_set1_pd(number);
                            for part in 0..4 {
                                let eight = _mm512_loadu_pd(x.add(8 * part));
                                let mask = _mm512_cmp_pd_mask::<$predicate>(eight, number);
                                word |= u32::from(mask) << (8 * part);
                            }
                        } else if LEVEL == Level::Avx2 as u8 {
                            let number = _mm256_set1_pd(number);
                            for part in 0..8 {
                                let four = _mm256_loadu_pd(x.add(4 * part));
                                let mask = _mm256_movemask_pd(_mm256_cmp_pd::<$predicate>(four, number));
                                word |= (mask as u32) << (4 * part);
                            }
                        } else {
                            let number = _mm_set1_pd(number);
                            for part in 0..16 {
                                let two = _mm_loadu_pd(x.add(2 * part));
                                word |= (_mm_movemask_pd($sse2(two, number)) as u32) << (2 * part);
                            }
                        }
                    }
                    #[cfg(not(target_arch = "x86_64"))]
                    for lane in 0..GROUP {
                        word |= u32::from(*x.add(lane) $operator number) << lane;
                    }
                    bits.add(group).write(word);
                }
            }
        })*
    };
}

relations! {
    below: <, _CMP_LT_OQ, _mm_cmplt_pd;
    up_to: <=, _CMP_LE_OQ, _mm_cmple_pd;
    equal: ==, _CMP_EQ_OQ, _mm_cmpeq_pd;
    above: >, _CMP_GT_OQ, _mm_cmpgt_pd;
    from: >=, _CMP_GE_OQ, _mm_cmpge_pd;
}

#[cfg(test)]
mod tests {
    use super::{Comparison, Relation};
    use crate::GROUP;
    use crate::isa::Level;

    #[test]
    fn each_level_gives_the_bits_of_each_relation() {
        let edges = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            5e-324,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            0.5,
        ];
        let mut x = [[0.0; GROUP]; 5];
        for (i, value) in x.as_flattened_mut().iter_mut().enumerate() {
            *value = edges[i * i / 2 % edges.len()];
        }
        for number in edges {
            for relation in [
                Relation::Below,
                Relation::UpTo,
                Relation::Equal,
                Relation::Above,
                Relation::From,
            ] {
                let comparison = Comparison { relation, number };
                for level in [Level::Base, Level::Avx2, Level::Avx512] {
                    let mut bits = [0; 5];
                    comparison.bits(&x, &mut bits, level);
                    for (i, &value) in x.as_flattened().iter().enumerate() {
                        let bit = bits[i / GROUP] >> (i % GROUP) & 1 == 1;
                        assert_eq!(
                            bit,
                            comparison.holds(value),
                            "{value} {relation:?} {number}"
                        );
                    }
                }
            }
        }
    }
}
