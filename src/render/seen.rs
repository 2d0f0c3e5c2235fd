//! What a reviewer must see of a plan, in sentences.

use super::Page;
use super::parts::age;
use crate::model::{clean, plural, some_of};
use crate::plan::{Break, ByLog, Left, MovedSince, SourceKind, TakenOver, Weakened};
use crate::report::{Made, Report, Seen, Sides};
use jiff::civil::Date;

/// A sentence for each fact that the headline does not mention.
pub(super) fn sentences(report: &Report<'_>) -> Vec<String> {
    besides_headline(report).map(|seen| sentence(&seen)).collect()
}

/// The facts below a headline, which already counts the changes that shut out search engines or loosen.
pub(super) fn besides_headline<'a>(report: &Report<'a>) -> impl Iterator<Item = Seen<'a>> {
    report.seen().into_iter().filter(|seen| !matches!(seen, Seen::ShutsOut(_) | Seen::Loosens(_)))
}

/// What is said.
pub(super) fn sentence(seen: &Seen<'_>) -> String {
    match *seen {
        Seen::Weakened(same) => format!("Weakened: {}.", weakened(same)),
        Seen::Made(made) => self::made(made, |text| clean(text).into_owned()),
        Seen::Since(since, sides) => compared(&clean(since), sides),
        Seen::Unreported(1) => "1 setting is not reported by GET, so it is sent each time.".to_owned(),
        Seen::Unreported(count) => {
            format!("{count} settings are not reported by GET, so they are sent each time.")
        }
        Seen::Protected(1) => "1 zone is protected, so its changes are not written.".to_owned(),
        Seen::Protected(count) => format!("{count} zones are protected, so their changes are not written."),
        Seen::Held(count) => format!("{} held back.", changes_of(count)),
        Seen::Unapproved(count) => format!("{} not approved.", changes_of(count)),
        Seen::Accepted(count, until) => {
            format!("{} accepted{}.", plural(count, "deviation"), ends(count, until))
        }
        Seen::Temporary(count, until) => {
            format!("{}{}.", plural(count, "temporary value"), ends(count, until))
        }
        Seen::StaleKept(1) => "1 stale setting still acts on traffic.".to_owned(),
        Seen::StaleKept(count) => format!("{count} stale settings still act on traffic."),
        Seen::ShutsOut(1) => "1 change shuts out search engines.".to_owned(),
        Seen::ShutsOut(count) => format!("{count} changes shut out search engines."),
        Seen::Outside(moved, settings) => outside(moved, settings),
        Seen::Loosens(1) => "1 change loosens protection.".to_owned(),
        Seen::Loosens(count) => format!("{count} changes loosen protection."),
        Seen::TakenOver(TakenOver { zones, oldest, .. }) => format!(
            "Incomplete: {} taken over from earlier snapshots, the oldest of them read at {oldest}.",
            plural(zones, "zone")
        ),
        Seen::Part(shard) => {
            format!("Incomplete: this is shard {shard}; `merge` makes one plan of all shards.")
        }
        Seen::OnlyChanged(revision) => format!(
            "Incomplete: only zones whose files want other values than at {}; the others were not checked for drift.",
            clean(revision)
        ),
        Seen::Left(left) => self::left(left),
        Seen::Snapshot(taken_at, old) => {
            let age = age(old.as_secs().max(0));
            format!("Planned from a snapshot that was {age} old, taken at {taken_at}.")
        }
    }
}

/// What a run did not reach in its time.
fn left(left: &Left) -> String {
    let Left { time_budget, zones, never_read, oldest } = left;
    let when = match (never_read, oldest) {
        (None, _) => "without `--moved-since`, zones are taken by name".to_owned(),
        (Some(0), Some(oldest)) => format!("the oldest of them was last read at {oldest}"),
        (Some(never), None) => format!("{never} of them were never read"),
        (Some(never), Some(oldest)) => {
            format!("{never} of them were never read, and the oldest of the others was last read at {oldest}")
        }
    };
    let (zones, budget) = (plural(*zones, "zone"), clean(time_budget));
    format!("Incomplete: {zones} not reached within the time budget of {budget}; {when}.")
}

/// Changes in so many zones, as the subject of a sentence.
fn changes_of(zones: usize) -> String {
    format!("Changes in {} are", plural(zones, "zone"))
}

/// When a plan was made, from what, and with which commit; `quote` makes text from outside harmless.
pub(super) fn made(made: Made<'_>, quote: impl Fn(&str) -> String) -> String {
    let Made { at, commit, from, api } = made;
    let from = match from {
        SourceKind::Snapshot => ", from a snapshot".to_owned(),
        SourceKind::Emulator => ", from an emulator and not from Cloudflare".to_owned(),
        // A kind that is new to this function is a live source too.
        _ => format!(", from the live zones at {}", quote(api)),
    };
    let commit = commit.map(|commit| format!(" on commit {}", quote(&short_commit(commit))));
    format!("Made {at}{}{from}.", commit.unwrap_or_default())
}

/// The first digits of a commit, as people read it.
fn short_commit(commit: &str) -> String {
    commit.chars().take(12).collect()
}

