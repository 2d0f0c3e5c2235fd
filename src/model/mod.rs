//! The nouns that all parts share: zones, desired and live settings, problems, outcomes.
//! It depends on the catalogue alone and uses no file, clock or network.

mod account;
mod audit;
mod desired;
mod diagnostic;
mod digest;
mod evidence;
mod feedback;
mod identity;
mod live;
mod outcome;
mod policy;
mod schema;
mod shard;
mod submission;
mod text;
mod wanted;
mod who;
mod writer;
mod yaml;
mod zone;

pub(crate) use account::{Account, InvalidTokenVariable, TokenVariable};
pub(crate) use audit::bare_ray;
pub(crate) use audit::{ActorContext, ActorKind, AuditEntry};
pub use desired::{Desired, Freeze, NotAvailable, StalePolicy, Waiver};
pub(crate) use diagnostic::{Answer, Excerpt, Marked, Part, Related};
pub use diagnostic::{Diagnostic, DiagnosticKind, Message, Place, Severity};
pub(crate) use digest::Canonical;
pub use digest::Digest;
pub(crate) use digest::Input;
pub(crate) use evidence::{
    AccessRule, Acting, ActionKind, Agent, Asked, By, Change, CustomRule, Does, Environment, Estimate, Event,
    Impact, NoNumber, NoNumberKind, RayId, RowImpact, RowImpacts, Stop, ValueOrigin, Way, WayKind, Why,
    WhyZone, Window, action_kind,
};
pub use feedback::{
    FeedbackReport, InvalidReport, NewReport, ReportFile, ReportKind, ReportOutcome, ReportResult,
    ZoneReports,
};
pub(crate) use feedback::{ReportProblem, ReportRule, SCORE_PATTERN, TIME_PATTERN, is_score, read_time};
pub(crate) use identity::{Identity, Named, is_id};
pub use live::{Live, LiveValue};
pub use outcome::{Finding, FindingKind, Outcome, ZoneOutcome};
pub(crate) use policy::matches;
pub use policy::{
    Guards, InvalidRate, InvalidThreshold, Policy, PolicyException, PolicyRule, Rate, Threshold,
};
pub(crate) use schema::schema_of;
#[doc(hidden)]
pub use shard::Shard;
pub use submission::Submission;
pub(crate) use submission::SubmissionSummary;
pub(crate) use text::{Notation, clean, is_unsafe, plural, printable, short, some_of};
pub(crate) use wanted::{Extended, FilePlace, Interim, WantedBy};
pub use wanted::{Temporary, Wanted};
pub(crate) use who::{Proof, Silence, When, Who, WhoEntry};
pub(crate) use writer::{Undone, Writer};
pub(crate) use yaml::plain_or_quoted;
pub use zone::{AccountId, InvalidName, ZoneId, ZoneName};
pub(crate) use zone::{ID_PATTERN, shown_name, unicode};
