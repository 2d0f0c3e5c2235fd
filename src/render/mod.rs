//! The render module.
