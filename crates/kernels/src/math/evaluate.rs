//! A function over whole arrays, in any variant and at any level: for the probe of V8's bits, and for tests.

use super::{Function, Variant, binary_function, unary_function};
use crate::isa::Level;
use crate::{BLOCK, GROUP};

/// `out[i] = function(x[i])`, or `function(x[i], y[i])` for one of two numbers.
///
/// `false`: there is no such variant of it, or this machine has not that level; `out` is untouched.
///
/// # Panics
/// If the lengths differ.
#[must_use]
pub fn evaluate(
    function: Function,
    variant: Variant,
    level: Level,
    x: &[f64],
    y: &[f64],
    out: &mut [f64],
) -> bool {
    if level > Level::detected() {
        return false;
    }
    assert_eq!(x.len(), out.len());
    if let Some(levels) = unary_function(function, variant) {
        in_blocks(out, [x], |dst, [x], groups| {
            // SAFETY: the machine has `level`; the buffers have `groups` groups and are apart.
            unsafe { levels.at(level)(dst, x, groups) }
        });
        return true;
    }
    let Some(levels) = binary_function(function, variant) else {
        return false;
    };
    assert_eq!(y.len(), out.len());
    in_blocks(out, [x, y], |dst, [x, y], groups| {
        // SAFETY: as above.
        unsafe { levels.at(level)(dst, x, y, groups) }
    });
    true
}

/// Calls `run` with buffers of whole groups that hold the operands block by block.
fn in_blocks<const N: usize>(
    out: &mut [f64],
    operands: [&[f64]; N],
    run: impl Fn(*mut f64, [*const f64; N], usize),
) {
    let mut buffers = [[0.0; BLOCK]; N];
    let mut result = [0.0; BLOCK];
    for (index, target) in out.chunks_mut(BLOCK).enumerate() {
        for (buffer, operand) in buffers.iter_mut().zip(operands) {
            buffer[..target.len()].copy_from_slice(&operand[index * BLOCK..][..target.len()]);
        }
        let groups = target.len().div_ceil(GROUP);
        run(
            result.as_mut_ptr(),
            buffers.each_ref().map(|buffer| buffer.as_ptr()),
            groups,
        );
        target.copy_from_slice(&result[..target.len()]);
    }
}
