//! Reads a saved plan. Nothing in it is trusted: whatever follows from its live objects is derived again, with the day
//! it was made on, and a document that disagrees is refused.

use super::document::{Document, ZoneDocument};
use super::row::{At, RowDocument, TemporaryDocument};
use super::strict::Zones;
use crate::catalogue::{self, Setting};
use crate::diff::{Context, Row, Verdict, VerdictKind, ZoneDiff, derive, mark_one, may_be_held};
use crate::model::{
    Desired, Diagnostic, Extended, FilePlace, Interim, Live, Place, RowImpact, StalePolicy, Waiver, Wanted,
    WantedBy, ZoneName,
};
use crate::plan::zone::{Unread, kept};
use crate::plan::{Plan, PlanFileError, Provenance, Status, Summary, ZonePlan};
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use std::io::{self, Read, Seek};
use std::sync::Arc;

/// Reads a saved plan in two passes over the text, one for everything but the zones and one for the zones. Each zone is
/// derived and its document dropped, so the whole document is never held.
///
/// # Errors
/// The first check that fails.
pub fn read(mut text: impl Read + Seek) -> Result<Plan, PlanFileError> {
    let head: Document<IgnoredAny> = parse(&mut text, |json| serde::Deserialize::deserialize(json))?;
    check_head(&head)?;
    // Another version may derive something else from the same live object: then the file was not tampered with.
    let version = head.tool_version.clone();
    whole(head, text).map_err(|error| match error {
        PlanFileError::Zone { .. } | PlanFileError::Digest { .. } if version != env!("CARGO_PKG_VERSION") => {
            let version = version.chars().take(40).collect();
            PlanFileError::OfVersion { version, error: Box::new(error) }
        }
        error => error,
    })
}

fn whole(head: Document<IgnoredAny>, mut text: impl Read + Seek) -> Result<Plan, PlanFileError> {
    let Document {
        created_at,
        as_of,
        api,
        source,
        paths,
        selection,
        zone_files,
        overrides,
        commit,
        since,
        older_than,
        weakened,
        moved_since,
        inputs,
        claim,
        approved,
        ..
    } = head;
    let provenance = Provenance {
        created_at,
        as_of,
        api,
        source,
        paths,
        selection,
        zone_files,
        overrides,
        commit,
        since,
        older_than,
        weakened,
        moved_since,
        inputs,
        claim,
        approved,
    };
    text.rewind().map_err(PlanFileError::Read)?;
    let mut zones = Vec::new();
    let mut wrong = None;
    let take = |document: ZoneDocument| {
        // The callback cannot fail: the first error is kept until the whole text is read.
        if wrong.is_none() {
            match zone(document, &provenance) {
                Ok(zone) => zones.push(zone),
                Err(error) => wrong = Some(error),
            }
        }
    };
    parse(&mut text, |json| Zones { take }.read(json))?;
    if let Some(error) = wrong {
        return Err(error);
    }
    check_order(&zones)?;
    zones.shrink_to_fit();
    let plan = Plan::build(provenance, zones).into_saved();
    check_whole(&plan, &head.summary, head.digest)?;
    Ok(plan)
}

fn parse<R: Read, T>(
    text: &mut R,
    read: impl FnOnce(
        &mut serde_json::Deserializer<serde_json::de::IoRead<io::BufReader<&mut R>>>,
    ) -> serde_json::Result<T>,
) -> Result<T, PlanFileError> {
    let mut json = serde_json::Deserializer::from_reader(io::BufReader::with_capacity(64 << 10, text));
    let value = read(&mut json).and_then(|value| json.end().map(|()| value));
    value.map_err(PlanFileError::Form)
}

fn check_head(head: &Document<IgnoredAny>) -> Result<(), PlanFileError> {
    if head.format_version.split('.').next() != Some("1") {
        return Err(PlanFileError::Version(head.format_version.chars().take(40).collect()));
    }
    let known = head.source.requires();
    if let Some(word) = head.requires.iter().find(|word| Some(word.as_str()) != known) {
        return Err(PlanFileError::Requires(word.chars().take(60).collect()));
    }
    // With `requires` removed, a plan from a snapshot would pass for one from the live zones.
    if head.requires.is_empty() && known.is_some() {
        return Err(refuse("*", "the plan was made from a snapshot but does not say so in `requires`"));
    }
    if head.summary.outcomes.is_some() { Err(PlanFileError::Outcomes) } else { Ok(()) }
}

