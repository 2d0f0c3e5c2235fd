//! The plan module.
