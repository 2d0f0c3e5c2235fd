//! A plan as text: a block for each zone worth showing; if there are many, one for those that say the same; and if that
//! is still too long, each change and each message once, with the zones that it is about.

use super::causes::causes;
use super::zone::{Block, alike, block, is_loud, is_notable, lines};
use crate::diff::Row;
use crate::model::{Live, plural};
use crate::plan::{Plan, Status, Summary, ZonePlan};
use crate::render::layout::{Columns, Detail, Page};
use crate::render::parts::named;
use crate::render::said::moved_zone;
use crate::render::seen::{sentence, softer};
use crate::report::{Made, Seen, group, seen, to_change};
use std::collections::BTreeMap;
use std::fmt;

/// From how many zones on equal ones are grouped.
const GROUP_FROM: usize = 12;

/// How many lines a plan takes before it is shown by its causes.
const MOST_LINES: usize = 60;

/// How many of these lines are kept for what comes below: unknown keys, the counts and the digest.
const FOOTER_LINES: usize = 9;

/// A plan as text.
#[derive(Clone, Copy, Debug)]
pub struct PlanText<'a> {
    plan: &'a Plan,
    page: Page,
    detail: Detail,
    most: usize,
}

impl<'a> PlanText<'a> {
    /// A view of a plan; in full detail each zone has its own block with all its rows, however many there are.
    #[must_use]
    pub fn new(plan: &'a Plan, page: impl Into<Page>, detail: Detail) -> Self {
        Self { plan, page: page.into(), detail, most: MOST_LINES }
    }

    /// Uses fewer lines, because something else is shown below.
    #[must_use]
    pub fn brief(self) -> Self {
        Self { most: MOST_LINES * 2 / 3, ..self }
    }

    fn body(&self) -> String {
        let zones = self.plan.zones();
        let loosening = |zone: &ZonePlan| !loosens(zone);
        if self.detail == Detail::All {
            return self.blocks(&alone(zones.iter()), Detail::All);
        }
        let notable = || zones.iter().filter(|zone| is_notable(zone));
        if notable().count() < GROUP_FROM {
            let mut few: Vec<_> = notable().collect();
            few.sort_by_key(|zone| loosening(zone));
            return self.blocks(&alone(few), Detail::Notable);
        }
        // A key that Cloudflare adds shows up in all zones at once: it is listed once, below, and makes no zone
        // notable.
        let loud = zones.iter().filter(|zone| is_loud(zone));
        let groups = loud.clone().map(|zone| ((rank(zone.status()), loosening(zone)), alike(zone), (), zone));
        let groups: Vec<_> = group(groups).into_iter().map(|(_, same)| same.zones).collect();
        let body = self.blocks(&groups, Detail::Notable);
        let room = self.most.saturating_sub(FOOTER_LINES);
        let body = if body.lines().count() > room { causes(self.plan, loud, self.page, room) } else { body };
        body + &self.unknown()
    }

    fn blocks(&self, groups: &[Vec<&ZonePlan>], detail: Detail) -> String {
        let shown = groups.iter().filter_map(|zones| Some((zones, *zones.first()?)));
        let lines: Vec<_> =
            shown.flat_map(|(zones, zone)| lines(zone, Block::of(zones.len()), detail)).collect();
        let columns = Columns::of(lines.iter(), self.page);
        groups.iter().map(|zones| block(self.plan, zones, columns, self.page, detail)).collect()
    }

    fn unknown(&self) -> String {
        let mut keys: BTreeMap<&str, usize> = BTreeMap::new();
        for (key, _) in self.plan.zones().iter().filter_map(ZonePlan::live).flat_map(Live::unknown) {
            *keys.entry(key).or_default() += 1;
        }
        let line = |(key, count): (&&str, &usize)| {
            let zones = plural(*count, "zone");
            let line = format!("{}   not known to this version, in {zones} (each with --detail)", named(key));
            format!("? {}\n", self.page.wrap(&line, 2, 4))
        };
        let mut text: String = keys.iter().take(KEYS_SHOWN).map(line).collect();
        if let Some(more) = keys.len().checked_sub(KEYS_SHOWN).filter(|more| *more > 0) {
            text.push_str(&format!("? and {}\n", plural(more, "more key")));
        }
        if text.is_empty() { text } else { text + "\n" }
    }