fn check_order(zones: &[ZonePlan]) -> Result<(), PlanFileError> {
    let mut ids: Vec<_> =
        zones.iter().filter_map(|zone| zone.zone_id.as_ref().map(|id| (id, zone))).collect();
    ids.sort_by_key(|(id, _)| *id);
    if let Some(pair) = ids.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(refuse(pair[1].1.zone.as_str(), "its zone id appears in the plan twice"));
    }
    let is_ordered =
        |pair: &[ZonePlan]| (&pair[0].zone, &pair[0].zone_id) <= (&pair[1].zone, &pair[1].zone_id);
    match zones.windows(2).find(|pair| !is_ordered(pair)) {
        Some(pair) => Err(refuse(pair[1].zone.as_str(), "its zones are not in order")),
        None => Ok(()),
    }
}

fn check_whole(plan: &Plan, stated: &Summary, digest: String) -> Result<(), PlanFileError> {
    if plan.summary() != *stated {
        return Err(refuse("*", "the summary does not match its zones"));
    }
    let found = plan.digest().to_string();
    if found == digest {
        return Ok(());
    }
    Err(PlanFileError::Digest { stated: digest.chars().take(80).collect(), found })
}

/// Derives a zone again from its live object and the wanted values, and refuses one that states something else.
fn zone(stated: ZoneDocument, provenance: &Provenance) -> Result<ZonePlan, PlanFileError> {
    let name = stated.zone.clone();
    let fail = |why: String| refuse(&name, why);
    if stated.outcome.is_some() || stated.findings.is_some() {
        return Err(PlanFileError::Outcomes);
    }
    let derived = derived(&stated, provenance).map_err(fail)?;
    if derived.is_written() && derived.zone_id.is_none() {
        return Err(fail("it would be written without a zone id".to_owned()));
    }
    let again = ZoneDocument::from(&derived);
    if again == stated { Ok(derived) } else { Err(fail(difference(&stated, &again))) }
}

fn derived(stated: &ZoneDocument, provenance: &Provenance) -> Result<ZonePlan, String> {
    let want = desired(stated, provenance.as_of)?;
    let (blocks, notes) = blocks_and_notes(&stated.diagnostics);
    let is_blocked = stated.status == Status::Blocked;
    let (live, rows) = match &stated.live {
        Some(object) => {
            let live = Live::read(object.clone());
            let rows = rows(stated, &want, &live, provenance, is_blocked)?;
            (Ok(Box::new(live)), kept(rows))
        }
        None if is_blocked => (Err(Unread::Blocked), crate::diff::unread(&want, provenance.as_of)),
        None => (Err(Unread::Failed), crate::diff::unread(&want, provenance.as_of)),
    };
    Ok(ZonePlan {
        zone: want.zone.clone(),
        zone_id: stated.zone_id.clone(),
        account_id: stated.account_id.clone(),
        legacy_id: stated.legacy_id.clone(),
        plan: stated.plan,
        file: stated.file(),
        protected: stated.protected.clone(),
        blocks,
        notes,
        taken_at: None,
        live,
        rows,
        impact: impact(&stated.settings),
    })
}

/// The impact on traffic, as stated: it cannot be derived, and is part of no digest.
fn impact(rows: &[RowDocument]) -> Vec<(String, bool, RowImpact)> {
    let own = |row: &RowDocument| Some((row.setting.clone(), row.stale, row.impact.clone()?));
    rows.iter().filter_map(own).collect()
}

impl ZoneDocument {
    /// A document of version 1 always states a file.
    fn file(&self) -> Option<String> {
        Some(self.file.clone()).filter(|file| !file.is_empty())
    }
}

