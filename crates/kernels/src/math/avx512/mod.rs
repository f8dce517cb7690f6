//! `sin`, `cos`, `exp` and `log` within 1 ulp in instructions of AVX-512, over whole groups.
//!
//! Small tables lie in registers, where permutations look up eight places at a time: with sixteen values `sin` and `cos` are
//! one short sum, `exp` has half of the polynomial of [`super::fast`], and `log` needs no division. The method is Tang's
//! ("Table-driven implementation of the exponential function", 1989, "... of the logarithm function", 1990). The
//! instructions that take a number apart and put it together know zeros, infinities and subnormal numbers, so only huge
//! arguments of `sin` and `cos` are rare.

mod doubles;
mod exponential;
mod logarithm;
mod trigonometric;

pub(super) use exponential::{exp, exp_neg_mul};
pub(super) use logarithm::log;
pub(super) use trigonometric::{cos, sin};

use doubles::{Doubles, Table};
