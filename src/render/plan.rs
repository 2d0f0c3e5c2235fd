//! A plan as text: a block for each zone with something to say, or for each group of zones that change alike.

use super::parts::{diagnostic, plural, value};
use super::{Paint, clean};
use crate::diff::{Change, ChangeReason, Effect, StaleAction, StaleMember, Waived};
use crate::model::Live;
use crate::plan::{Group, Plan, Status, Summary, ZonePlan, group};
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

    /// Zones that change alike stand together, unless one has more to say than that.
    fn grouped(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for group in group(self.plan.changing().filter(|zone| !wants_a_look(zone))) {
            match group.zones.as_slice() {
                [zone] => self.zone(f, zone)?,
                _ => self.group(f, &group)?,
            }
        }
        let alone = |zone: &&ZonePlan| zone.status().is_failure() || wants_a_look(zone);
        self.plan.zones.iter().filter(alone).try_for_each(|zone| self.zone(f, zone))?;
        self.unknown(f)
    }

    /// Cloudflare adds a key to all zones at once: it is told once, and not for each zone.
    fn unknown(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut keys: BTreeMap<&String, usize> = BTreeMap::new();
        for key in self.plan.zones.iter().filter_map(ZonePlan::seen).flat_map(|live| live.unknown().keys()) {
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
        group.changes().iter().try_for_each(|change| self.change(f, change, false))?;
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
        zone.changes().iter().try_for_each(|change| self.change(f, change, true))?;
        zone.stale.iter().try_for_each(|member| self.stale(f, member))?;
        zone.waived.iter().try_for_each(|waived| self.waived(f, waived))?;
        for (key, json) in zone.seen().into_iter().flat_map(Live::unknown) {
            let line = format!("? {:<width$}{}", clean(key), value(Some(json)), width = self.names);
            writeln!(f, "    {line}   {}", self.paint.dim("not known to this version"))?;
        }
        zone.diagnostics.iter().try_for_each(|message| diagnostic(f, message, self.paint))?;
        if let Some(protected) = &zone.protected {
            let until = protected.until.map(|until| format!(" until {until}")).unwrap_or_default();
            writeln!(
                f,
                "      {}: {}",
                self.paint.warn(format!("protected{until}")),
                clean(&protected.reason)
            )?;
        }
        if zone.seen().is_some() {
            let counts = format!(
                "{} in sync, {} unmanaged",
                plural(zone.in_sync.len(), "setting"),
                zone.unmanaged().len()
            );
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

    fn change(&self, f: &mut fmt::Formatter<'_>, change: &Change, with_line: bool) -> fmt::Result {
        let symbol = match (change.reason(), change.before()) {
            (ChangeReason::Stale, _) => "-",
            (ChangeReason::Declared, None) => "+",
            (ChangeReason::Declared, Some(_)) => "~",
        };
        let values = format!("{} → {}", value(change.before()), change.after());
        let effect = match change.effect() {
            Effect::Tightens => self.paint.good(format!("{:<9}", "tightens")),
            Effect::Loosens => self.paint.warn(format!("{:<9}", "loosens")),
            Effect::Neither => format!("{:<9}", ""),
        };
        let mut line =
            format!("    {symbol} {:<width$}{values:<29}{effect}", change.setting().name, width = self.names);
        match (change.reason(), change.place()) {
            (ChangeReason::Stale, _) => line.push_str(" stale, left by an earlier plan variant"),
            (ChangeReason::Declared, Some(place)) if with_line => {
                let _ = write!(line, "  :{}", place.line);
            }
            (ChangeReason::Declared, _) => {}
        }
        if let Some(origin) = change.origin().filter(|_| with_line) {
            let _ = write!(line, "  {}", origin.word());
        }
        writeln!(f, "{}", line.trim_end())
    }

    fn stale(&self, f: &mut fmt::Formatter<'_>, member: &StaleMember) -> fmt::Result {
        let why = match member.action {
            StaleAction::Clean => return Ok(()),
            StaleAction::Report => "stale, still acts on traffic; `stale: clean` would clean it",
            StaleAction::Accept => "stale, accepted for now",
        };
        let name = clean(&member.setting);
        let live = value(Some(&member.value));
        writeln!(f, "    ? {name:<width$}{live:<29}{}", self.paint.warn(why), width = self.names)
    }

    fn waived(&self, f: &mut fmt::Formatter<'_>, waived: &Waived) -> fmt::Result {
        let Waived { setting, live, wanted, reason, until } = waived;
        let wanted = wanted.map(|wanted| format!(" (file: {wanted})")).unwrap_or_default();
        let values = format!("{}{wanted}", value(live.as_ref()));
        let why = format!("accepted until {until}: {}", clean(reason));
        writeln!(f, "    · {:<width$}{values:<29}{}", setting.name, self.paint.dim(why), width = self.names)
    }

    fn footer(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary {
            zones: _,
            change,
            in_sync,
            blocked,
            failed,
            settings,
            stale,
            tightens: _,
            loosens,
            waived,
        } = self.plan.summary();
        write!(f, "Plan: {} to change", plural(change, "zone"))?;
        match (settings, stale) {
            (0, 0) => {}
            (_, 0) => write!(f, " ({})", plural(settings, "setting"))?,
            (_, _) => write!(f, " ({}, {stale} stale)", plural(settings, "setting"))?,
        }
        write!(f, ", {in_sync} in sync, {blocked} blocked, {failed} failed.")?;
        if waived > 0 {
            write!(f, " {} accepted.", plural(waived, "deviation"))?;
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
        let changing = self.plan.changing().count();
        let unknown = self.plan.zones.iter().filter(|zone| has_unknown(zone)).count();
        if changing.max(unknown) >= GROUP_FROM && !self.detail {
            self.grouped(f)?;
        } else {
            self.plan.zones.iter().filter(|zone| speaks(zone)).try_for_each(|zone| self.zone(f, zone))?;
        }
        self.footer(f)?;
        if changing > 0 {
            writeln!(f, "{}", self.paint.dim(format!("Digest: {}", self.plan.digest().short())))?;
        }
        Ok(())
    }
}

/// Whether a zone has more to say than that it is in sync.
fn speaks(zone: &ZonePlan) -> bool {
    zone.status() != Status::InSync || wants_a_look(zone) || has_unknown(zone)
}

/// Whether a zone has something of its own to say, beside its changes.
fn wants_a_look(zone: &ZonePlan) -> bool {
    let is_held = zone.protected.is_some() && zone.status() == Status::Change;
    let keeps_stale = zone.stale.iter().any(|member| member.action != StaleAction::Clean);
    is_held || keeps_stale || !zone.waived.is_empty() || !zone.diagnostics.is_empty()
}

fn has_unknown(zone: &ZonePlan) -> bool {
    zone.seen().is_some_and(|live| !live.unknown().is_empty())
}

/// The width of the column of names: one for the whole plan, so that its values stand in line.
fn name_width(plan: &Plan) -> usize {
    let changed = plan.changing().flat_map(ZonePlan::changes).map(|change| change.setting().name.len());
    changed.max().map_or(24, |longest| (longest + 2).max(24))
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
