//! What the zone files say now about the zones of a plan that was made earlier: a zone that has been protected since is
//! not written, wherever its file went, nor is one whose file cannot be checked.

use super::{Plan, Protected, ZonePlan};
use crate::model::{Desired, Diagnostic, DiagnosticKind, Message, Part, ZoneName};
use jiff::civil::Date;
use std::collections::BTreeMap;

type ByName = BTreeMap<ZoneName, Vec<Desired>>;

/// What the zone files say now.
///
/// ```
/// use botform::config::Loader;
/// use botform::Disk;
/// use botform::plan::FilesNow;
/// use std::path::{Path, PathBuf};
///
/// let today = jiff::civil::date(2026, 11, 23);
/// let loaded = Loader::new(&Disk, Path::new(".")).load(&[PathBuf::from("examples/zones")]);
/// let now = FilesNow::new(loaded.zones, loaded.others, loaded.problems, today);
/// ```
#[derive(Clone, Debug)]
pub struct FilesNow {
    /// The zones of the files that the plan was made from, or would be made from in this folder.
    near: ByName,
    /// The zones of the project's other files.
    others: ByName,
    /// The files that cannot be read or checked, with the first error of each.
    broken: BTreeMap<String, String>,
    today: Date,
}

/// What happens to a zone that no file names now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missing {
    /// It is not written.
    Blocks,
    /// It is only reported: the commit that made the zone managed may be the one that is undone.
    IsSaid,
}

impl FilesNow {
    /// The zones of the files that a plan was made from, those of the project's other files, and the problems of both,
    /// on a day (UTC).
    #[must_use]
    pub fn new(near: Vec<Desired>, others: Vec<Desired>, problems: Vec<Diagnostic>, today: Date) -> Self {
        let mut broken = BTreeMap::new();
        for problem in problems.into_iter().filter(Diagnostic::is_error) {
            if let Some(file) = problem.file {
                broken.entry(file).or_insert(problem.message.to_string());
            }
        }
        Self { near: by_name(near), others: by_name(others), broken, today }
    }

    /// Blocks the zones that their files protect now, except those that the plan unprotects, so that the plan shows it.
    pub fn block(&self, plan: &mut Plan) {
        let (lifted, missing) = (plan.provenance().overrides.unprotect.clone(), Missing::of(plan));
        plan.block(|zone| self.stop(zone, &lifted, missing));
        if missing == Missing::IsSaid {
            plan.note(|zone| {
                let is_unseen = is_judged(zone, &lifted) && self.files_of(zone).is_empty();
                let note = || Diagnostic::note(unseen(zone)).kind(DiagnosticKind::Guard);
                is_unseen.then(note).into_iter().collect()
            });
        }
    }

    /// The zones of a plan that may not be written now, by their index, with the reason.
    pub(crate) fn stopped(&self, plan: &Plan) -> impl Iterator<Item = (usize, Diagnostic)> {
        let (lifted, missing) = (&plan.provenance().overrides.unprotect, Missing::of(plan));
        let zones = plan.zones().iter().enumerate();
        zones.filter_map(move |(index, zone)| Some((index, self.stop(zone, lifted, missing)?)))
    }

    fn stop(&self, zone: &ZonePlan, lifted: &[String], missing: Missing) -> Option<Diagnostic> {
        if is_judged(zone, lifted) { self.protection(zone, missing) } else { None }
    }

