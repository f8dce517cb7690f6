//! Explicit-state model checker of the crash-safe shared-memory protocol.
