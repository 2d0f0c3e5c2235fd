//! Where results go, and what is said on the way.

pub(crate) mod progress;
mod sink;

pub(crate) use sink::*;
