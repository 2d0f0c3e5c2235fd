//! The block of a zone: its title, a line for each row, its messages. Zones that say the same share a block.

use crate::catalogue::{Caution, Harm};
use crate::diff::{Effect, Row, Verdict, VerdictKind};
use crate::model::{Diagnostic, Live, LiveValue, Wanted, When, clean, plural};
use crate::plan::{Plan, Protected, Status, ZonePlan};
use crate::render::Paint;
use crate::render::evidence::impact_line;
use crate::render::layout::{Columns, Detail, Line, Page, Span, cells};
use crate::render::parts::{message, named, value};
use crate::render::said::{accepted, before_and_now, temporary, who, who_moved};
use crate::report::{MessageKey, RowKey, in_common};
use std::borrow::Cow;

/// The column of the file, if the title leaves room.
const FILE_COLUMN: usize = 59;

/// Whether a zone has more to say than that it is in sync.
pub(super) fn is_notable(zone: &ZonePlan) -> bool {
    is_loud(zone) || zone.live().is_some_and(|live| live.unknown().next().is_some())
}

/// The same, without keys that this version does not know.
pub(super) fn is_loud(zone: &ZonePlan) -> bool {
    let has_row = zone.rows().iter().any(is_shown);
    zone.status() != Status::InSync || has_row || zone.diagnostics().next().is_some()
}

/// Whether a row is shown: all except those in sync for good, unread or unmanaged.
pub(super) fn is_shown(row: &Row) -> bool {
    match row.verdict.kind() {
        VerdictKind::InSync => row.wanted.as_ref().is_some_and(|wanted| wanted.interim().is_some()),
        VerdictKind::Unread => false,
        VerdictKind::Unmanaged => row.stale,
        VerdictKind::Change
        | VerdictKind::ChangedOutside
        | VerdictKind::Accepted
        | VerdictKind::Held
        | VerdictKind::Unapproved
        | VerdictKind::Blocked
        | VerdictKind::CannotClean => true,
    }
}

/// The rows of a zone that are shown.
fn shown(zone: &ZonePlan, detail: Detail) -> Vec<Row> {
    match detail {
        Detail::Notable => zone.rows().iter().filter(|row| is_shown(row)).cloned().collect(),
        Detail::All => zone.all_rows(),
    }
}

/// How many zones a block stands for: only that of one zone shows places in its file, and who moved it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    OfOne,
    OfMany,
}

impl Block {
    pub(super) fn of(zones: usize) -> Self {
        if zones == 1 { Self::OfOne } else { Self::OfMany }
    }
}

/// The lines of a zone. If it stands alone, they show the places in its file.
pub(super) fn lines(zone: &ZonePlan, of: Block, detail: Detail) -> Vec<Line> {
    let mut lines: Vec<_> = shown(zone, detail).iter().map(|row| line(row, of)).collect();
    if of == Block::OfOne {
        lines.extend(zone.live().into_iter().flat_map(Live::unknown).map(|(key, json)| Line {
            symbol: '?',
            name: named(key),
            values: value(Some(json)),
            effect: None,
            notes: vec![Span::new("not known to this version", Paint::dim)],
        }));
    }
    lines
}

/// One row: what is live, what it would become, and why.
pub(super) fn line(row: &Row, of: Block) -> Line {
    let live = value(row.live.as_ref().map(LiveValue::to_json).as_ref());
    let (symbol, values) = match (&row.verdict, row.value()) {
        (Verdict::Change | Verdict::Held(_) | Verdict::Unapproved(_) | Verdict::Blocked, Some(wanted)) => {
            (symbol(row), format!("{live} → {wanted}"))
        }
        (Verdict::Unread, Some(wanted)) => ('?', format!("(not read) → {wanted}")),
        (Verdict::Accepted(_), Some(wanted)) => ('·', format!("{live} (file: {wanted})")),
        (Verdict::Accepted(_), None) => ('·', live),
        (Verdict::ChangedOutside(_), _) => {
            let (before, now) = before_and_now(row);
            ('*', format!("{before} → {now}"))
        }
        (Verdict::InSync, _) => ('=', live),
        _ if !row.stale => (' ', live),
        _ => ('?', live),
    };
    let effect = match row.verdict {
        Verdict::Change
        | Verdict::ChangedOutside(_)
        | Verdict::Held(_)
        | Verdict::Unapproved(_)
        | Verdict::Blocked => Some(effect(row)),
        Verdict::Unread
        | Verdict::InSync
        | Verdict::Accepted(_)
        | Verdict::CannotClean(_)
        | Verdict::Unmanaged => None,
    };
    let mut notes: Vec<_> = row.cautions().map(caution).collect();
    notes.extend(why(row));
    let wanted = row.wanted.as_ref().filter(|_| effect.is_some() && !row.stale);
    // One span, so that no line breaks between the place and the side that moved.
    let place = wanted.and_then(|wanted| place(wanted, of));
    let moved: Vec<_> =
        place.into_iter().chain(row.origin.map(|origin| who_moved(origin).to_owned())).collect();
    notes.extend((!moved.is_empty()).then(|| Span::plain(moved.join("  "))));
    notes.extend(who(row, if of == Block::OfOne { When::Said } else { When::LeftOut }).map(Span::plain));
    notes.extend(term(row));
    Line { symbol, name: named(row.name()), values, effect, notes }
}

