//! The diff module.
