//! The result of an apply as text: what happened to the zones, failures last, and the counts.

use super::parts::{message, named, value};
use super::{Detail, Page};
use crate::model::{Finding, FindingKind, Outcome, ZoneOutcome, plural};
use crate::plan::{Plan, ZonePlan};
use crate::report::{Group, OutcomeKey, group, in_common};
use std::fmt;

/// From how many zones on those with the same outcome are grouped.
const GROUP_FROM: usize = 12;

/// How many lines the groups may take; the plan stands above them.
const MOST_LINES: usize = 18;

/// The outcomes of an apply: zones that are not in sync, failures last.
#[derive(Clone, Copy, Debug)]
pub struct OutcomesText<'a> {
    plan: &'a Plan,
    outcomes: &'a [ZoneOutcome],
    page: Page,
    detail: Detail,
    has_zones: bool,
}

/// A zone and its outcome.
type End<'a> = (&'a ZonePlan, &'a ZoneOutcome);

/// Zones with the same outcome.
type Ends<'a> = Group<'a, &'a ZoneOutcome>;

impl<'a> OutcomesText<'a> {
    /// A view of outcomes, in the order of the plan's zones; in full detail each zone is shown, in sync or not.
    #[must_use]
    pub fn new(plan: &'a Plan, outcomes: &'a [ZoneOutcome], page: impl Into<Page>, detail: Detail) -> Self {
        Self { plan, outcomes, page: page.into(), detail, has_zones: true }
    }

    /// Shows only the counts, if one message has explained all zones.
    #[must_use]
    pub fn counts(self) -> Self {
        Self { has_zones: false, ..self }
    }

    fn zone(&self, f: &mut fmt::Formatter<'_>, (zone, end): End<'_>) -> fmt::Result {
        let written = written(&[(zone, end)]);
        self.title(f, end.outcome, &self.plan.label(zone), &written)?;
        f.write_str(&said(&[end], self.page))
    }

    fn title(&self, f: &mut fmt::Formatter<'_>, word: Outcome, who: &str, written: &str) -> fmt::Result {
        let (padded, paint) = (format!("{:<14}", word.text()), self.page.paint);
        let painted = match word {
            Outcome::Applied => paint.good(padded),
            Outcome::InSync | Outcome::NotAttempted => paint.dim(padded),
            Outcome::Unverified | Outcome::Protected | Outcome::Held => paint.warn(padded),
            _ => paint.bad(padded),
        };
        let line = self.page.wrap(&format!("{who}{written}"), 16, 16);
        match line.strip_suffix(written).filter(|_| !written.is_empty()) {
            Some(who) => writeln!(f, "  {painted}{who}{}", paint.dim(written)),
            None => writeln!(f, "  {painted}{line}"),
        }
    }

    /// Zones with the same outcome, as one block.
    fn group(&self, f: &mut fmt::Formatter<'_>, (said, same): (&str, &Ends<'_>)) -> fmt::Result {
        let Some(first) = same.first() else { return Ok(()) };
        let ends: Vec<_> = same.zones.iter().copied().zip(same.said.iter().copied()).collect();
        self.title(f, first.outcome, &plural(ends.len(), "zone"), &written(&ends))?;
        f.write_str(said)?;
        let names = same.zones.iter().map(|zone| self.plan.label(zone));
        writeln!(f, "{}", self.page.names("", names, 6, ""))
    }

    /// The largest groups, and how many zones the others have.
    fn groups(&self, f: &mut fmt::Formatter<'_>, ends: &[End<'a>]) -> fmt::Result {
        let place = |end: &ZoneOutcome| Outcome::ALL.iter().position(|word| *word == end.outcome);
        let groups = group(ends.iter().map(|(zone, end)| (place(end), OutcomeKey::of(end), *end, *zone)));
        let said: Vec<_> = groups.iter().map(|(_, same)| said(&same.said, self.page)).collect();
        let sizes =
            said.iter().zip(&groups).map(|(said, (_, same))| (said.lines().count() + 2, same.zones.len()));
        let shown = fitting(&sizes.collect::<Vec<_>>());
        let mut hidden = 0;
        for ((said, (_, same)), is_shown) in said.iter().zip(&groups).zip(shown) {
            match is_shown {
                true => self.group(f, (said, same))?,
                false => hidden += same.zones.len(),
            }
        }
        match hidden {
            0 => Ok(()),
            more => {
                let more = format!("… and {} with other messages (all with --detail)", plural(more, "zone"));
                writeln!(f, "  {}", self.page.wrap(&more, 2, 4))
            }
        }
    }
}

/// Which groups are shown, of those with that many lines and zones: the largest, as far as there is room.
fn fitting(groups: &[(usize, usize)]) -> Vec<bool> {
    let mut by_size: Vec<_> = groups.iter().enumerate().collect();
    by_size.sort_by_key(|(_, (_, zones))| std::cmp::Reverse(*zones));
    let (mut shown, mut left) = (vec![false; groups.len()], MOST_LINES);
    for (index, (lines, _)) in by_size {
        if *lines <= left || left == MOST_LINES {
            left = left.saturating_sub(*lines);
            if let Some(shown) = shown.get_mut(index) {
                *shown = true;
            }
        }
    }
    shown
}

