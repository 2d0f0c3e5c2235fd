//! A plan as text: a block for each zone with something to say, or for each group of zones that change alike.

use super::parts::{age, diagnostic, plural, value};
use super::{Paint, clean};
use crate::diff::{Effect, Row, Verdict};
use crate::model::{Diagnostic, Interim, Live, Wanted};
use crate::plan::{Group, Plan, Provenance, Status, Summary, ZonePlan, group};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

/// From how many zones on what they have in common is shown together.
const GROUP_FROM: usize = 12;

/// How many names of a group are shown.
const NAMES_SHOWN: usize = 6;

/// A plan as text.
#[derive(Clone, Copy, Debug)]
pub struct PlanText<'a> {
    plan: &'a Plan,
    paint: Paint,
    detail: bool,
    names: usize,
}

impl<'a> PlanText<'a> {
    /// A view of a plan; with `detail` each zone has its own block, however many there are.
    #[must_use]
    pub fn new(plan: &'a Plan, paint: Paint, detail: bool) -> Self {
        Self { plan, paint, detail, names: name_width(plan) }
    }

    /// How old the live settings are that the plan was made from, where they are those of a snapshot.
    fn snapshot(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Provenance { source, created_at, .. } = self.plan.provenance();
        match (&source.taken_at, source.age(created_at)) {
            (Some(taken_at), Some(old)) => {
                let age = age(old.as_secs().max(0));
                let line =
                    format!("Planned from a snapshot that was {age} old, taken at {}.", clean(taken_at));
                writeln!(f, "{}", self.paint.warn(line))
            }
            _ => Ok(()),
        }
    }

    /// Zones that change alike are shown together, unless there is more to show about one.
    fn grouped(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alike = |zone: &&ZonePlan| zone.status() == Status::Change && !wants_a_look(zone);
        for group in group(self.plan.zones().iter().filter(alike)) {
            match group.zones.as_slice() {
                [zone] => self.zone(f, zone)?,
                _ => self.group(f, &group)?,
            }
        }
        let alone = |zone: &&ZonePlan| zone.status().is_failure() || wants_a_look(zone);
        self.plan.zones().iter().filter(alone).try_for_each(|zone| self.zone(f, zone))?;
        self.unknown(f)
    }

    /// Cloudflare adds a key to all zones at once: it is shown once, and not for each zone.
    fn unknown(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut keys: BTreeMap<&str, usize> = BTreeMap::new();
        for (key, _) in self.plan.zones().iter().filter_map(ZonePlan::live).flat_map(Live::unknown) {
            *keys.entry(key).or_default() += 1;
        }
        for (key, count) in &keys {
            let zones = plural(*count, "zone");
            writeln!(f, "? {}   not known to this version, in {zones} (each with --detail)", clean(key))?;
        }
        if keys.is_empty() { Ok(()) } else { writeln!(f) }
    }

    fn group(&self, f: &mut fmt::Formatter<'_>, group: &Group<'_>) -> fmt::Result {
        let Some(first) = group.zones.first() else { return Ok(()) };
        let header = format!("~ {} ({})", plural(group.zones.len(), "zone"), first.plan);
        writeln!(f, "{}", self.paint.strong(header))?;
        group.changes().try_for_each(|row| self.row(f, row, false))?;
        let names: Vec<_> = group.zones.iter().take(NAMES_SHOWN).map(|zone| zone.zone.as_str()).collect();
        let more = match group.zones.len() - names.len() {
            0 => String::new(),
            more => format!(" and {more} more (all with --detail)"),
        };
        writeln!(f, "      {}{more}", names.join(", "))?;
        writeln!(f)
    }

    fn zone(&self, f: &mut fmt::Formatter<'_>, zone: &ZonePlan) -> fmt::Result {
        self.header(f, zone)?;
        let shown = |row: &&Row| is_shown(row);
        zone.rows().iter().filter(shown).try_for_each(|row| self.row(f, row, true))?;
        for (key, json) in zone.live().into_iter().flat_map(Live::unknown) {
            let line = format!("? {:<width$}{}", clean(key), value(Some(json)), width = self.names);
            writeln!(f, "    {line}   {}", self.paint.dim("not known to this version"))?;
        }
        zone.diagnostics().try_for_each(|message| diagnostic(f, &placed(message, zone), self.paint))?;
        if let Some(protected) = &zone.protected {
            let until = protected.until.map(|until| format!(" until {until}")).unwrap_or_default();
            writeln!(
                f,
                "      {}: {}",
                self.paint.warn(format!("protected{until}")),
                clean(&protected.reason)
            )?;
        }
        if zone.live().is_some() {
            let in_sync = zone.with(Verdict::InSync).filter(|row| !row.stale).count();
            let in_sync = plural(in_sync, "setting");
            let counts = format!("{in_sync} in sync, {} unmanaged", zone.unmanaged().count());
            writeln!(f, "      {}", self.paint.dim(counts))?;
        }
        writeln!(f)
    }

