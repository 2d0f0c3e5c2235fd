//! The arguments of all commands.

mod feedback;
mod global;
mod import;
mod moments;
mod submissions;
mod writes;
mod zones;

pub(crate) use feedback::{Feedback, FeedbackCommand, FeedbackList, FeedbackPlan, FeedbackSubmit, Reports};
pub(crate) use global::{
    Cli, Command, Completions, Connection, Emulator, Explain, Global, LogFormat, Outputs, Schema, SchemaName,
    Show,
};
pub(crate) use import::{Import, LiveZones, Snapshot};
pub(crate) use moments::{Age, Moment, Window};
pub(crate) use submissions::{Filter, Submissions};
pub(crate) use writes::{Apply, Guards, Undo, Writes};
pub(crate) use zones::{Plan, Planning, Validate, Zones};