/// How much was written.
fn written(ends: &[End<'_>]) -> String {
    let applied = ends.iter().filter(|(_, end)| end.outcome == Outcome::Applied);
    match applied.map(|(zone, _)| zone.changes().count()).sum() {
        0 => String::new(),
        settings => format!("   {} written and read back", plural(settings, "setting")),
    }
}

/// The findings and messages of zones with the same outcome.
fn said(ends: &[&ZoneOutcome], page: Page) -> String {
    let Some(first) = ends.first() else { return String::new() };
    let findings = first.findings.iter().map(|member| finding(member, first.outcome, page));
    let messages = first.diagnostics.iter().enumerate().filter_map(|(index, own)| match ends {
        [_] => Some(message(own, page)),
        _ => {
            let each: Vec<_> = ends.iter().filter_map(|end| end.diagnostics.get(index)).collect();
            Some(message(&in_common(&each)?, page))
        }
    });
    findings.chain(messages).collect()
}

fn finding(finding: &Finding, outcome: Outcome, page: Page) -> String {
    let line = format!("{:<24}{}", format!("{} ", named(&finding.setting)), finding_text(finding, outcome));
    format!("      {}\n", page.wrap(&line, 6, 8))
}

/// What the read-back showed of a setting, as a sentence about it.
pub(super) fn finding_text(finding: &Finding, outcome: Outcome) -> String {
    let Finding { setting: _, kind, expected, live } = finding;
    let (expected, live) = (value(expected.as_ref()), value(live.as_ref()));
    match kind {
        FindingKind::NotTaken => format!("was sent as {expected}, but live is still {live}"),
        FindingKind::Kept => format!(
            "stale, was sent as {expected}, but Cloudflare keeps {live}: contact Cloudflare support to have it removed"
        ),
        FindingKind::NotSent => format!("stale at {live}; its clean-up to {expected} was not sent"),
        FindingKind::Moved if outcome == Outcome::Stale => {
            format!("was {expected} when planned and is {live} now")
        }
        FindingKind::Moved => format!("was not sent, but moved from {expected} to {live}"),
        FindingKind::NotReported => {
            format!("was sent as {expected}; GET does not report it, so it cannot be verified")
        }
    }
}

/// How many zones a message about a refused plan names.
const MOST_NAMED: usize = 5;

/// The zones whose outcome refuses the whole plan, one line each, with what moved in them.
#[must_use]
pub fn refused_by(plan: &Plan, outcomes: &[ZoneOutcome]) -> Vec<String> {
    let is_cause = |(_, end): &End<'_>| {
        !end.outcome.is_success() && !matches!(end.outcome, Outcome::NotAttempted | Outcome::Blocked)
    };
    let ends: Vec<End<'_>> = plan.zones().iter().zip(outcomes).filter(is_cause).collect();
    let line = |(zone, end): &End<'_>| {
        let moved = end.findings.iter();
        let moved =
            moved.map(|found| format!("{} {}", named(&found.setting), finding_text(found, end.outcome)));
        let why = || end.diagnostics.iter().map(|why| why.message.to_string()).collect::<Vec<_>>();
        let moved = Some(moved.collect::<Vec<_>>()).filter(|moved| !moved.is_empty()).unwrap_or_else(why);
        format!("{}: {}", plan.label(zone), moved.join("; "))
    };
    let mut lines: Vec<_> = ends.iter().take(MOST_NAMED).map(line).collect();
    let more = ends.len().saturating_sub(MOST_NAMED);
    lines.extend((more > 0).then(|| format!("and {}", plural(more, "other zone"))));
    lines
}

impl<'a> fmt::Display for OutcomesText<'a> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ends = self.plan.zones().iter().zip(self.outcomes);
        let is_shown = |(_, end): &End<'_>| {
            let is_quiet = end.outcome == Outcome::InSync && end.diagnostics.is_empty();
            self.has_zones && (self.detail == Detail::All || !is_quiet)
        };
        let mut ends: Vec<End<'a>> = ends.filter(is_shown).collect();
        ends.sort_by_key(|(_, end)| !end.outcome.is_success());
        if ends.len() < GROUP_FROM || self.detail == Detail::All {
            ends.iter().try_for_each(|end| self.zone(f, *end))?;
        } else {
            self.groups(f, &ends)?;
        }
        if !ends.is_empty() {
            writeln!(f)?;
        }
        writeln!(f, "{}", self.page.wrap(&counts(self.outcomes), 0, 2))
    }
}

/// How many zones had which outcome; unusual outcomes only if there are any.
fn counts(outcomes: &[ZoneOutcome]) -> String {
    let count = |word: &Outcome| outcomes.iter().filter(|outcome| outcome.outcome == *word).count();
    let always =
        [Outcome::Applied, Outcome::InSync, Outcome::Failed, Outcome::Blocked, Outcome::NotAttempted];
    let counts: Vec<_> = Outcome::ALL
        .iter()
        .filter(|word| always.contains(word) || count(word) > 0)
        .map(|word| format!("{} {}", count(word), word.text()))
        .collect();
    format!("Apply: {}.", counts.join(", "))
}
