//! SARIF 2.1.0, for code scanning: problems of files, broken policies, and drift. An alert is identified by its zone
//! and setting, not by its line, so that moved lines do not open it again.

use crate::model::{Digest, Place, Severity};
use crate::plan::Plan;
use crate::render::markdown::path;
use crate::render::said::{of_zones, text, with_hint};
use crate::render::seen::sentences;
use crate::report::{Item, RULES, Report, Rule, Said, Urgency, together};
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// The home page of the program, or else Cloudflare's page about the settings that it manages.
const INFORMATION: &str = match env!("CARGO_PKG_REPOSITORY").as_bytes() {
    [] => "https://developers.cloudflare.com/bots/",
    _ => env!("CARGO_PKG_REPOSITORY"),
};

/// The most results of a run that GitHub accepts.
const MOST: usize = 5_000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Json,
    locations: Vec<Json>,
    partial_fingerprints: Json,
}

/// A report as a SARIF log.
#[must_use]
pub fn sarif(report: &Report<'_>) -> Json {
    let mut items = report.items();
    // Sorted, so that the least important results are left out.
    items.sort_by_key(|item| (item.rule != Rule::WEAKENED, item.severity, Urgency::of(item)));
    // A result needs a file; any other message becomes a notification.
    let (placed, other): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| item.file.is_some());
    // A failure to read or write zones is not about a line of a file, so equal ones share an alert.
    let (of_run, of_lines): (Vec<_>, Vec<_>) = placed.into_iter().partition(is_of_run);
    let of_lines = of_lines.into_iter().map(|item| vec![item]);
    let placed: Vec<_> = together(of_run).into_iter().chain(of_lines).collect();
    let mut seen = HashMap::new();
    let results: Vec<_> = placed.iter().take(MOST).map(|same| result(report, same, &mut seen)).collect();
    let mut notifications: Vec<_> =
        other.iter().map(|item| notification(item.severity, with_hint(item))).collect();
    if placed.len() > MOST {
        let text = format!("{} further results are left out", placed.len() - MOST);
        notifications.push(notification(Severity::Warning, text));
    }
    let verb = report.verb.word();
    let line = format!("botform {verb}: {}: {}", report.headline(), report.verdict());
    notifications.push(notification(Severity::Note, line));
    let seen = sentences(report);
    let digest = report.plan.map(Plan::digest).map(|digest| format!("Digest: {}", digest.short()));
    notifications.extend(seen.into_iter().chain(digest).map(|said| notification(Severity::Note, said)));
    let rules: Vec<_> =
        RULES.iter().map(|(id, text)| json!({"id": id, "shortDescription": {"text": text}})).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "botform",
                "informationUri": INFORMATION,
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "automationDetails": {"id": format!("botform/{verb}/")},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": report.ending.is_success(),
                "exitCode": report.ending.code(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    })
}

/// Whether an item is about what happened to a zone, and not about what its file says.
fn is_of_run(item: &Item<'_>) -> bool {
    match &item.said {
        Said::Message(said) => said.is_error() && said.file.is_none(),
        Said::Outcome(_) => true,
        _ => false,
    }
}

/// How many zones of a result are named and located.
const NAMES: usize = 20;

fn result(report: &Report<'_>, same: &[Item<'_>], seen: &mut HashMap<String, usize>) -> Found {
    let (rule, severity) =
        same.first().map_or((Rule::OUTCOME, Severity::Error), |item| (item.rule, item.severity));
    Found {
        rule_id: rule.0,
        rule_index: RULES.iter().position(|(id, _)| *id == rule.0).unwrap_or_default(),
        level: level(severity),
        message: json!({"text": of_zones(same, NAMES)}),
        locations: same.iter().take(NAMES).map(|item| location(report, item)).collect(),
        partial_fingerprints: json!({"primaryLocationLineHash": fingerprint(same, seen)}),
    }
}

fn location(report: &Report<'_>, item: &Item<'_>) -> Json {
    // An alert without a line is not shown, so a message about a whole file stands at its beginning.
    let place = item.place.unwrap_or(Place::START);
    let mut region = json!({"startLine": place.line, "startColumn": place.column});
    if let Some(end) = item.end_column.filter(|end| *end > place.column) {
        region["endColumn"] = end.into();
    }
    let file = path(&report.path(item.file.unwrap_or_default()));
    json!({"physicalLocation": {"artifactLocation": {"uri": file}, "region": region}})
}

/// A hash of the zone and setting, or of the file and message without a zone, or of the message about many zones. Equal
/// hashes are numbered.
fn fingerprint(same: &[Item<'_>], seen: &mut HashMap<String, usize>) -> String {
    let what = match same {
        [] => String::new(),
        [item] => match item.zone {
            Some(zone) => [item.rule.0, zone.zone.as_str(), item.setting.unwrap_or_default()].join("\n"),
            None => [item.rule.0, item.file.unwrap_or_default(), &text(item)].join("\n"),
        },
        [item, ..] => match &item.said {
            Said::Message(said) => [item.rule.0, &said.message.shape().to_string()].join("\n"),
            _ => [item.rule.0, &text(item)].join("\n"),
        },
    };
    let digest = Digest::of_bytes(what.as_bytes());
    let hash = digest.as_str().get(..16).unwrap_or_default().to_owned();
    let count = seen.entry(hash.clone()).or_default();
    *count += 1;
    format!("{hash}:{count}")
}

fn notification(severity: Severity, text: String) -> Json {
    json!({"level": level(severity), "message": {"text": text}})
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Diagnostic;
    use crate::report::{Ending, Verb};

    fn results(problems: &[Diagnostic]) -> Vec<Json> {
        let log = sarif(&Report { problems, ..Report::new(Verb::Validate, Ending::Failed) });
        log["runs"][0]["results"].as_array().unwrap().clone()
    }

    #[test]
    fn an_alert_is_known_again_when_lines_move() {
        let at = |line| Diagnostic::of_file("a b.yaml", "wrong").at("a b.yaml", Place { line, column: 1 });
        let [one, two, three] = [at(1), at(1), at(9)].map(|said| results(&[said])[0].clone());
        assert_eq!(one, two);
        assert_eq!(one["partialFingerprints"], three["partialFingerprints"]);
        assert_eq!(one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a%20b.yaml");
        let both = results(&[at(1), at(9)]);
        assert_ne!(both[0]["partialFingerprints"], both[1]["partialFingerprints"]);
    }

    #[test]
    fn errors_come_first_where_there_are_too_many_results() {
        let said = |severity| Diagnostic::of_file("a.yaml", "x").severity(severity);
        let mut many = vec![said(Severity::Warning); MOST];
        many.push(said(Severity::Error));
        let results = results(&many);
        assert_eq!((results.len(), results[0]["level"].as_str()), (MOST, Some("error")));
    }
}