/// The desired state that the rows state, on the day of the plan.
fn desired(stated: &ZoneDocument, as_of: jiff::civil::Date) -> Result<Desired, String> {
    let zone = ZoneName::try_from(stated.zone.clone()).map_err(|error| error.to_string())?;
    let mut want = Desired::in_file(stated.file(), zone, stated.plan, Place::START);
    // The document does not say whether custom rules are in place. It only matters for a blocked zone, of which nothing
    // is written.
    want.custom_rules_in_place = true;
    for row in &stated.settings {
        let place = row.at.as_ref().map_or(Place::START, At::place);
        if row.stale {
            let cleans =
                matches!(row.verdict, VerdictKind::Change | VerdictKind::Held | VerdictKind::Unapproved);
            want.stale = if cleans { StalePolicy::Clean } else { want.stale };
            want.stale_place = want.stale_place.or(cleans.then_some(place));
        } else if !row.wanted.is_null() {
            let setting = find(&row.setting)?;
            let wanted = wanted(row, setting, &stated.file, as_of)?;
            want.set_wanted(setting, wanted).map_err(|error| error.to_string())?;
        }
        if row.verdict == VerdictKind::Accepted {
            let until = row.until.ok_or("an accepted difference has no end")?;
            let reason = row.reason.clone().unwrap_or_default();
            want.accept.push(Waiver { setting: find(&row.setting)?, reason, until, place: Place::START });
        }
    }
    Ok(want)
}

/// The wanted value that a row states, with its source.
fn wanted(
    row: &RowDocument,
    setting: &Setting,
    file: &str,
    as_of: jiff::civil::Date,
) -> Result<Wanted, String> {
    let start = At { file: file.to_owned(), line: Place::START.line, column: Place::START.column };
    let mut wanted = value(setting, &row.wanted, row.at.as_ref().unwrap_or(&start), &row.via, file)?;
    if let Some(TemporaryDocument { until, reason, then, at, via }) = &row.temporary {
        if *until < as_of {
            return Err(format!("the temporary value of `{}` had ended when the plan was made", row.setting));
        }
        let then = value(setting, then, at, via, file)?;
        let interim = Interim { reason: reason.clone(), until: *until, then };
        wanted.by = WantedBy::Temporary(Arc::new(interim));
    }
    Ok(wanted)
}

fn value(setting: &Setting, json: &Json, at: &At, via: &[At], file: &str) -> Result<Wanted, String> {
    let value = setting.read(json).ok_or_else(|| format!("`{}` cannot be {json}", setting.name))?;
    let mut wanted = Wanted::new(value, at.place());
    if at.file != file {
        let via = via.iter().map(|at| FilePlace { file: at.file.as_str().into(), place: at.place() });
        let extended = Extended { file: at.file.as_str().into(), via: via.collect() };
        wanted.by = WantedBy::Baseline(Arc::new(extended));
    }
    Ok(wanted)
}

/// The rows that follow from live and wanted, with the stated origin, which cannot be derived.
fn rows(
    stated: &ZoneDocument,
    want: &Desired,
    live: &Live,
    provenance: &Provenance,
    is_blocked: bool,
) -> Result<Vec<Row>, String> {
    let send = provenance.overrides.send_unavailable.iter();
    let send: Result<_, String> = send.map(|name| find(name).map(|setting| setting.name)).collect();
    let context = Context {
        send_unavailable: send.map_err(|why| format!("`overrides.send_unavailable`: {why}"))?,
        ..Context::of_day(provenance.as_of)
    };
    let mut rows = derive(want, live, &context);
    outside(&mut rows, live, &stated.settings)?;
    if rows.len() != stated.settings.len() {
        return Err("it does not show each setting once".to_owned());
    }
    for (row, shown) in rows.iter_mut().zip(&stated.settings) {
        overlay(row, shown)?;
    }
    let ZoneDiff { rows, blocks, .. } = ZoneDiff::finish(want, live, rows, &context);
    match blocks.first().filter(|_| !is_blocked) {
        Some(block) => Err(format!("it cannot be written: {}", block.message)),
        None => Ok(rows),
    }
}

