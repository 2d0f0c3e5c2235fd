//! The policies of a project, judged against the plan of each zone.

#[expect(clippy::module_inception, reason = "the policies are what a newcomer looks for here")]
mod policies;
mod rule;

pub(crate) use policies::broken_by_files;
pub(super) use policies::{Breach, applies, broken_by_live, ended, exceptions, hint, is_meant, wanted};
pub(super) use rule::{asks, breach, settings};