    fn header(&self, f: &mut fmt::Formatter<'_>, zone: &ZonePlan) -> fmt::Result {
        let (symbol, word) = match zone.status() {
            Status::Change => ("~", ""),
            Status::InSync => ("=", "  in sync"),
            Status::Blocked => ("!", "  blocked"),
            Status::Failed => ("!", "  failed"),
        };
        let title = format!("{symbol} {} ({}){word}", zone.zone, zone.plan);
        let padding = " ".repeat(59_usize.saturating_sub(title.chars().count()).max(2));
        let title = if zone.status().is_failure() { self.paint.bad(title) } else { self.paint.strong(title) };
        writeln!(f, "{title}{padding}{}", self.paint.dim(clean(&zone.file)))
    }

    /// One row: what is live, what it would become, and why.
    fn row(&self, f: &mut fmt::Formatter<'_>, row: &Row, with_line: bool) -> fmt::Result {
        let live = row.live.as_ref().map(crate::model::LiveValue::to_json);
        let live = value(live.as_ref());
        let (symbol, values) = match (row.verdict, row.value()) {
            (Verdict::Change | Verdict::Held | Verdict::Blocked | Verdict::Unread, Some(wanted)) => {
                (symbol(row), format!("{live} → {wanted}"))
            }
            (Verdict::Accepted, Some(wanted)) => ('·', format!("{live} (file: {wanted})")),
            (Verdict::Accepted, None) | (Verdict::InSync, _) => ('·', live),
            _ => ('?', live),
        };
        let mut line = format!("    {symbol} {:<width$}{values:<28} ", clean(row.name()), width = self.names);
        line.push_str(&self.why(row));
        let differs = matches!(row.verdict, Verdict::Change | Verdict::Blocked | Verdict::Held);
        if let Some(wanted) = row.wanted.as_ref().filter(|_| differs && !row.stale) {
            line.push_str(&place(wanted, with_line));
        }
        if let Some(origin) = row.origin.filter(|_| with_line) {
            let _ = write!(line, "  {}", origin.word());
        }
        line.push_str(&self.temporary(row));
        writeln!(f, "{}", line.trim_end())
    }

    /// Until when and why a temporary value is wanted.
    fn temporary(&self, row: &Row) -> String {
        let Some(Interim { reason, until, then }) = row.wanted.as_ref().and_then(Wanted::interim) else {
            return String::new();
        };
        let then =
            if row.value() == Some(then.value) { String::new() } else { format!(", then {}", then.value) };
        self.paint.dim(format!("  temporary until {until}{then}: {}", clean(reason)))
    }

    /// What a row does to protection, or why nothing is done.
    fn why(&self, row: &Row) -> String {
        let reason = row.reason.as_deref().map(|reason| clean(&reason.text)).unwrap_or_default();
        match row.verdict {
            Verdict::Change if row.stale => {
                format!("{} stale, left by an earlier plan variant", self.effect(row))
            }
            Verdict::Change | Verdict::Unread | Verdict::InSync => self.effect(row),
            Verdict::Held => format!("{} {}", self.effect(row), self.paint.warn("held")),
            Verdict::Blocked => format!("{} {}", self.effect(row), self.paint.bad("blocked")),
            Verdict::Accepted => {
                let until = row.reason.as_deref().and_then(|reason| reason.until);
                let until = until.map(|until| format!(" until {until}")).unwrap_or_default();
                self.paint.dim(format!("accepted{until}: {reason}"))
            }
            Verdict::CannotClean => {
                self.paint.warn(format!("stale, still acts on traffic; cannot be cleaned: {reason}"))
            }
            Verdict::Unmanaged => {
                self.paint.warn("stale, still acts on traffic; `stale: clean` would clean it")
            }
        }
    }

    fn effect(&self, row: &Row) -> String {
        match row.effect {
            Some(Effect::Tightens) => self.paint.good(format!("{:<9}", "tightens")),
            Some(Effect::Loosens) => self.paint.warn(format!("{:<9}", "loosens")),
            Some(Effect::Neither) | None => format!("{:<9}", ""),
        }
    }