/// Where a value comes from: the line of the zone file, or of a baseline, which many zones can share. A single zone
/// also shows the baselines in between.
fn place(wanted: &Wanted, of: Block) -> Option<String> {
    match (wanted.extended(), wanted.place.line) {
        (Some(extended), line) => {
            let between = extended.via.iter().skip(1).filter(|_| of == Block::OfOne);
            let via: String =
                between.map(|step| format!(" via {}:{}", clean(&step.file), step.place.line)).collect();
            Some(format!("{}:{line}{via}", clean(&extended.file)))
        }
        (None, line) => (of == Block::OfOne).then(|| format!(":{line}")),
    }
}

/// Until when and why a temporary value is wanted.
fn term(row: &Row) -> Option<Span> {
    let interim = row.wanted.as_ref().and_then(Wanted::interim)?;
    Some(Span::new(temporary(row, interim), Paint::dim))
}

fn symbol(row: &Row) -> char {
    match (row.is_clean_up() && row.verdict != Verdict::Blocked, &row.live) {
        (true, _) => '-',
        (false, None) => '+',
        (false, Some(_)) => '~',
    }
}

/// Whom the new value shuts out, or what it breaks.
fn caution(caution: &Caution) -> Span {
    let paint = if caution.harm == Harm::SearchEngines { Paint::warn } else { Paint::dim };
    Span::new(caution.short(), paint)
}

fn effect(row: &Row) -> Span {
    match row.effect {
        Some(Effect::Tightens) => Span::new("tightens", Paint::good),
        Some(Effect::Loosens) => Span::new("loosens", Paint::warn),
        Some(Effect::Neither) | None => Span::plain(""),
    }
}

/// Why a row has its verdict, and what happens to it.
fn why(row: &Row) -> Option<Span> {
    match &row.verdict {
        Verdict::Change if row.is_clean_up() => Some(Span::plain("stale, left by an earlier plan variant")),
        Verdict::Change | Verdict::Unread | Verdict::InSync => None,
        Verdict::ChangedOutside(_) if row.is_stale_kept() => {
            Some(Span::new("changed outside; stale, still acts on traffic", Paint::warn))
        }
        Verdict::ChangedOutside(_) if row.stale => Some(Span::new("changed outside; stale", Paint::warn)),
        Verdict::ChangedOutside(_) => Some(Span::new("changed outside", Paint::warn)),
        Verdict::Held(_) => Some(Span::new("held, not written", Paint::warn)),
        Verdict::Unapproved(_) => Some(Span::new("not approved, not written", Paint::warn)),
        Verdict::Blocked => Some(Span::new("blocked", Paint::bad)),
        Verdict::Accepted(why) => Some(Span::new(accepted(why), Paint::dim)),
        Verdict::CannotClean(why) => Some(Span::new(
            format!("stale, still acts on traffic; cannot be cleaned: {}", clean(why)),
            Paint::warn,
        )),
        Verdict::Unmanaged if row.stale => {
            Some(Span::new("stale, still acts on traffic; `stale: clean` would clean it", Paint::warn))
        }
        Verdict::Unmanaged => Some(Span::new("unmanaged", Paint::dim)),
    }
}

