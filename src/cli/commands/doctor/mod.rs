//! `doctor`: checks credentials, permissions, files, connection, and with `--ci` what a pipeline needs.

mod access;
mod accounts;
mod clock;
mod credential;
#[expect(clippy::module_inception, reason = "the command is what a newcomer looks for here")]
mod doctor;
mod pipeline;

pub(crate) use doctor::{Args, run};
