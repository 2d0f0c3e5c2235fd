//! The arguments of all commands.

mod approved;
mod complete;
pub(crate) mod elsewhere;
mod feedback;
mod global;
mod import;
mod init;
mod moments;
mod output;
mod submissions;
mod writes;
mod zones;

pub(crate) use approved::{Approval, Approved, approvals};
pub(crate) use complete::{answer as answer_completion, script as completion_script};
pub(crate) use feedback::{Feedback, FeedbackCommand, FeedbackList, FeedbackPlan, FeedbackSubmit, Reports};
pub(crate) use global::{
    Color, Completions, Connection, Emulate, Emulator, Global, LogFormat, Outputs, Schema, SchemaName, Show,
};
pub(crate) use import::{Import, LiveZones, Snapshot};
pub(crate) use init::{Init, Pipeline, Review};
pub(crate) use moments::{Age, Moment, Window};
pub(crate) use submissions::{Filter, Submissions};
pub(crate) use writes::{Apply, Guards, Undo, Writes};
pub(crate) use zones::{Plan, Planning, Selected, Validate, Zones};

pub(crate) use output::output;

use global::file;
