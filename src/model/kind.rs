//! What a message is about, and how much it weighs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a message weighs.
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

/// What a message is about. A word that this version does not know is read as `other`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DiagnosticKind {
    /// The content of a file.
    File,
    /// Which zone a name or an id stands for.
    Identity,
    /// The zone's plan variant.
    Variant,
    /// A setting that the zone does not have.
    NotAvailable,
    /// A value that needs another setting to have a certain value.
    Needs,
    /// A setting that has no effect beside the others.
    NoEffect,
    /// A value that Cloudflare says the zone's plan does not include.
    NotEntitled,
    /// A credential that Cloudflare does not accept.
    Credentials,
    /// A credential that lacks a permission, or does not reach the zone.
    Permission,
    /// Too many requests.
    Throttled,
    /// A request without a usable reply.
    Connection,
    /// A setting that an earlier plan variant left behind.
    Stale,
    /// A known deviation whose waiver has ended.
    Waiver,
    /// A change that is held back, since it would undo what somebody tightened by hand.
    Held,
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
