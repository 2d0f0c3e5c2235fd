//! What the zone files say now about the zones of a plan that was saved before, or of an undo: a zone that is protected
//! by now is not written, wherever its file went, nor is one whose file cannot be checked.

use crate::cli::output::Files;
use crate::cli::{Failure, environment, inputs};
use crate::config::{self, Loaded, Project};
use crate::files;
use crate::model::{Desired, Diagnostic, DiagnosticKind, ZoneName};
use crate::plan::{Plan, Protected, ZonePlan};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What becomes of a zone that no file names now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// It is not written.
    Blocks,
    /// It is said: an undo also takes back what made the zone managed.
    IsSaid,
}

type ByName = BTreeMap<ZoneName, Vec<Desired>>;

/// What the zone files say now.
pub(crate) struct Now {
    /// The zones of the files that the plan was made from, or would be made from here.
    near: ByName,
    /// The zones of the project's other files.
    others: ByName,
    /// The files that cannot be read or checked, with the first error of each.
    broken: BTreeMap<String, String>,
    today: Date,
}

impl Now {
    /// Looks through recorded files and folders, the default folder, and the folder of the project, whose zone files
    /// are counted for its guards. No output may be one of these files.
    pub(crate) fn look(
        recorded: impl IntoIterator<Item = String>,
        apart: &Files,
        project: &mut Project,
        today: Date,
    ) -> Result<Self, Failure> {
        let current = environment::current_folder()?;
        let folder = inputs::project_folder(project, &current);
        let recorded = recorded.into_iter().chain([inputs::DEFAULT_PATH.to_owned()]);
        let paths: BTreeSet<_> = recorded.map(PathBuf::from).collect();
        // The journal of an undo names a journal where others name a zone file.
        let is_yaml = |path: &Path| path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        let is_meant = |path: &PathBuf| files::is_there(path) && (is_yaml(path) || path.is_dir());
        let paths: Vec<_> = paths.into_iter().filter(is_meant).collect();
        let Loaded { zones, others, problems, .. } = config::load_in(folder.as_deref(), &paths, &current);
        zones.iter().chain(&others).try_for_each(|zone| apart.reads(Path::new(&zone.file)))?;
        project.guards.zone_files = folder.map(|_| zones.len() + others.len());
        let mut broken = BTreeMap::new();
        for problem in problems.into_iter().filter(Diagnostic::is_error) {
            // An empty folder is no file that cannot be read.
            if let Some(file) = problem.file.filter(|file| !current.join(file).is_dir()) {
                broken.entry(file).or_insert(problem.message);
            }
        }
        Ok(Self { near: by_name(zones), others: by_name(others), broken, today })
    }

    /// Blocks the zones that their files protect now, but for those that the plan lifts the protection of.
    pub(crate) fn block(&self, plan: &mut Plan, missing: Missing) {
        let lifted = plan.provenance().overrides.unprotect.clone();
        let is_free = |zone: &ZonePlan| {
            !zone.is_written() || lifted.iter().any(|called| zone.identity().is_called(called))
        };
        plan.block(|zone| if is_free(zone) { None } else { self.protection(zone, missing) });
        if missing == Missing::IsSaid {
            let said = |zone: &ZonePlan| {
                let is_said = !is_free(zone) && self.files_of(zone).is_empty();
                is_said.then(|| Diagnostic::note(unseen(zone)).kind(DiagnosticKind::Guard))
            };
            plan.note(|zone| said(zone).into_iter().collect());
        }
    }

    /// Why a zone may not be written now.
    fn protection(&self, zone: &ZonePlan, missing: Missing) -> Option<Diagnostic> {
        let files = self.files_of(zone);
        let protects = |now: &&Desired| Protected::of(now, self.today).map(|why| (now.file.clone(), why));
        let own = self.broken.get_key_value(&zone.file);
        // Any file that cannot be checked may be that of a zone that no other file names.
        let broken = own.or_else(|| self.broken.first_key_value().filter(|_| files.is_empty()));
        let (message, hint) = if let Some((file, why)) = files.iter().find_map(protects) {
            let until = why.until.map(|until| format!(" until {until}")).unwrap_or_default();
            let message = format!("{file} protects the zone now{until}: {}", why.reason);
            let hint = match missing {
                Missing::Blocks => "wait for the end of the protection, or plan again with `--unprotect`",
                Missing::IsSaid => "wait for the end of the protection, or lift it with `--unprotect`",
            };
            (message, hint)
        } else if let Some((file, error)) = broken {
            let message = format!("{file} cannot be checked now, so that it protects the zone: {error}");
            (message, "repair the file and run `plan` again; `--unprotect` writes the zone all the same")
        } else if missing == Missing::Blocks && files.is_empty() {
            (unseen(zone), "apply the plan in the folder where it was made, or run `plan` again")
        } else {
            return None;
        };
        Some(Diagnostic::error(message).kind(DiagnosticKind::Guard).hint(hint))
    }

    /// The valid files of a zone: those that the plan was made from, or else those that the project has elsewhere.
    fn files_of(&self, zone: &ZonePlan) -> Vec<&Desired> {
        // Two accounts may hold the same name.
        let is_other = |now: &Desired| {
            now.account_id.is_some() && zone.account_id.is_some() && now.account_id != zone.account_id
        };
        let [near, others] = [&self.near, &self.others].map(|files| -> Vec<_> {
            let named = files.get(&zone.zone).into_iter().flatten();
            named.filter(|now| zone.is_of(now) && !is_other(now)).collect()
        });
        if near.is_empty() { others } else { near }
    }
}

fn by_name(zones: Vec<Desired>) -> ByName {
    let mut by_name = ByName::new();
    for zone in zones {
        by_name.entry(zone.zone.clone()).or_default().push(zone);
    }
    by_name
}

fn unseen(zone: &ZonePlan) -> String {
    format!("no file of {} is found now, so that nobody knows whether it is protected", zone.zone)
}
