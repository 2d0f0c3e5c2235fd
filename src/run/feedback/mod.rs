//! Feedback reports of many zones: lists them, finds which are new, and submits these.

mod reports;
mod submit;

pub use reports::Feedback;