/// What a plan was compared with, and which side moved.
pub(super) fn compared(since: &str, sides: Sides) -> String {
    let Sides { live, file, both } = sides;
    let sides = [(live, "live"), (file, "in the file"), (both, "in both")].into_iter();
    let sides = sides
        .filter(|(count, _)| *count > 0)
        .map(|(count, side)| format!("{} moved {side}", plural(count, "setting")));
    match sides.collect::<Vec<_>>() {
        sides if sides.is_empty() => format!("Compared with {since}."),
        sides => format!("Compared with {since}: {}.", sides.join(", ")),
    }
}

/// What differs from an earlier snapshot, even if nothing does, and how much could not be compared.
fn outside(moved: &MovedSince, settings: usize) -> String {
    let MovedSince { taken_at, compared, not_compared, limited_to, by_log, zones: _ } = moved;
    let what = match (settings, moved.changed().count()) {
        (0, 0) => "Nothing".to_owned(),
        (settings, 0) => plural(settings, "setting"),
        (0, zones) => plural(zones, "zone"),
        (settings, zones) => format!("{} and {}", plural(settings, "setting"), plural(zones, "zone")),
    };
    let not = if *not_compared > 0 { format!(", {not_compared} not compared") } else { String::new() };
    let limited = match limited_to.as_slice() {
        [] => String::new(),
        flags => format!(", limited to {}", clean(&some_of(flags.iter(), NAMES))),
    };
    let again = by_log.map(|by_log| format!(" {}", read_again(by_log))).unwrap_or_default();
    format!(
        "{what} changed outside since {taken_at} ({} compared{not}{limited}).{again}",
        plural(*compared, "zone")
    )
}

/// What was read again, and why, if the audit log chose the zones to read.
fn read_again(by_log: ByLog) -> String {
    let ByLog { written, file, new, turn, no_log, taken_over } = by_log;
    let reasons = [
        (written, "with a write in the audit log"),
        (file, "with a changed file"),
        (new, "new, not read before, or on another plan"),
        (no_log, "without an audit log"),
        (turn, "in rotation"),
    ];
    let reasons: Vec<_> =
        reasons.iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count} {why}")).collect();
    let why = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    format!("{} read again{why}, {taken_over} taken over.", plural(by_log.read(), "zone"))
}

/// The softer rules, as the first lines of a text: they let the rest pass.
pub fn weakened_text(report: &Report<'_>, page: Page) -> String {
    softer(report.seen(), page)
}

/// The softer rules among all facts.
pub(super) fn softer(seen: Vec<Seen<'_>>, page: Page) -> String {
    let lines = seen.into_iter().filter_map(|seen| match seen {
        Seen::Weakened(same) => Some(page.wrap(&format!("! weakened: {}", weakened(same)), 0, 4)),
        _ => None,
    });
    let lines: String = lines.map(|line| format!("{}\n", page.paint.warn(line))).collect();
    if lines.is_empty() { lines } else { lines + "\n" }
}

/// How many zones, and how many places that break the earlier rule, are named.
const NAMES: usize = 5;

/// A softer rule, in one zone or the same in several: what changed, where, and what it lets through now.
pub(super) fn weakened(same: &[Weakened]) -> String {
    let first = same.first().filter(|_| same.len() == 1);
    weakened_at(same, &first.map(|first| placed(first.file.as_deref(), first.line)).unwrap_or_default())
}

/// The same without the place, for formats that show it separately.
pub(super) fn weakened_alone(same: &[Weakened]) -> String {
    weakened_at(same, "")
}

fn weakened_at(same: &[Weakened], at: &str) -> String {
    let Some(first) = same.first() else { return String::new() };
    let zones: Vec<_> = same.iter().filter_map(|one| one.zone.as_deref()).collect();
    let zones = match zones.as_slice() {
        [] => String::new(),
        [zone] => format!(", in {zone}"),
        zones => format!(", in {}: {}", plural(zones.len(), "zone"), some_of(zones.iter(), NAMES)),
    };
    let breaks: Vec<_> = same.iter().flat_map(|one| &one.breaks).map(broken).collect();
    let breaks = match breaks.as_slice() {
        [] => String::new(),
        breaks => format!("; this plan breaks it: {}", some_of(breaks.iter(), NAMES)),
    };
    clean(&format!("{}{zones}{at}{breaks}", first.what)).into_owned()
}

/// A place that breaks the earlier rule.
pub(super) fn broken(one: &Break) -> String {
    let Break { what, zone, file, line } = one;
    let zone = zone.as_ref().map(|zone| format!("{zone}: ")).unwrap_or_default();
    format!("{zone}{what}{}", placed(file.as_deref(), *line))
}

fn placed(file: Option<&str>, line: Option<u32>) -> String {
    let line = line.map(|line| format!(":{line}")).unwrap_or_default();
    file.map(|file| format!(" ({file}{line})")).unwrap_or_default()
}

fn ends(count: usize, until: Date) -> String {
    if count == 1 { format!(" until {until}") } else { format!(", the first until {until}") }
}