    /// What happened to zones since an earlier snapshot.
    fn moved(&self) -> String {
        let zones = self.plan.provenance().moved_since.iter().flat_map(|moved| &moved.zones);
        let most = if self.detail == Detail::All { usize::MAX } else { MOVED_SHOWN };
        let line = |moved| format!("* {}\n", self.page.wrap(&moved_zone(moved), 2, 4));
        let mut text: String = zones.clone().take(most).map(line).collect();
        if let Some(more) = zones.count().checked_sub(most).filter(|more| *more > 0) {
            text.push_str(&format!("* and {more} more (all with --detail)\n"));
        }
        if text.is_empty() { text } else { text + "\n" }
    }

    /// When it was made, and on which commit; empty outside of a checkout, where nobody reviews the plan later.
    fn made(&self) -> String {
        let made = Made::of(self.plan);
        if made.commit.is_none() {
            return String::new();
        }
        format!("{}\n", self.page.paint.dim(self.page.wrap(&sentence(&Seen::Made(made)), 0, 2)))
    }

    /// The counts, and what a reviewer must see; what needs attention is coloured.
    fn footer(&self) -> String {
        let Summary { in_sync, blocked, failed, settings, stale, .. } = self.plan.summary();
        let mut text = format!("Plan: {} to change", plural(to_change(self.plan), "zone"));
        match (settings, stale) {
            (0, 0) => {}
            (_, 0) => text.push_str(&format!(" ({})", plural(settings, "setting"))),
            (_, _) => text.push_str(&format!(" ({}, {stale} stale)", plural(settings, "setting"))),
        }
        text.push_str(&format!(", {in_sync} in sync, {blocked} blocked, {failed} failed."));
        match self.plan.provenance().weakened.len() {
            0 => {}
            count => text.push_str(&format!(" {} weakened.", plural(count, "rule"))),
        }
        let (mut loosening, mut snapshot) = (String::new(), String::new());
        for seen in seen(self.plan) {
            match seen {
                // The rules are named above and counted here; when the plan was made is a line of its own.
                Seen::Weakened(_) | Seen::Made(_) => {}
                Seen::Loosens(_) => loosening = sentence(&seen),
                Seen::Snapshot(..) => {
                    let line = self.page.wrap(&sentence(&seen), 0, 2);
                    snapshot = format!("{}\n", self.page.paint.warn(line));
                }
                _ => text.push_str(&format!(" {}", sentence(&seen))),
            }
        }
        // Coloured after wrapping, which counts cells.
        let wrapped = self.page.wrap(&format!("{text} {loosening}"), 0, 2);
        match wrapped.strip_suffix(&loosening).filter(|_| !loosening.is_empty()) {
            Some(text) => format!("{text}{}\n{snapshot}", self.page.paint.warn(loosening)),
            None => format!("{}\n{snapshot}", wrapped.trim_end()),
        }
    }
}

/// How many zones that are new, gone or different are named.
const MOVED_SHOWN: usize = 20;

/// How many unknown keys are shown if there are many zones.
const KEYS_SHOWN: usize = 3;

impl fmt::Display for PlanText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&softer(seen(self.plan), self.page))?;
        f.write_str(&self.body())?;
        f.write_str(&self.moved())?;
        f.write_str(&self.footer())?;
        f.write_str(&self.made())?;
        writeln!(f, "{}", self.page.paint.dim(format!("Digest: {}", self.plan.digest().short())))
    }
}

fn alone<'a>(zones: impl IntoIterator<Item = &'a ZonePlan>) -> Vec<Vec<&'a ZonePlan>> {
    zones.into_iter().map(|zone| vec![zone]).collect()
}

/// Changes come first, and failures last, where a terminal shows them.
fn rank(status: Status) -> u8 {
    match status {
        Status::Change => 0,
        Status::InSync => 1,
        Status::Blocked => 2,
        Status::Failed => 3,
    }
}

fn loosens(zone: &ZonePlan) -> bool {
    zone.has_changes() && zone.rows().iter().any(Row::is_loosening)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
