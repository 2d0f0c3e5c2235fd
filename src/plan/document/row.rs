//! A row of the plan document: one setting of one zone, with where its value comes from and how long it is in force.

use crate::catalogue::{Caution, Confidence, Harm, Setting};
use crate::diff::{Acceptance, Effect, LastApplied, Origin, Row, Verdict, VerdictKind};
use crate::model::{FilePlace, Interim, LiveValue, Place, RowImpact, Wanted, Who};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// One setting of a zone with its verdict.
#[derive(PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Setting")]
pub(super) struct RowDocument {
    /// The setting.
    pub(super) setting: String,
    /// Whether it is a member of `stale_zone_configuration`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) stale: bool,
    /// Whether `live` is the value of an active member of `stale_zone_configuration`, which acts whatever the top level
    /// reports. If the neutral value is wanted, this row is the clean-up and the member has no row of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) leftover: bool,
    /// The live value, which is the one that acts on traffic; null if GET does not report it.
    pub(super) live: Json,
    /// The earlier value by the snapshot, if it changed outside; null if GET did not report it then.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<Json>,
    /// The value that the file wants, or that cleans a stale setting; null if the setting is left alone.
    pub(super) wanted: Json,
    /// What is decided.
    pub(super) verdict: VerdictKind,
    /// What writing the wanted value does to protection; on each row that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) effect: Option<Effect>,
    /// Whom the wanted value shuts out, or what it breaks; on rows that would be written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) cautions: Vec<CautionDocument>,
    /// Which side moved; on each row that differs, with `--since` or `--since-plan`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) origin: Option<Origin>,
    /// Who changed the live value, by the account's audit log; only with `--who`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) who: Option<Who>,
    /// The value that was last applied, by the record that the plan was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_applied: Option<LastDocument>,
    /// Where the value is wanted: in the zone file, or in a baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<At>,
    /// The chain of `extends` by which the value came; empty if the zone file says it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) via: Vec<At>,
    /// What is wanted after a temporary value; absent if the value is not temporary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) temporary: Option<TemporaryDocument>,
    /// The last day (UTC) of the waiver or, without one, of the temporary value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub(super) until: Option<jiff::civil::Date>,
    /// Why the difference is accepted or held, why the stale setting cannot be cleaned, or why the value is temporary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// What the change would have done to requests; only with `--impact`. It is part of no digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) impact: Option<RowImpact>,
}

/// A side effect of a value that a reviewer must know.
#[derive(PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Caution")]
pub(super) struct CautionDocument {
    /// Whom it shuts out, or what it breaks.
    kind: Harm,
    /// How certain this is.
    confidence: Confidence,
    /// How it happens, as a clause.
    text: String,
}

impl From<&Caution> for CautionDocument {
    fn from(caution: &Caution) -> Self {
        let Caution { value: _, harm, confidence, text } = *caution;
        Self { kind: harm, confidence, text: text.to_owned() }
    }
}

/// A member that is present, even if it is null: serde would read null as absent.
fn present<'de, D: serde::Deserializer<'de>>(json: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(json).map(Some)
}

/// The value of a setting that was last applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "LastApplied")]
pub(super) enum LastDocument {
    /// The file did not name the setting.
    Unmanaged,
    /// This value.
    Value(Json),
    /// This temporary value, which has ended since.
    Ended(Json),
    /// Not known since this number of the record.
    InDoubt(u64),
    /// The recorded file cannot be read.
    Unreadable,
}

impl From<LastApplied> for LastDocument {
    fn from(last: LastApplied) -> Self {
        match last {
            LastApplied::Unmanaged => Self::Unmanaged,
            LastApplied::Value(value) => Self::Value(value.to_json()),
            LastApplied::Ended(value) => Self::Ended(value.to_json()),
            LastApplied::InDoubt(since) => Self::InDoubt(since),
            LastApplied::Unreadable => Self::Unreadable,
        }
    }
}

