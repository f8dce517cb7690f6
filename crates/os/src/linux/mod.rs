//! Linux: memfd, futex, OFD locks, pidfd, pipes.

pub(crate) mod cpu;
pub(crate) mod liveness;
pub(crate) mod named;
pub(crate) mod pages;
pub(crate) mod pipe;
pub(crate) mod segment;
pub(crate) mod symbol;
pub(crate) mod thread;
pub(crate) mod wait;
