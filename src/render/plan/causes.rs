//! A plan of many different zones: each change, stale setting and message once, with the zones it is about. What
//! loosens protection comes first, then what shuts out search engines; failures come last.

use super::zone::{Block, is_shown, line, protection};
use crate::diff::{Row, Verdict};
use crate::model::{Diagnostic, plural};
use crate::plan::{Plan, Protected, Status, ZonePlan};
use crate::render::evidence::impact_line;
use crate::render::layout::{Columns, Page};
use crate::render::parts::message;
use crate::report::{Group, MessageKey, RowKey, group, in_common};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The parts of the text, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Loosening,
    ShutsOut,
    Change,
    Unreported,
    Aside,
    Message,
    Blocked,
    Failed,
}

impl Part {
    fn title(self, zones: usize, page: Page) -> String {
        let zones = plural(zones, "zone");
        match self {
            Self::Loosening => page.paint.warn(format!("~ {zones} to change, with less protection")),
            Self::ShutsOut | Self::Change => page.paint.strong(format!("~ {zones} to change")),
            Self::Unreported => page
                .paint
                .strong(format!("= {zones} with settings that are sent although GET does not report them")),
            Self::Aside => page.paint.strong(format!("= {zones} with settings that are left alone")),
            Self::Message => page.paint.strong(format!("= {zones} with messages")),
            Self::Blocked => page.paint.bad(format!("! {zones}  blocked")),
            Self::Failed => page.paint.bad(format!("! {zones}  failed")),
        }
    }

    /// The part whose title it shares: what shuts out search engines comes first among the changes.
    fn section(self) -> Self {
        if self == Self::ShutsOut { Self::Change } else { self }
    }

    /// The part of a row; `None` if it does not get a line.
    fn of(row: &Row, status: Status) -> Option<Self> {
        match (&row.verdict, status) {
            (Verdict::Change, Status::Change) if row.is_loosening() => Some(Self::Loosening),
            (Verdict::Change, Status::Change | Status::InSync) if row.is_unreported() => {
                Some(Self::Unreported)
            }
            (Verdict::Change, Status::Change) if row.shuts_out() => Some(Self::ShutsOut),
            (Verdict::Change, Status::Change) => Some(Self::Change),
            (Verdict::Blocked, _) => Some(Self::Blocked),
            (Verdict::Change | Verdict::InSync | Verdict::Unread, _) => None,
            (
                Verdict::Held(_)
                | Verdict::Unapproved(_)
                | Verdict::ChangedOutside(_)
                | Verdict::Accepted(_)
                | Verdict::CannotClean(_)
                | Verdict::Unmanaged,
                _,
            ) => Some(Self::Aside),
        }
    }

    /// The part of a zone's messages.
    fn of_messages(status: Status) -> Self {
        match status {
            Status::Failed => Self::Failed,
            Status::Blocked => Self::Blocked,
            Status::Change | Status::InSync => Self::Message,
        }
    }
}

/// One thing that is said about zones.
#[derive(Clone, Copy)]
enum Said<'a> {
    Row(&'a Row),
    Protected(&'a Protected),
    Message(&'a Diagnostic),
}

/// What it says about any zone.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Row(Box<RowKey<'a>>),
    Protected(&'a str, Option<Date>),
    Message(MessageKey),
}

/// A part of the text, and what belongs to it.
type Cause<'a> = (Part, Group<'a, Said<'a>>);

/// The text, in about that many lines at most.
pub(super) fn causes<'a>(
    plan: &Plan,
    zones: impl Iterator<Item = &'a ZonePlan>,
    page: Page,
    most: usize,
) -> String {
    let causes: Vec<Cause<'a>> = group(zones.flat_map(said));
    let lines: Vec<_> = causes
        .iter()
        .filter_map(|(_, cause)| match cause.first()? {
            Said::Row(row) => Some(line(row, Block::OfMany)),
            Said::Protected(_) | Said::Message(_) => None,
        })
        .collect();
    let columns = Columns::of(lines.iter(), page);
    let mut shown: Vec<_> = causes
        .chunk_by(|one, two| one.0.section() == two.0.section())
        .map(|part| Shown::new(plan, part, columns, page))
        .collect();
    share(&mut shown, most);
    shown.into_iter().map(|part| part.text(page)).collect()
}

/// Everything that is said about a zone.
fn said(zone: &ZonePlan) -> impl Iterator<Item = (Part, Key<'_>, Said<'_>, &ZonePlan)> {
    let rows = zone.rows().iter().filter(|row| is_shown(row));
    let rows = rows.filter_map(move |row| {
        Some((Part::of(row, zone.status())?, Key::Row(Box::new(RowKey::of(row))), Said::Row(row), zone))
    });
    let protected = zone.protected.as_ref().filter(|_| zone.has_changes());
    let protected = protected.map(|protected| {
        let key = Key::Protected(&protected.reason, protected.until);
        (Part::Aside, key, Said::Protected(protected), zone)
    });
    let part = Part::of_messages(zone.status());
    let messages = zone
        .diagnostics()
        .map(move |said| (part, Key::Message(MessageKey::of(said)), Said::Message(said), zone));
    rows.chain(protected).chain(messages)
}

/// What is said about all these zones.
fn text(cause: &Group<'_, Said<'_>>, columns: Columns, page: Page) -> String {
    match cause.first() {
        Some(Said::Row(row)) => {
            columns.show(&line(row, Block::OfMany), page) + &impact_line(&cause.zones, row, page)
        }
        Some(Said::Protected(why)) => protection(why, page),
        Some(Said::Message(_)) => {
            let messages = cause.said.iter().filter_map(|said| match said {
                Said::Message(said) => Some(*said),
                Said::Row(_) | Said::Protected(_) => None,
            });
            let said = in_common(&messages.collect::<Vec<_>>());
            said.map(|said| message(&said, page)).unwrap_or_default()
        }
        None => String::new(),
    }
}

/// A part of the text, cut to the available room.
struct Shown {
    title: String,
    causes: Vec<String>,
    most: usize,
}

impl Shown {
    fn new(plan: &Plan, causes: &[Cause<'_>], columns: Columns, page: Page) -> Self {
        let zones = causes.iter().flat_map(|(_, cause)| &cause.zones);
        let zones: BTreeSet<_> = zones.map(|zone| (&zone.zone, &zone.zone_id)).collect();
        let title = causes.first().map(|(part, _)| part.title(zones.len(), page)).unwrap_or_default();
        let causes = causes.iter().map(|(_, cause)| {
            let text = text(cause, columns, page);
            let zones = format!("{}: ", plural(cause.zones.len(), "zone"));
            let names = cause.zones.iter().map(|zone| plan.label(zone));
            format!("{text}{}\n", page.names(&zones, names, 8, ""))
        });
        Self { title, causes: causes.collect(), most: usize::MAX }
    }

    /// The lines of the causes.
    fn lines(&self) -> usize {
        self.causes.iter().map(|cause| cause.lines().count()).sum()
    }

    fn text(&self, page: Page) -> String {
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

/// Shares the room: each part gets a fair share of what is left, and long parts get what short ones leave.
fn share(parts: &mut [Shown], most: usize) {
    let mut by_length: Vec<_> = parts.iter_mut().collect();
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
