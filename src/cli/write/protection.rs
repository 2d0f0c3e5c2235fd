//! Reads the zone files again: they may have become stricter since a plan was saved or a journal written.

use crate::cli::output::Files;
use crate::cli::{Failure, environment, inputs};
use crate::config::{Loaded, Project};
use crate::files;
use crate::model::Diagnostic;
use crate::plan::FilesNow;
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Reads the recorded files and folders, the default folder, and the folder of the project, whose zone files are
/// counted for its guards. No output may be one of these files.
pub(crate) fn look(
    recorded: impl IntoIterator<Item = String>,
    apart: &Files,
    project: &mut Project,
    today: Date,
) -> Result<FilesNow, Failure> {
    let current = environment::current_folder()?;
    let folder = inputs::project_folder(project, &current);
    let recorded = recorded.into_iter().chain([inputs::DEFAULT_PATH.to_owned()]);
    let paths: BTreeSet<_> = recorded.map(PathBuf::from).collect();
    // The journal of an undo names a journal in the place of a zone file.
    let is_yaml = |path: &Path| path.extension().is_some_and(|end| end == "yaml" || end == "yml");
    let is_meant = |path: &PathBuf| files::is_there(path) && (is_yaml(path) || path.is_dir());
    let paths: Vec<_> = paths.into_iter().filter(is_meant).collect();
    let Loaded { zones, others, mut problems, .. } =
        inputs::loader(&current).load_in(folder.as_deref(), &paths);
    zones.iter().chain(&others).try_for_each(|zone| apart.reads(Path::new(zone.path())))?;
    project.guards.zone_files = folder.map(|_| zones.len() + others.len());
    // An empty folder is not an error here.
    let is_folder =
        |problem: &Diagnostic| problem.file.as_ref().is_some_and(|file| current.join(file).is_dir());
    problems.retain(|problem| !is_folder(problem));
    Ok(FilesNow::new(zones, others, problems, today))
}
