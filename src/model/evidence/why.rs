//! Why a request was stopped: the events of it, which setting acted and where its value comes from, and the ways out.

use super::{Event, NoNumber, RowImpact, Window};
use crate::catalogue::{Confidence, Variant};
use schemars::JsonSchema;
use serde::Serialize;

/// What was looked for. The address of a client is never kept, only that one was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Asked {
    /// The Ray id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ray: Option<String>,
    /// Whether an address was given.
    pub by_address: bool,
    /// The user agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Why {
    /// What was looked for.
    pub asked: Asked,
    /// The zones with events, or that could not be asked.
    pub zones: Vec<WhyZone>,
    /// How many zones were asked.
    pub zones_asked: usize,
    /// Why there may be no event although the request was stopped; only where none was found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// What was found in one zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct WhyZone {
    /// The name of the zone.
    pub zone: String,
    /// The plan variant that its live settings show.
    pub plan: Option<Variant>,
    /// The zone file; null if there is none.
    pub file: Option<String>,
    /// The period that was searched; null if the zone could not be asked.
    pub window: Option<Window>,
    /// What acted, the latest first, equal ones together.
    pub stops: Vec<Stop>,
    /// Why the zone could not be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<NoNumber>,
    /// Why its settings could not be read: then no value is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
}

/// What acted on the request, once or several times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Stop {
    /// The latest event.
    pub event: Event,
    /// How many events of this rule and action were found.
    pub events: usize,
    /// What is behind it.
    pub by: By,
    /// The ways out, by the harm they do, the least first.
    pub ways: Vec<Way>,
}

/// What is behind an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum By {
    /// A bot setting, or one of several.
    Settings {
        /// The setting, or those of which one acted.
        settings: Vec<Acting>,
        /// How certain it is that the rule belongs to it.
        confidence: Confidence,
        /// When the rule was seen last.
        seen: String,
    },
    /// Something else: its product and its rule, in Cloudflare's own words.
    Other,
}

/// A setting that acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Acting {
    /// The setting.
    pub setting: String,
    /// The value that acts; null if GET does not report it.
    pub value: Option<String>,
    /// Where the value comes from.
    pub origin: ValueOrigin,
}

/// Where the value of a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ValueOrigin {
    /// A line of a file.
    File {
        /// The file: the zone file or a baseline.
        file: String,
        /// The line.
        line: u32,
        /// The lines of `extends` that lead there, as `file:line`.
        via: Vec<String>,
        /// What the file wants, where live is another value.
        #[serde(skip_serializing_if = "Option::is_none")]
        wanted: Option<String>,
    },
    /// The file of the zone does not name the setting.
    Unmanaged,
    /// An earlier plan of the zone left it behind.
    Stale,
    /// No file of the zone was found.
    NoFile,
    /// The live settings could not be read.
    Unread,
}

/// The kind of a remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WayKind {
    /// A report to Cloudflare: it changes nothing by itself.
    Feedback,
    /// A rule beside the bot settings that excepts these requests.
    Exception,
    /// A softer value for a few days.
    Temporary,
    /// No way: why.
    None,
}

/// Something that can be done about a stopped request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Way {
    /// The kind.
    pub kind: WayKind,
    /// What to do, in a sentence.
    pub text: String,
    /// The change in a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// What else it would have let pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impact: Option<RowImpact>,
}

/// A change in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Change {
    /// The file; null if there is none yet.
    pub file: Option<String>,
    /// The lines to add.
    pub lines: Vec<String>,
}
