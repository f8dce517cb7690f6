//! Where the bins of a histogram lie: numpy's edges, and how to estimate a value's place among them.

/// Why there are no bins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoBins {
    /// The data have an infinity, and no range was given.
    Infinite,
    /// The bins would be narrower than doubles are apart.
    TooMany,
}

pub(super) struct Layout {
    pub(super) edges: Vec<f64>,
    pub(super) first: f64,
    last: f64,
    pub(super) scale: f64,
    /// How near to an edge, in bins, an estimate may be wrong.
    pub(super) margin: f64,
}

impl Layout {
    /// The edges as numpy's `linspace` has them.
    pub(super) fn new(first: f64, last: f64, bins: usize) -> Result<Self, NoBins> {
        if !first.is_finite() || !last.is_finite() {
            return Err(NoBins::Infinite);
        }
        let (first, last) = if first == last {
            (first - 0.5, last + 0.5)
        } else {
            (first, last)
        };
        let width = last - first;
        let step = width / bins as f64;
        let mut edges: Vec<f64> = (0..=bins)
            .map(|i| {
                if step == 0.0 {
                    i as f64 / bins as f64 * width + first
                } else {
                    i as f64 * step + first
                }
            })
            .collect();
        edges[bins] = last;
        if edges.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(NoBins::TooMany);
        }
        let scale = bins as f64 / width;
        // Places are off by the rounding of widths, edges, and of themselves.
        let size = first.abs().max(last.abs()) * scale + bins as f64;
        // Where the widths of bins have no inverse, all places are unsure.
        let (scale, margin) = if scale.is_finite() {
            (scale, 16.0 * f64::EPSILON * size)
        } else {
            (0.0, 1.0)
        };
        Ok(Self {
            edges,
            first,
            last,
            scale,
            margin,
        })
    }

    pub(super) fn bins(&self) -> usize {
        self.edges.len() - 1
    }

    /// The cell of a value: one more than its bin, 0 for a value outside of all and for NaN.
    pub(super) fn exact(&self, value: f64) -> usize {
        let bins = self.bins();
        if !(self.first..=self.last).contains(&value) {
            return 0;
        }
        let mut bin = (((value - self.first) * self.scale) as usize).min(bins - 1);
        while bin > 0 && value < self.edges[bin] {
            bin -= 1;
        }
        while bin < bins - 1 && value >= self.edges[bin + 1] {
            bin += 1;
        }
        bin + 1
    }
}