/// Marks what changed outside, with the stated earlier values, which cannot be derived.
fn outside(rows: &mut Vec<Row>, live: &Live, shown: &[RowDocument]) -> Result<(), String> {
    let is_outside = |row: &&RowDocument| row.verdict == VerdictKind::ChangedOutside;
    for RowDocument { setting, stale, before, .. } in shown.iter().filter(is_outside) {
        let before = before.as_ref().filter(|before| !before.is_null());
        if !mark_one(rows, live, setting, *stale, before) {
            return Err(format!("`{setting}` cannot have changed outside"));
        }
    }
    Ok(())
}

fn overlay(row: &mut Row, shown: &RowDocument) -> Result<(), String> {
    if row.name() != shown.setting || row.stale != shown.stale {
        return Err(format!("`{}` is out of place", shown.setting));
    }
    if row.effect.is_some() && row.wanted.is_some() && !row.stale {
        row.origin = shown.origin;
    }
    row.who = shown.who.clone().map(Box::new);
    let last = shown.last_applied.as_ref().zip(row.key.setting());
    row.last = last.and_then(|(last, setting)| last.read(setting));
    let reason = || shown.reason.clone().unwrap_or_default().into();
    let (left_out, may_be) = match shown.verdict {
        VerdictKind::Held => (Verdict::Held(reason()), may_be_held(row)),
        VerdictKind::Unapproved => (Verdict::Unapproved(reason()), row.last.is_some()),
        _ => return Ok(()),
    };
    if row.verdict != Verdict::Change || !may_be {
        return Err(format!("`{}` cannot be {}", shown.setting, shown.verdict.word()));
    }
    row.verdict = left_out;
    Ok(())
}

fn blocks_and_notes(diagnostics: &[Diagnostic]) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    diagnostics.iter().cloned().partition(Diagnostic::is_error)
}

fn find(name: &str) -> Result<&'static Setting, String> {
    catalogue::find(name)
        .filter(|setting| !setting.is_read_only())
        .ok_or_else(|| format!("`{name}` is not a setting that this version can write"))
}

/// Why a zone is refused: the first member that differs from what was derived.
fn difference(stated: &ZoneDocument, derived: &ZoneDocument) -> String {
    let [stated, derived] = [stated, derived].map(|zone| serde_json::to_value(zone).unwrap_or_default());
    let mut members = derived.as_object().into_iter().flatten();
    match members.find(|(key, value)| stated.get(key.as_str()) != Some(value)).map(|(key, _)| key.as_str()) {
        Some("base") => "its base is not the digest of its live object".to_owned(),
        Some("body") => "its body does not match its changes".to_owned(),
        Some("settings") => match differing_row(&stated, &derived) {
            Some(name) => format!("`{name}` is not what follows from the live object and the wanted value"),
            None => "its settings do not follow from its live object".to_owned(),
        },
        Some(key) => format!("its `{key}` does not match the rest of it"),
        None => "it is not as botform writes it".to_owned(),
    }
}

fn differing_row<'a>(stated: &'a Json, derived: &Json) -> Option<&'a str> {
    let rows = |zone: &'a Json| zone.get("settings")?.as_array();
    let derived = derived.get("settings")?.as_array()?;
    let (row, _) = rows(stated)?.iter().zip(derived).find(|(stated, derived)| stated != derived)?;
    row.get("setting")?.as_str()
}

fn refuse(zone: &str, why: impl Into<String>) -> PlanFileError {
    PlanFileError::Zone { zone: zone.to_owned(), why: why.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_row_that_differs_is_named_and_not_the_first() {
        let zone = |search: &str, user: &str| json!({"settings": [{"setting": "ai_search", "to": search}, {"setting": "ai_user", "to": user}]});
        let derived = zone("block", "block");
        let (first, second) = (zone("disabled", "block"), zone("block", "disabled"));
        assert_eq!(differing_row(&first, &derived), Some("ai_search"));
        assert_eq!(differing_row(&second, &derived), Some("ai_user"));
        assert_eq!(differing_row(&derived, &derived), None);
    }
}