impl LastDocument {
    /// Reads it for a setting; `None` if the setting does not take the value.
    pub(super) fn read(&self, setting: &Setting) -> Option<LastApplied> {
        Some(match self {
            Self::Unmanaged => LastApplied::Unmanaged,
            Self::Value(value) => LastApplied::Value(setting.read(value)?),
            Self::Ended(value) => LastApplied::Ended(setting.read(value)?),
            Self::InDoubt(since) => LastApplied::InDoubt(*since),
            Self::Unreadable => LastApplied::Unreadable,
        })
    }
}

/// A value with a last day, and what comes after it.
#[derive(PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Temporary")]
pub(super) struct TemporaryDocument {
    /// Its last day (UTC).
    #[schemars(with = "String")]
    pub(super) until: jiff::civil::Date,
    /// Why.
    pub(super) reason: String,
    /// The value that is wanted from the next day on.
    pub(super) then: Json,
    /// Where that value is wanted.
    pub(super) at: At,
    /// The chain of `extends` by which that value came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) via: Vec<At>,
}

/// A place in a file.
#[derive(PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct At {
    /// The file.
    pub(super) file: String,
    /// The line, from 1.
    pub(super) line: u32,
    /// The column in characters, from 1.
    pub(super) column: u32,
}

/// A row in the form of the document; `file` is the zone file.
pub(super) fn row(row: &Row, file: &str) -> RowDocument {
    let Row { key, stale, leftover, wanted, live, verdict, effect, origin, last, unavailable: _, who } = row;
    let (at, via) = wanted.as_ref().map(|wanted| origin_of(wanted, file)).unzip();
    let interim = wanted.as_ref().and_then(Wanted::interim);
    let (reason, until) = match (verdict, verdict.reason(), interim) {
        (Verdict::Accepted(accepted), ..) => {
            let Acceptance { reason, until } = &**accepted;
            (Some(reason.clone()), Some(*until))
        }
        (_, Some(reason), _) => (Some(reason.to_owned()), None),
        (_, None, Some(Interim { reason, until, .. })) => (Some(reason.clone()), Some(*until)),
        (_, None, None) => (None, None),
    };
    RowDocument {
        setting: key.name().to_owned(),
        stale: *stale,
        leftover: *leftover,
        live: live.as_ref().map_or(Json::Null, LiveValue::to_json),
        before: row.changed_outside().map(|was| was.before.as_ref().map_or(Json::Null, LiveValue::to_json)),
        wanted: wanted.as_ref().map_or(Json::Null, |wanted| wanted.value.to_json()),
        verdict: verdict.kind(),
        effect: *effect,
        cautions: row.cautions().map(CautionDocument::from).collect(),
        origin: *origin,
        who: who.as_deref().cloned(),
        last_applied: last.map(LastDocument::from),
        at,
        via: via.unwrap_or_default(),
        temporary: interim.map(|interim| temporary(interim, file)),
        until,
        reason,
        impact: None,
    }
}

fn temporary(interim: &Interim, file: &str) -> TemporaryDocument {
    let Interim { reason, until, then } = interim;
    let (at, via) = origin_of(then, file);
    TemporaryDocument { until: *until, reason: reason.clone(), then: then.value.to_json(), at, via }
}

/// Where a value is wanted, and the chain of `extends` that leads there.
fn origin_of(wanted: &Wanted, file: &str) -> (At, Vec<At>) {
    let via = wanted.extended().map(|extended| extended.via.as_slice()).unwrap_or_default();
    let via = via.iter().map(|FilePlace { file, place }| At::new(file, *place));
    (At::new(wanted.file(Some(file)).unwrap_or_default(), wanted.place), via.collect())
}

impl At {
    fn new(file: &str, Place { line, column }: Place) -> Self {
        Self { file: file.to_owned(), line, column }
    }

    pub(super) fn place(&self) -> Place {
        Place { line: self.line, column: self.column }
    }
}
