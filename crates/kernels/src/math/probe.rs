//! Whether a body has the bits of somebody else's function, asked over fixed arguments.

use super::{Function, Variant, evaluate};
use crate::isa::Level;
use crate::xorshift::Xorshift32;

/// Pairs of arguments for each function; those of one number leave the second one out.
pub const PROBES: usize = 512;

/// The arguments, the same in every process.
#[derive(Clone, Debug)]
pub struct Probes {
    /// Over the domain of the function, also where results need an argument reduction. fdlibm is off the correctly rounded
    /// result in more than 2 of 100 of them, for each function.
    pub x: [f64; PROBES],
    /// From -20 to 20.
    pub y: [f64; PROBES],
}

impl Probes {
    /// Those of `function`.
    #[must_use]
    pub fn of(function: Function) -> Self {
        let (low, high) = domain(function);
        let mut uniform = uniform_numbers();
        let x = [(); PROBES]
            .map(|()| low + (high - low) * (uniform() + uniform() / (f64::from(u32::MAX) + 1.0)));
        let y = [(); PROBES].map(|()| 40.0 * uniform() - 20.0);
        Self { x, y }
    }

    /// Whether `variant` of `function` gives `expected` over these, where any NaN is as good as any other; `None`: there is
    /// no such variant, or this machine has not that level.
    ///
    /// # Panics
    /// If there are not [`PROBES`] results.
    #[must_use]
    pub fn give(
        &self,
        function: Function,
        variant: Variant,
        level: Level,
        expected: &[f64],
    ) -> Option<bool> {
        assert_eq!(expected.len(), PROBES);
        let mut results = [0.0; PROBES];
        evaluate(function, variant, level, &self.x, &self.y, &mut results).then(|| {
            let mut pairs = results.iter().zip(expected);
            pairs.all(|(a, b)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()))
        })
    }
}

/// From 0 to 1, without 1.
fn uniform_numbers() -> impl FnMut() -> f64 {
    let mut random = Xorshift32::new(0x9e37_79b9);
    move || f64::from(random.draw()) / (f64::from(u32::MAX) + 1.0)
}

/// Where the first arguments lie.
const fn domain(function: Function) -> (f64, f64) {
    match function {
        Function::Sin | Function::Cos | Function::Tan => (-1000.0, 1000.0),
        Function::Asin | Function::Acos | Function::Atanh => (-1.0, 1.0),
        Function::Atan | Function::Asinh | Function::Expm1 => (-5.0, 5.0),
        Function::Sinh | Function::Cosh => (-25.0, 25.0),
        Function::Tanh => (-3.0, 3.0),
        Function::Acosh => (1.0, 5.0),
        Function::Exp | Function::Atan2 | Function::ExpNegMul => (-20.0, 20.0),
        Function::Log | Function::Log2 | Function::Log10 => (0.0, 4.0),
        Function::Log1p => (-1.0, 3.0),
        Function::Cbrt => (-10.0, 10.0),
        Function::Pow => (0.0, 10.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(function: Function, variant: Variant, probes: &Probes) -> Option<[f64; PROBES]> {
        let mut results = [0.0; PROBES];
        evaluate(
            function,
            variant,
            Level::detected(),
            &probes.x,
            &probes.y,
            &mut results,
        )
        .then_some(results)
    }

    /// Two bodies that both are nearly right must not pass for each other.
    #[test]
    fn probes_tell_the_bodies_of_a_function_apart() {
        for function in Function::ALL {
            let probes = Probes::of(function);
            let Some(expected) = results(function, Variant::Fdlibm, &probes) else {
                continue;
            };
            assert!(expected.iter().all(|x| !x.is_nan()), "{function:?}");
            let level = Level::detected();
            let gives = |variant, expected: &[f64]| probes.give(function, variant, level, expected);
            assert_eq!(gives(Variant::Fdlibm, &expected), Some(true));
            for variant in [Variant::Rounded, Variant::Fast] {
                let Some(other) = results(function, variant, &probes) else {
                    assert_eq!(gives(variant, &expected), None);
                    continue;
                };
                let differ = (0..PROBES).filter(|&i| other[i] != expected[i]).count();
                assert!(differ > PROBES / 100, "{function:?} {variant:?}: {differ}");
                assert_eq!(gives(variant, &expected), Some(false));
                assert_eq!(gives(variant, &other), Some(true));
            }
        }
    }

    #[test]
    fn a_single_bit_is_seen_and_the_bits_of_nan_are_not() {
        let probes = Probes::of(Function::Log1p);
        let mut expected = results(Function::Log1p, Variant::Fdlibm, &probes).expect("a body");
        let gives = |expected: &[f64]| {
            probes.give(
                Function::Log1p,
                Variant::Fdlibm,
                Level::detected(),
                expected,
            )
        };
        expected[PROBES - 1] = expected[PROBES - 1].next_up();
        assert_eq!(gives(&expected), Some(false));

        let outside = Probes {
            x: [-2.0; PROBES],
            y: [0.0; PROBES],
        };
        let nans = [f64::from_bits(0x7ff8_0000_0000_1234); PROBES];
        let level = Level::detected();
        assert_eq!(
            outside.give(Function::Log1p, Variant::Fdlibm, level, &nans),
            Some(true)
        );
    }
}