/// The block of zones that say the same, with an empty line at its end.
pub(super) fn block(
    plan: &Plan,
    zones: &[&ZonePlan],
    columns: Columns,
    page: Page,
    detail: Detail,
) -> String {
    let Some(first) = zones.first() else { return String::new() };
    let of = Block::of(zones.len());
    let mut text = title(plan, zones, first, page);
    let rows = shown(first, detail);
    for (index, line) in lines(first, of, detail).iter().enumerate() {
        text.push_str(&columns.show(line, page));
        text.extend(rows.get(index).map(|row| impact_line(zones, row, page)));
    }
    text.push_str(&messages(zones, page));
    if let Some(protected) = first.protected.as_ref().filter(|_| first.live().is_some()) {
        text.push_str(&protection(protected, page));
    }
    if of == Block::OfMany {
        let names = zones.iter().map(|zone| plan.label(zone));
        text.push_str(&format!("{}\n", page.names("", names, 6, " (all with --detail)")));
    } else if first.live().is_some() {
        let in_sync = first.with(VerdictKind::InSync).filter(|row| !row.stale).count();
        let counts =
            format!("{} in sync, {} unmanaged", plural(in_sync, "setting"), first.unmanaged().count());
        text.push_str(&format!("      {}\n", page.paint.dim(counts)));
    }
    text + "\n"
}

/// What zones must have in common to share a block: what is said about them and, if they were read, the plan variant
/// and the protection.
pub(super) fn alike(zone: &ZonePlan) -> impl Ord + use<'_> {
    let rows: Vec<_> = zone.rows().iter().filter(|row| is_shown(row)).map(RowKey::of).collect();
    let messages: Vec<_> = zone.diagnostics().map(MessageKey::of).collect();
    let protected = zone.protected.as_ref().map(|protected| (&protected.reason, protected.until));
    (zone.status(), rows, messages, zone.live().map(|_| (protected, zone.plan)))
}

fn title(plan: &Plan, zones: &[&ZonePlan], first: &ZonePlan, page: Page) -> String {
    let (symbol, word) = match first.status() {
        Status::Change => ("~", ""),
        Status::InSync => ("=", "  in sync"),
        Status::Blocked => ("!", "  blocked"),
        Status::Failed => ("!", "  failed"),
    };
    let (who, file) = match zones {
        [zone] => (plan.label(zone), clean(zone.path())),
        zones => (plural(zones.len(), "zone"), "".into()),
    };
    let variant = first.plan.word();
    let variant =
        if zones.len() == 1 || first.live().is_some() { format!(" ({variant})") } else { String::new() };
    let title = page.wrap(&format!("{symbol} {who}{variant}{word}"), 0, 6);
    let padding = FILE_COLUMN.saturating_sub(cells(&title)).max(2);
    let fits =
        |padding: usize| page.width.is_none_or(|width| cells(&title) + padding + cells(&file) <= width);
    let gap = match () {
        () if file.is_empty() => String::new(),
        () if fits(padding) => " ".repeat(padding),
        () if fits(2) => "  ".to_owned(),
        () => "\n      ".to_owned(),
    };
    let is_failure = first.status().is_failure();
    let title = if is_failure { page.paint.bad(title) } else { page.paint.strong(title) };
    format!("{title}{gap}{}\n", page.paint.dim(file))
}

/// The messages of a single zone, or what the messages of several have in common.
fn messages(zones: &[&ZonePlan], page: Page) -> String {
    if let [zone] = zones {
        return zone.diagnostics().map(|said| message(&placed(said, zone), page)).collect();
    }
    let mut each: Vec<_> = zones.iter().map(|zone| zone.diagnostics()).collect();
    let mut text = String::new();
    while let Some(said) = in_common(&each.iter_mut().filter_map(Iterator::next).collect::<Vec<_>>()) {
        text.push_str(&message(&said, page));
    }
    text
}

/// A message about a zone. If its place is in a baseline it names the file, since a bare line would mean the zone file.
fn placed<'m>(message: &'m Diagnostic, zone: &ZonePlan) -> Cow<'m, Diagnostic> {
    match (&message.file, message.place) {
        (Some(file), Some(place)) if *file != zone.path() => {
            let mut named = message.clone();
            named.message = named.message.text(format!("   {file}:{}", place.line));
            named.place = None;
            Cow::Owned(named)
        }
        _ => Cow::Borrowed(message),
    }
}

/// Why a zone is planned but not written.
pub(super) fn protection(protected: &Protected, page: Page) -> String {
    let until = protected.until.map(|until| format!(" until {until}")).unwrap_or_default();
    let word = format!("not written, protected{until}");
    let reason = page.wrap(&clean(&protected.reason), 8 + cells(&word), 8);
    format!("      {}: {reason}\n", page.paint.warn(word))
}
