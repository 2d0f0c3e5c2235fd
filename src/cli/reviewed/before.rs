//! What the zone files said before: those of today's zones, and those that are gone.

use super::record::Recorded;
use super::rules::Rules;
use super::tree::Values;
use crate::cli::args::Zones as Args;
use crate::cli::output::{Level, say};
use crate::diff::{Earlier, EarlierWanted};
use crate::model::{Desired, Diagnostic, DiagnosticKind};
use crate::plan::ZonePlan;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What the zone files said before; empty if that was not asked for.
#[derive(Debug, Default)]
pub(crate) struct Before {
    /// What was said about each zone, by the label of the zone.
    pub(crate) earlier: BTreeMap<String, Earlier>,
    /// The zones of which something was managed and whose files are gone.
    pub(crate) gone: Vec<Desired>,
    /// The record, where the revision is one.
    pub(crate) recorded: Option<Recorded>,
    /// The revision, where HEAD is older than it.
    pub(crate) older_than: Option<String>,
    /// The rules that held then.
    pub(crate) rules: Rules,
}

impl Before {
    /// Notes what was said about today's zones.
    pub(super) fn of<'z>(
        since: &Arc<str>,
        zones: impl Iterator<Item = (&'z Desired, EarlierWanted)>,
    ) -> Self {
        let earlier =
            zones.map(|(zone, wanted)| (zone.identity().label(), Earlier::new(Arc::clone(since), wanted)));
        Self { earlier: earlier.collect(), ..Self::default() }
    }

    /// Adds those zones that had a file then, are selected, and have none of today's.
    pub(super) fn with_gone(
        mut self,
        since: &Arc<str>,
        args: &Args,
        today: &[Desired],
        then: impl Iterator<Item = (Desired, Values)>,
    ) -> Self {
        let mut by_name: HashMap<&str, Vec<&Desired>> = HashMap::new();
        for zone in today {
            by_name.entry(zone.zone.as_str()).or_default().push(zone);
        }
        for (zone, values) in then {
            let name = zone.zone.as_str();
            let is_selected = args.selected.selects(zone.identity().into());
            let is_there = by_name
                .get(name)
                .is_some_and(|zones| zones.iter().any(|other| other.identity().may_be(zone.identity())));
            let label = zone.identity().label();
            if values.is_empty() || !is_selected || is_there || self.earlier.contains_key(&label) {
                continue;
            }
            let wanted = EarlierWanted::Known(values);
            self.earlier.insert(label, Earlier::new(Arc::clone(since), wanted));
            self.gone.push(zone);
        }
        self
    }
}

/// Says in the plan of a zone that its file is gone. A zone that cannot be read any more is no part of the plan, since
/// nothing is wanted of it: false.
pub(crate) fn leaves(zone: &mut ZonePlan) -> bool {
    if zone.live().is_none() {
        let (file, name) = (&zone.file, &zone.zone);
        say(Level::Note, format!("{file} is gone, and {name}, which is no longer managed, cannot be read"));
        return false;
    }
    let gone = Diagnostic::note(format!("{} is gone", zone.file)).kind(DiagnosticKind::LeftManagement);
    zone.notes.insert(0, gone);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Variant, find};
    use clap::{Args as _, FromArgMatches as _};

    #[test]
    fn a_zone_whose_file_is_gone_is_not_its_namesake_of_another_account() {
        let matches = Args::augment_args(clap::Command::new("plan")).get_matches_from(["plan"]);
        let args = Args::from_arg_matches(&matches).unwrap();
        let zone = |account: &str| {
            let mut zone = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
            zone.account_id = Some(account.repeat(32).try_into().unwrap());
            zone
        };
        let setting = find("ai_search").unwrap();
        let gone = |account: &str| {
            let values: Values = [(setting, setting.word("block").unwrap().into())].into();
            let then = std::iter::once((zone(account), values));
            Before::default().with_gone(&"HEAD".into(), &args, &[zone("a")], then).gone.len()
        };
        assert_eq!((gone("a"), gone("b")), (0, 1));
    }
}
