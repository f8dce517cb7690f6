//! Times from JavaScript.

use std::time::Duration;

/// Milliseconds from JavaScript; nonsense means "do not wait".
pub(crate) fn limit(max_ms: f64) -> Duration {
    Duration::try_from_secs_f64(max_ms.min(1000.0) / 1000.0).unwrap_or(Duration::ZERO)
}
