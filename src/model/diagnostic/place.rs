//! The parts of a message: its kind, its severity, its place in a file and the source line there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The severity of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It stops the zone, or the run.
    Error,
    /// It should be looked at.
    Warning,
    /// Good to know.
    Note,
}

/// What a message is about. Unknown words are read as `other`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DiagnosticKind {
    /// The content of a file.
    File,
    /// The zone that a name or an id identifies.
    Identity,
    /// The zone's plan variant.
    Variant,
    /// A setting that the zone does not have.
    NotAvailable,
    /// A value that needs another setting to have a certain value.
    Needs,
    /// A setting that has no effect because of others.
    NoEffect,
    /// A value that the zone's plan does not include, according to Cloudflare.
    NotEntitled,
    /// A credential that Cloudflare does not accept.
    Credentials,
    /// A credential that lacks a permission, or has no access to the zone.
    Permission,
    /// Too many requests.
    Throttled,
    /// A request without a usable reply.
    Connection,
    /// A setting that an earlier plan variant left behind.
    Stale,
    /// A known deviation whose waiver has ended.
    Waiver,
    /// A change that is held because it would undo a manual tightening.
    Held,
    /// A change that no approved plan holds.
    Unapproved,
    /// Something that the zone files used to manage and no longer do.
    LeftManagement,
    /// A rule of the project.
    Policy,
    /// A limit of the project, or protection of the zone.
    Guard,
    /// A zone that changed since it was planned.
    Moved,
    /// A run that was stopped.
    Interrupted,
    /// Anything else.
    #[default]
    #[serde(other)]
    Other,
}

/// A line and a column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl Place {
    /// The beginning of a file.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// A source line, cut to a drawable length, and the part of it that a message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// The text of the line, without its end.
    pub text: String,
    /// Where the part begins, in bytes of `text`, on a character boundary.
    pub start: usize,
    /// Where the part ends, in bytes of `text`, on a character boundary.
    pub end: usize,
}

/// Another place that belongs to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Related {
    /// Where.
    pub place: Place,
    /// The source line.
    pub excerpt: Option<Excerpt>,
    /// What is there.
    pub label: String,
}
