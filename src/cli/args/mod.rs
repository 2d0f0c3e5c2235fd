//! The arguments of all commands.

mod approved;
pub(crate) mod elsewhere;
mod feedback;
mod global;
mod import;
mod init;
mod manual;
mod merge;
mod moments;
mod output;
mod sharding;
mod submissions;
mod why;
mod writes;
mod zones;

pub(crate) use approved::{Approval, Approved, approvals};
pub(crate) use feedback::{
    Feedback, FeedbackCommand, FeedbackList, FeedbackNew, FeedbackPlan, FeedbackSubmit, Reports,
};
pub(crate) use global::{
    Color, Completions, Connection, Emulate, Emulator, Global, LogFormat, Outputs, Schema, SchemaName, Show,
};
pub(crate) use import::{Import, LiveZones, Snapshot};
pub(crate) use init::{Init, Pipeline, Review};
pub(crate) use manual::manual;
pub(crate) use merge::Merge;
pub(crate) use moments::{Age, Moment, Window};
pub(crate) use sharding::Sharding;
pub(crate) use submissions::{Filter, Submissions};
pub(crate) use why::Why;
pub(crate) use writes::{Apply, Guards, Undo, Writes};
pub(crate) use zones::{Plan, Planning, Selected, Validate, Zones};

pub(crate) use output::output;

use global::file;
use moments::{age, time_budget};
