//! What a reviewer must see of a plan, as sentences.

use super::Page;
use super::parts::age;
use crate::model::{clean, plural, some_of};
use crate::plan::{Break, ByLog, Left, MovedSince, SourceKind, TakenOver, Weakened};
use crate::report::{Made, Report, Seen, Sides};
use jiff::civil::Date;

/// A sentence for each that the headline does not say.
pub(super) fn sentences(report: &Report<'_>) -> Vec<String> {
    besides_headline(report).map(|seen| sentence(&seen)).collect()
}

/// What stands below a headline, which counts what shuts out search engines and what loosens.
pub(super) fn besides_headline<'a>(report: &Report<'a>) -> impl Iterator<Item = Seen<'a>> {
    report.seen().into_iter().filter(|seen| !matches!(seen, Seen::ShutsOut(_) | Seen::Loosens(_)))
}

/// What is said.
pub(super) fn sentence(seen: &Seen<'_>) -> String {
    match *seen {
        Seen::Weakened(same) => format!("Weakened: {}.", weakened(same)),
        Seen::Made(made) => self::made(made, |text| clean(text).into_owned()),
        Seen::Since(since, sides) => compared(&clean(since), sides),
        Seen::Unreported(1) => "1 setting is not reported by GET, and sent each time.".to_owned(),
        Seen::Unreported(count) => {
            format!("{count} settings are not reported by GET, and sent each time.")
        }
        Seen::Protected(1) => "1 zone is protected, and its changes are not written.".to_owned(),
        Seen::Protected(count) => format!("{count} zones are protected, and their changes are not written."),
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
            "Not complete: {} taken over from earlier snapshots, the first of them read at {oldest}.",
            plural(zones, "zone")
        ),
        Seen::Part(shard) => format!("Not complete: this is shard {shard}; `merge` makes one plan of all."),
        Seen::OnlyChanged(revision) => format!(
            "Not complete: only zones for which the files want something else than at {}; what moved elsewhere was not looked at.",
            clean(revision)
        ),
        Seen::Left(left) => self::left(left),
        Seen::Snapshot(taken_at, old) => {
            let age = age(old.as_secs().max(0));
            format!("Planned from a snapshot that was {age} old, taken at {taken_at}.")
        }
    }
}

/// What a run did not come to in its time.
fn left(left: &Left) -> String {
    let Left { time_budget, zones, never_read, oldest } = left;
    let when = match (never_read, oldest) {
        (None, _) => "zones are taken by name where no `--moved-since` says when each was read".to_owned(),
        (Some(0), Some(oldest)) => format!("the first of them was last read at {oldest}"),
        (Some(never), None) => format!("{never} of them were never read"),
        (Some(never), Some(oldest)) => {
            format!("{never} of them were never read, and the first of the others was last read at {oldest}")
        }
    };
    let (zones, budget) = (plural(*zones, "zone"), clean(time_budget));
    format!("Not complete: {zones} left when the time budget of {budget} was over; {when}.")
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
        // A kind that this version does not know yet is one of live zones too.
        _ => format!(", from the live zones at {}", quote(api)),
    };
    let commit = commit.map(|commit| format!(" on commit {}", quote(&short_commit(commit))));
    format!("Made {at}{}{from}.", commit.unwrap_or_default())
}

/// As many digits of a commit as people read.
fn short_commit(commit: &str) -> String {
    commit.chars().take(12).collect()
}

/// With what a plan was compared, and which side moved.
pub(super) fn compared(since: &str, sides: Sides) -> String {
    let Sides { live, file, both } = sides;
    let sides = [(live, "live moved"), (file, "the file moved"), (both, "both moved")].into_iter();
    let sides = sides
        .filter(|(count, _)| *count > 0)
        .map(|(count, who)| format!("{who} {}", plural(count, "setting")));
    match sides.collect::<Vec<_>>() {
        sides if sides.is_empty() => format!("Compared with {since}."),
        sides => format!("Compared with {since}: {}.", sides.join(", ")),
    }
}

/// What is not as in an earlier snapshot. That nothing differs is said too, and what could not be compared.
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

/// What was read again where the audit log told which zones were written, and why.
fn read_again(by_log: ByLog) -> String {
    let ByLog { written, file, new, turn, no_log, taken_over } = by_log;
    let reasons = [
        (written, "with a write in the audit log"),
        (file, "with another file"),
        (new, "new, unread then, or on another plan"),
        (no_log, "without an audit log"),
        (turn, "in turn"),
    ];
    let reasons: Vec<_> =
        reasons.iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count} {why}")).collect();
    let why = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    format!("{} read again{why}, {taken_over} taken over.", plural(by_log.read(), "zone"))
}

/// The rules that are softer, as the first lines of a text: they let the rest pass.
pub fn weakened_text(report: &Report<'_>, page: Page) -> String {
    softer(report.seen(), page)
}

/// Those of all that is to be seen.
pub(super) fn softer(seen: Vec<Seen<'_>>, page: Page) -> String {
    let lines = seen.into_iter().filter_map(|seen| match seen {
        Seen::Weakened(same) => Some(page.wrap(&format!("! weakened: {}", weakened(same)), 0, 4)),
        _ => None,
    });
    let lines: String = lines.map(|line| format!("{}\n", page.paint.warn(line))).collect();
    if lines.is_empty() { lines } else { lines + "\n" }
}

/// How many zones, and how many places that break a rule as it was, are named.
const NAMES: usize = 5;

/// A rule that is softer, in one zone or the same in several: what it was, where it stands, and what passes by it now.
pub(super) fn weakened(same: &[Weakened]) -> String {
    let first = same.first().filter(|_| same.len() == 1);
    weakened_at(same, &first.map(|first| placed(first.file.as_deref(), first.line)).unwrap_or_default())
}

/// The same for formats that show the place apart.
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

/// A place that breaks a rule as it was.
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
