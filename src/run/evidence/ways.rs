//! What can be done about a false positive, least harmful first: a report, an exception for such requests, a softer
//! value for a few days (the strictest of them first). Pure.

use super::ask::Answer;
use super::question::question;
use super::stop::Known;
use crate::catalogue::{Setting, Value, Variant};
use crate::model::{ActionKind, Change, Event, Live, Way, WayKind, plain_or_quoted};
use std::cmp::Reverse;

/// How many days a proposed temporary value lasts.
const DAYS: i64 = 7;

/// What can be done about an event that a setting caused.
pub(super) fn ways(
    event: &Event,
    settings: &[&'static Setting],
    known: Known<'_>,
    counted: &Answer,
) -> Vec<Way> {
    if !matches!(
        event.kind(),
        ActionKind::Challenged | ActionKind::Blocked | ActionKind::Failed | ActionKind::Maze
    ) {
        return Vec::new();
    }
    let mut ways = Vec::new();
    ways.extend(settings.iter().filter_map(|setting| feedback(setting, known)));
    ways.extend(settings.iter().flat_map(|setting| exception(setting, event)));
    ways.extend(settings.iter().flat_map(|setting| softer(setting, known, counted)));
    ways.sort_by_key(|way| way.kind);
    ways
}

/// Whether a feedback report can be sent about what a setting does to a zone. Only Business and Enterprise have
/// reports.
pub(super) fn may_report(setting: &Setting, known: Known<'_>) -> bool {
    let variant = known.live.and_then(Live::variant);
    let is_included = matches!(variant, Some(Variant::SbfmBusiness | Variant::BmEnterprise));
    is_included && setting.name == "sbfm_definitely_automated"
}

fn feedback(setting: &'static Setting, known: Known<'_>) -> Option<Way> {
    may_report(setting, known).then(|| Way {
        kind: WayKind::Feedback,
        text: "report it to Cloudflare as a false positive (`--feedback FILE` writes the report); this alone changes nothing"
            .to_owned(),
        change: None,
        impact: None,
    })
}

fn way(kind: WayKind, text: String) -> Way {
    Way { kind, text, change: None, impact: None }
}

fn exception(setting: &Setting, event: &Event) -> Vec<Way> {
    match setting.name {
        "fight_mode" => vec![
            way(WayKind::None, "no rule can make an exception to Bot Fight Mode".to_owned()),
            way(
                WayKind::Exception,
                "allow the client's address in an IP access rule: then all of its requests pass Bot Fight Mode".to_owned(),
            ),
        ],
        "sbfm_definitely_automated" | "sbfm_likely_automated" | "sbfm_static_resource_protection" => {
            vec![way(
                WayKind::Exception,
                format!(
                    "add a custom rule with the action `skip` for the phase `http_request_sbfm`, on `{}`: then only these requests pass",
                    expression(event)
                ),
            )]
        }
        _ => Vec::new(),
    }
}

/// An expression that matches requests like this one.
fn expression(event: &Event) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut parts = vec![format!("http.request.uri.path eq {}", quoted(&event.path))];
    if !event.user_agent.is_empty() {
        parts.push(format!("http.user_agent eq {}", quoted(&event.user_agent)));
    }
    parts.join(" and ")
}

fn softer(setting: &'static Setting, known: Known<'_>, (counted, window): &Answer) -> Vec<Way> {
    let (Some(from), Some(live)) = (known.value(setting), known.live) else { return Vec::new() };
    let mut values = setting.weaker_than(from);
    if values.is_empty() {
        values.extend(setting.neutral.filter(|neutral| *neutral != from));
    }
    // The value that still protects most is the narrowest change.
    values.sort_by_key(|value| (Reverse(setting.weaker_than(*value).len()), *value));
    let way = |to: Value| {
        let asked = question(setting, live.effective(setting).as_deref(), to, live);
        Way {
            kind: WayKind::Temporary,
            text: text(setting, to, known),
            change: Some(change(setting, from, to, known)),
            impact: Some(asked.answer(counted, *window)),
        }
    };
    values.into_iter().map(way).collect()
}

fn text(setting: &Setting, to: Value, known: Known<'_>) -> String {
    let name = setting.name;
    if is_stale(setting, known) {
        return format!("write `{name}: {to}`, which cleans up what an earlier plan variant left behind");
    }
    match setting.meaning(to) {
        Some(meaning) => format!("set `{name}: {to}` for {DAYS} days: {meaning}"),
        None => format!("set `{name}: {to}` for {DAYS} days"),
    }
}

fn is_stale(setting: &Setting, known: Known<'_>) -> bool {
    known.live.is_some_and(|live| live.leftover(setting).is_some())
}

/// The lines of the zone file that set a softer value for a few days.
fn change(setting: &'static Setting, from: Value, to: Value, known: Known<'_>) -> Change {
    let word = |value: Value| match value {
        Value::Toggle(on) => on.to_string(),
        Value::Word(word) => plain_or_quoted(word),
    };
    let (name, file) = (setting.name, known.want.and_then(|want| want.file.clone()));
    let stands = known.want.and_then(|want| want.get(setting)).is_some();
    let mut lines = Vec::new();
    if known.want.is_none() {
        lines.push(format!("zone: {}", plain_or_quoted(known.zone)));
        let plan = known.live.and_then(Live::variant);
        lines.extend(plan.map(|plan| format!("plan: {plan}")));
    }
    if is_stale(setting, known) {
        lines.extend(["settings:".to_owned(), format!("  {name}: {}", word(to))]);
        return Change { file, lines };
    }
    if !stands {
        lines.extend(["settings:".to_owned(), format!("  {name}: {}", word(from))]);
    }
    let until = known.today.saturating_add(jiff::Span::new().days(DAYS));
    lines.push("temporary:".to_owned());
    lines.push(format!(
        "  - {{setting: {name}, value: {}, until: {until}, reason: a customer is stopped}}",
        word(to)
    ));
    Change { file, lines }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Desired;

    #[test]
    fn a_softer_value_has_lines_for_a_file_that_names_the_setting_and_for_one_that_does_not() {
        let setting = crate::catalogue::find("ai_search").unwrap();
        let (from, to) = (Value::Word("block"), Value::Word("disabled"));
        let lines = |want: Option<&Desired>| {
            let known = Known { zone: "a.example", want, live: None, today: jiff::civil::date(2026, 12, 1) };
            change(setting, from, to, known).lines
        };
        let temporary = [
            "temporary:",
            "  - {setting: ai_search, value: disabled, until: 2026-12-08, reason: a customer is stopped}",
        ];
        let standing = ["settings:", "  ai_search: block"];
        let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
        assert_eq!(lines(None), [&["zone: a.example"][..], &standing, &temporary].concat());
        assert_eq!(lines(Some(&want)), [&standing[..], &temporary].concat());
        want.set("ai_search", "block").unwrap();
        assert_eq!(lines(Some(&want)), temporary);
    }
}
