//! Completion: the shell asks the program, which knows formats, settings, zones, policies and journals.

mod answer;
mod line;
mod offered;
mod shells;
mod typed;

pub(crate) use answer::{answer, script};
