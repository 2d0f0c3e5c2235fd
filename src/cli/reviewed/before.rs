//! What the zone files wanted at an earlier time: those of today's zones, and those that were deleted since.

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

/// What the zone files wanted before; empty if the run compares with nothing.
#[derive(Debug, Default)]
pub(crate) struct Before {
    /// What was wanted of each zone, by the zone's label.
    pub(crate) earlier: BTreeMap<String, Earlier>,
    /// The zones that were managed and whose files were deleted.
    pub(crate) gone: Vec<Desired>,
    /// The record, if the revision is one.
    pub(crate) recorded: Option<Recorded>,
    /// The revision, if HEAD is older than it.
    pub(crate) older_than: Option<String>,
    /// The rules at that time.
    pub(crate) rules: Rules,
}

impl Before {
    /// From what was wanted of today's zones.
    pub(super) fn of<'z>(
        since: &Arc<str>,
        zones: impl Iterator<Item = (&'z Desired, EarlierWanted)>,
    ) -> Self {
        let earlier =
            zones.map(|(zone, wanted)| (zone.identity().label(), Earlier::new(Arc::clone(since), wanted)));
        Self { earlier: earlier.collect(), ..Self::default() }
    }

    /// Adds the selected zones that had a file then and have none today.
    pub(super) fn with_gone(
        mut self,
        since: &Arc<str>,
        args: &Args,
        today: &[Desired],
        then: impl Iterator<Item = (Desired, Values)>,
    ) -> Self {
        // A file may have been moved or renamed since: zones are matched by identity, not by path.
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
            // A file that managed nothing leaves nothing behind that could need attention.
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

/// Notes in a zone's plan that its file was deleted. False if the zone cannot be read: then it is left out of the plan,
/// since nothing is wanted of it.
pub(crate) fn leaves(zone: &mut ZonePlan) -> bool {
    if zone.live().is_none() {
        let (file, name) = (zone.path(), &zone.zone);
        say(Level::Note, format!("{file} was deleted; {name}, which is no longer managed, cannot be read"));
        return false;
    }
    let gone = Diagnostic::note(format!("{} was deleted", zone.path())).kind(DiagnosticKind::LeftManagement);
    // First, since it explains every row below: nothing is managed there any more.
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