    /// Why a zone may not be written now.
    fn protection(&self, zone: &ZonePlan, missing: Missing) -> Option<Diagnostic> {
        let files = self.files_of(zone);
        let protects =
            |now: &&Desired| Protected::of(now, self.today).map(|why| (now.path().to_owned(), why));
        let own = zone.file.as_ref().and_then(|file| self.broken.get_key_value(file));
        // If no file names the zone, any file that cannot be checked may be the one that protects it.
        let broken = own.or_else(|| self.broken.first_key_value().filter(|_| files.is_empty()));
        let (message, hint) = if let Some((file, why)) = files.iter().find_map(protects) {
            let until = why.until.map(|until| format!(" until {until}")).unwrap_or_default();
            let message = Message::default()
                .with(Part::File(file))
                .text(format!(" protects the zone now{until}: {}", why.reason));
            let hint = match missing {
                Missing::Blocks => "wait until the protection ends, or plan again with `--unprotect`",
                Missing::IsSaid => "wait until the protection ends, or lift it with `--unprotect`",
            };
            (message, hint)
        } else if let Some((file, error)) = broken {
            let message = Message::default()
                .with(Part::File(file.clone()))
                .text(format!(" cannot be checked now, so the zone counts as protected: {error}"));
            (message, "repair the file and run `plan` again; `--unprotect` writes the zone anyway")
        } else if missing == Missing::Blocks && files.is_empty() {
            (unseen(zone), "apply the plan in the folder where it was made, or run `plan` again")
        } else {
            return None;
        };
        Some(Diagnostic::error(message).kind(DiagnosticKind::Guard).hint(hint))
    }

    /// The valid files of a zone: those that the plan was made from, or else those elsewhere in the project.
    fn files_of(&self, zone: &ZonePlan) -> Vec<&Desired> {
        let [near, others] = [&self.near, &self.others].map(|files| -> Vec<_> {
            let named = files.get(&zone.zone).into_iter().flatten();
            named.filter(|now| zone.is_of(now)).collect()
        });
        if near.is_empty() { others } else { near }
    }
}

impl Missing {
    /// A saved plan was made from files. One made in this run without files, such as an undo, does not need them.
    fn of(plan: &Plan) -> Self {
        if plan.is_saved() { Self::Blocks } else { Self::IsSaid }
    }
}

fn is_judged(zone: &ZonePlan, lifted: &[String]) -> bool {
    zone.is_written() && !lifted.iter().any(|called| zone.identity().is_called(called))
}

fn by_name(zones: Vec<Desired>) -> ByName {
    let mut by_name = ByName::new();
    for zone in zones {
        by_name.entry(zone.zone.clone()).or_default().push(zone);
    }
    by_name
}

fn unseen(zone: &ZonePlan) -> Message {
    Message::from("no file of ")
        .zone(zone.zone.as_str())
        .text(" is found now, so whether the zone is protected is not known")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Variant;
    use crate::diff::Context;
    use crate::model::Live;
    use crate::plan::Provenance;

    #[test]
    fn only_an_error_in_its_own_file_or_in_one_that_may_be_its_own_stops_a_zone() {
        let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
        want.file = Some("zones/a.yaml".to_owned());
        want.set("ai_search", "block").unwrap();
        let live = Live::read([("ai_search".to_owned(), "disabled".into())].into_iter().collect());
        let today = Date::default();
        let zone = ZonePlan::build(&want, "0".repeat(32).try_into().unwrap(), live, &Context::of_day(today));
        let plan = Plan::build(Provenance::default(), vec![zone]);
        let error = |file: &str| Diagnostic::of_file(file, "no");
        let warning = error("zones/a.yaml").severity(crate::model::Severity::Warning);
        for (files, problem, is_stopped) in [
            (vec![want.clone()], error("zones/a.yaml"), true),
            (vec![want.clone()], warning, false),
            (vec![want], error("zones/b.yaml"), false),
            (Vec::new(), error("zones/b.yaml"), true),
        ] {
            let now = FilesNow::new(files, Vec::new(), vec![problem.clone()], today);
            assert_eq!(now.stopped(&plan).count(), usize::from(is_stopped), "{problem:?}");
        }
    }

    #[test]
    fn protection_is_lifted_of_the_zones_that_are_named_alone() {
        let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
        want.set("ai_search", "block").unwrap();
        let live = Live::read([("ai_search".to_owned(), "disabled".into())].into_iter().collect());
        let id = "0".repeat(32).try_into().unwrap();
        let zone = ZonePlan::build(&want, id, live, &Context::of_day(Date::default()));
        let judged = |lifted: &[&str]| {
            is_judged(&zone, &lifted.iter().map(|called| (*called).to_owned()).collect::<Vec<_>>())
        };
        assert!(judged(&[]) && judged(&["b.example"]) && !judged(&["b.example", "A.example"]));
    }
}
