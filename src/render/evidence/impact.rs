//! The effect of a change on requests in one sentence, with the interval of the number or the reason why there is none.

use crate::diff::Row;
use crate::model::{Does, Estimate, Impact, RowImpact, clean, plural};
use crate::plan::ZonePlan;
use crate::render::Page;

/// How many kinds of bots are named.
const MOST_AGENTS: usize = 4;

/// How far the line below a row is indented.
const INDENT: usize = 8;

/// What a row that zones share would have done to requests; `None` if that was not asked for.
pub(in crate::render) fn impact_of(zones: &[&ZonePlan], row: &Row) -> Option<String> {
    impact_text(zones.iter().filter_map(|zone| zone.impact_of(row)))
}

/// The same as a line below the row; empty if that was not asked for.
pub(in crate::render) fn impact_line(zones: &[&ZonePlan], row: &Row, page: Page) -> String {
    let line = |text: String| {
        let text = page.wrap(&text, INDENT, INDENT + 2);
        format!("{:INDENT$}{}\n", "", page.paint.dim(text))
    };
    impact_of(zones, row).map(line).unwrap_or_default()
}

/// The effect of the same change in one zone or several.
pub(super) fn impact_text<'a>(all: impl IntoIterator<Item = &'a RowImpact>) -> Option<String> {
    let (together, unknown) = RowImpact::together(all)?;
    let text = match &together {
        RowImpact::Unknown(why) => format!("no number of requests: {}", clean(&why.text)),
        RowImpact::Counted(impact) => counted(impact),
    };
    Some(match unknown {
        0 => text,
        unknown => format!("{text}; no number for {}", plural(unknown, "more zone")),
    })
}

fn counted(impact: &Impact) -> String {
    let Impact { does, requests, solved, agents, window } = impact;
    let time = window.words();
    if requests.count == 0 {
        return format!("no such request was seen in {time}");
    }
    let mut text = format!("{} {} in {time}", does.phrase(), number(*requests));
    if let Some(solved) = solved.filter(|solved| solved.count > 0) {
        let challenges = match does {
            Does::LetsPass | Does::BlocksChallenged => " of their challenges",
            _ => " challenges",
        };
        text.push_str(&format!("; {solved}{challenges} were solved: probably people"));
    }
    let named = agents.iter().take(MOST_AGENTS);
    let named: Vec<_> = named.map(|agent| format!("{} {}", clean(&agent.name), agent.requests)).collect();
    if !named.is_empty() {
        text.push_str(&format!("; {}", named.join(", ")));
        if agents.len() > named.len() {
            text.push_str(&format!(" and {} more", agents.len() - named.len()));
        }
    }
    text
}

/// A number of requests with its interval.
fn number(requests: Estimate) -> String {
    let noun = if requests.count == 1 { "request" } else { "requests" };
    match requests.is_exact() {
        true => format!("{requests} {noun}"),
        false => format!("about {requests} {noun}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Agent, NoNumber, NoNumberKind, Window};

    fn impact(requests: Estimate, solved: Option<u64>) -> RowImpact {
        let (from, to) = ("2026-11-28T12:00:00Z".parse().unwrap(), "2026-11-29T11:55:00Z".parse().unwrap());
        RowImpact::Counted(Impact {
            does: Does::LetsPass,
            requests,
            solved: solved.map(Estimate::exact),
            agents: vec![Agent { name: "AI Crawler".to_owned(), requests: Estimate::exact(7) }],
            window: Window { from, to },
        })
    }

    #[test]
    fn a_number_has_its_interval_and_what_is_unknown_its_reason() {
        let said = |all: &[RowImpact]| impact_text(all).unwrap_or_default();
        insta::assert_snapshot!(said(&[impact(Estimate::exact(12_431), Some(318))]), @"would have let pass 12,431 requests in 24 h; 318 of their challenges were solved: probably people; AI Crawler 7");
        let sampled = impact(Estimate { count: 900, lower: 850, upper: 960 }, None);
        insta::assert_snapshot!(said(&[sampled]), @"would have let pass about 900 (850 to 960) requests in 24 h; AI Crawler 7");
        insta::assert_snapshot!(said(&[impact(Estimate::exact(0), Some(0))]), @"no such request was seen in 24 h");
        let why = RowImpact::Unknown(NoNumber::new(
            NoNumberKind::NotEntitled,
            "the zone's plan does not include `x`",
        ));
        insta::assert_snapshot!(said(std::slice::from_ref(&why)), @"no number of requests: the zone's plan does not include `x`");
        insta::assert_snapshot!(said(&[why.clone(), impact(Estimate::exact(2), None), why]), @"would have let pass 2 requests in 24 h; AI Crawler 7; no number for 2 more zones");
        assert_eq!(said(&[]), "");
    }
}