    fn footer(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary {
            change,
            in_sync,
            blocked,
            failed,
            protected,
            held,
            settings,
            stale,
            loosens,
            accepted,
            ..
        } = self.plan.summary();
        write!(f, "Plan: {} to change", plural(change, "zone"))?;
        match (settings, stale) {
            (0, 0) => {}
            (_, 0) => write!(f, " ({})", plural(settings, "setting"))?,
            (_, _) => write!(f, " ({}, {stale} stale)", plural(settings, "setting"))?,
        }
        write!(f, ", {in_sync} in sync, {blocked} blocked, {failed} failed.")?;
        for (count, what) in [(protected, "protected"), (held, "held")] {
            if count > 0 {
                write!(f, " {} {what}.", plural(count, "zone"))?;
            }
        }
        if accepted > 0 {
            write!(f, " {} accepted.", plural(accepted, "deviation"))?;
        }
        match loosens {
            0 => writeln!(f),
            1 => writeln!(f, " {}", self.paint.warn("1 change loosens protection.")),
            _ => writeln!(f, " {}", self.paint.warn(format!("{loosens} changes loosen protection."))),
        }
    }
}

impl fmt::Display for PlanText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zones = self.plan.zones();
        let changing = zones.iter().filter(|zone| zone.status() == Status::Change).count();
        let unknown = zones.iter().filter(|zone| has_unknown(zone)).count();
        if changing.max(unknown) >= GROUP_FROM && !self.detail {
            self.grouped(f)?;
        } else {
            zones.iter().filter(|zone| is_notable(zone)).try_for_each(|zone| self.zone(f, zone))?;
        }
        self.snapshot(f)?;
        self.footer(f)?;
        if self.plan.changing().next().is_some() {
            writeln!(f, "{}", self.paint.dim(format!("Digest: {}", self.plan.digest().short())))?;
        }
        Ok(())
    }
}

/// A message about a zone: of a baseline it names the file, since a line alone would be one of the zone file.
fn placed<'m>(message: &'m Diagnostic, zone: &ZonePlan) -> Cow<'m, Diagnostic> {
    match (&message.file, message.place) {
        (Some(file), Some(place)) if *file != zone.file => {
            let mut named = message.clone();
            named.message = format!("{}   {file}:{}", message.message, place.line);
            named.place = None;
            Cow::Owned(named)
        }
        _ => Cow::Borrowed(message),
    }
}

/// Where a value comes from: the line of the zone file, or of the baseline, which many zones can share, and for one
/// zone the baselines between the two.
fn place(wanted: &Wanted, is_of_one_zone: bool) -> String {
    match (wanted.extended(), wanted.place.line) {
        (Some(extended), line) => {
            let between = extended.via.iter().skip(1).filter(|_| is_of_one_zone);
            let via: String =
                between.map(|step| format!(" via {}:{}", clean(&step.file), step.place.line)).collect();
            format!("  {}:{line}{via}", clean(&extended.file))
        }
        (None, line) if is_of_one_zone => format!("  :{line}"),
        (None, _) => String::new(),
    }
}

fn symbol(row: &Row) -> char {
    match (row.stale, &row.live) {
        (true, _) => '-',
        (false, None) => '+',
        (false, Some(_)) => '~',
    }
}

/// Whether a row is shown: all but what is in sync for good, was not read, or is left alone.
fn is_shown(row: &Row) -> bool {
    match row.verdict {
        Verdict::InSync => row.wanted.as_ref().is_some_and(|wanted| wanted.interim().is_some()),
        Verdict::Unread => false,
        Verdict::Unmanaged => row.stale,
        Verdict::Change | Verdict::Accepted | Verdict::Held | Verdict::Blocked | Verdict::CannotClean => true,
    }
}

/// Whether a zone has more to say than that it is in sync.
fn is_notable(zone: &ZonePlan) -> bool {
    zone.status() != Status::InSync || wants_a_look(zone) || has_unknown(zone)
}

/// Whether there is something to show about a zone besides its changes.
fn wants_a_look(zone: &ZonePlan) -> bool {
    let is_protected = zone.protected.is_some() && zone.status() == Status::Change;
    let has_more = zone.rows().iter().any(|row| is_shown(row) && row.verdict != Verdict::Change);
    is_protected || has_more || zone.diagnostics().next().is_some()
}

fn has_unknown(zone: &ZonePlan) -> bool {
    zone.live().is_some_and(|live| live.unknown().next().is_some())
}

/// The width of the column of names: one for the whole plan, so that its values line up.
fn name_width(plan: &Plan) -> usize {
    let shown = plan.zones().iter().flat_map(ZonePlan::rows).filter(|row| is_shown(row));
    shown.map(|row| row.name().chars().count() + 2).max().map_or(24, |longest| longest.max(24))
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
