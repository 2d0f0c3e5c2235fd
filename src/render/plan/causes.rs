//! A plan of many unlike zones: each change, each stale setting and each message once, with the zones it is about.
//! What loosens protection stands first, and failures stand last.

use super::zone::{in_common, is_shown, line, protection};
use crate::diff::{Row, Verdict};
use crate::plan::{Plan, Status, ZonePlan};
use crate::render::Paint;
use crate::render::layout::{Columns, Line, Page};
use crate::render::parts::{message, plural};
use std::collections::{BTreeMap, BTreeSet};

/// The parts of the text, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Loosening,
    Change,
    Unreported,
    Aside,
    Message,
    Blocked,
    Failed,
}

impl Part {
    const ALL: [Self; 7] = [
        Self::Loosening,
        Self::Change,
        Self::Unreported,
        Self::Aside,
        Self::Message,
        Self::Blocked,
        Self::Failed,
    ];

    fn title(self, zones: usize, page: Page) -> String {
        let zones = plural(zones, "zone");
        match self {
            Self::Loosening => page.paint.warn(format!("~ {zones} to change, with less protection")),
            Self::Change => page.paint.strong(format!("~ {zones} to change")),
            Self::Unreported => page
                .paint
                .strong(format!("= {zones} with settings that are sent and that GET does not report")),
            Self::Aside => page.paint.strong(format!("= {zones} with settings that are left alone")),
            Self::Message => page.paint.strong(format!("= {zones} with messages")),
            Self::Blocked => page.paint.bad(format!("! {zones}  blocked")),
            Self::Failed => page.paint.bad(format!("! {zones}  failed")),
        }
    }

    /// What a row is part of; `None` if it is not worth a line of its own.
    fn of(row: &Row, status: Status) -> Option<Self> {
        match (&row.verdict, status) {
            (Verdict::Change, Status::Change) if row.is_loosening() => Some(Self::Loosening),
            (Verdict::Change, Status::Change | Status::InSync) if row.is_unreported() => {
                Some(Self::Unreported)
            }
            (Verdict::Change, Status::Change) => Some(Self::Change),
            (Verdict::Blocked, _) => Some(Self::Blocked),
            (Verdict::Change | Verdict::InSync | Verdict::Unread, _) => None,
            (Verdict::Held(_) | Verdict::Accepted(_) | Verdict::CannotClean(_) | Verdict::Unmanaged, _) => {
                Some(Self::Aside)
            }
        }
    }

    /// What the messages of a zone are part of.
    fn of_messages(status: Status) -> Self {
        match status {
            Status::Failed => Self::Failed,
            Status::Blocked => Self::Blocked,
            Status::Change | Status::InSync => Self::Message,
        }
    }
}

/// One thing that is said of zones.
enum Said {
    Row(Line),
    Text(String),
}

struct Cause<'a> {
    said: Said,
    zones: Vec<&'a ZonePlan>,
}

/// By part, and by what is said.
type Causes<'a> = BTreeMap<(Part, String), Cause<'a>>;

/// The text, in at most that many lines.
pub(super) fn causes<'a>(
    plan: &Plan,
    zones: impl Iterator<Item = &'a ZonePlan>,
    page: Page,
    most: usize,
) -> String {
    let mut causes = Causes::new();
    zones.for_each(|zone| collect(&mut causes, zone, page));
    let rows = causes.values().filter_map(|cause| match &cause.said {
        Said::Row(line) => Some(line),
        Said::Text(_) => None,
    });
    let columns = Columns::of(rows, page);
    let parts = Part::ALL.map(|part| {
        let of_part = causes.iter().filter(|((other, _), _)| *other == part).map(|(_, cause)| cause);
        let mut causes: Vec<_> = of_part.collect();
        // The keys are in order already.
        causes.sort_by_key(|cause| std::cmp::Reverse(cause.zones.len()));
        (part, causes)
    });
    let mut shown: Vec<_> =
        parts.iter().map(|(part, causes)| Shown::new(plan, *part, causes, columns, page)).collect();
    share(&mut shown, most);
    shown.into_iter().map(|part| part.text(page)).collect()
}

fn collect<'a>(causes: &mut Causes<'a>, zone: &'a ZonePlan, page: Page) {
    let mut add = |part, key, said| {
        causes.entry((part, key)).or_insert_with(|| Cause { said, zones: Vec::new() }).zones.push(zone);
    };
    for row in zone.rows().iter().filter(|row| is_shown(row)) {
        let Some(part) = Part::of(row, zone.status()) else { continue };
        let line = line(row, false);
        let key = Columns::default().show(&line, Page::from(Paint::Plain));
        add(part, key, Said::Row(line));
    }
    if let Some(protected) = zone.protected.as_ref().filter(|_| zone.has_changes()) {
        let text = protection(protected, page);
        add(Part::Aside, text.clone(), Said::Text(text));
    }
    for said in zone.diagnostics() {
        let text = message(&in_common(said, zone), page);
        add(Part::of_messages(zone.status()), text.clone(), Said::Text(text));
    }
}

/// A part of the text: as much of it as there is room for.
struct Shown {
    title: String,
    causes: Vec<String>,
    most: usize,
}

impl Shown {
    fn new(plan: &Plan, part: Part, causes: &[&Cause<'_>], columns: Columns, page: Page) -> Self {
        let zones = causes.iter().flat_map(|cause| &cause.zones);
        let zones: BTreeSet<_> = zones.map(|zone| (&zone.zone, &zone.zone_id)).collect();
        let causes = causes.iter().map(|cause| {
            let text = match &cause.said {
                Said::Row(line) => columns.show(line, page),
                Said::Text(text) => text.clone(),
            };
            let zones = format!("{}: ", plural(cause.zones.len(), "zone"));
            let names = cause.zones.iter().map(|zone| plan.label(zone));
            format!("{text}{}\n", page.names(&zones, names, 8, ""))
        });
        Self { title: part.title(zones.len(), page), causes: causes.collect(), most: usize::MAX }
    }

    /// The lines of the causes.
    fn lines(&self) -> usize {
        self.causes.iter().map(|cause| cause.lines().count()).sum()
    }

    fn text(&self, page: Page) -> String {
        if self.causes.is_empty() {
            return String::new();
        }
        let (mut text, mut lines) = (format!("{}\n", self.title), 0);
        for (index, cause) in self.causes.iter().enumerate() {
            lines += cause.lines().count();
            // The first cause is shown, however long it is.
            if index > 0 && lines > self.most {
                let more = self.causes.len() - index;
                let more = format!("… and {more} more (all with --detail)");
                text.push_str(&format!("      {}\n", page.wrap(&more, 6, 6)));
                break;
            }
            text.push_str(cause);
        }
        text + "\n"
    }
}

/// Shares the room out: each part gets a fair share of what is left, the long ones what the short ones do not need.
fn share(parts: &mut [Shown], most: usize) {
    let mut by_length: Vec<_> = parts.iter_mut().filter(|part| !part.causes.is_empty()).collect();
    by_length.sort_by_key(|part| part.lines());
    // A title, a line of what is left out, and an empty line.
    let mut left = most.saturating_sub(3 * by_length.len());
    let mut others = by_length.len();
    for part in by_length {
        part.most = part.lines().min(left / others.max(1));
        left = left.saturating_sub(part.most);
        others -= 1;
    }
}
