//! The folder of an import: which zone has which file, and where new files go.

use crate::api::ZoneEntry;
use crate::cli::output::Files;
use crate::cli::redact::Leaving;
use crate::cli::{Failure, environment, inputs};
use crate::config::{self, Loaded, Options, Project};
use crate::emulator::World;
use crate::files::{self, Access, Draft};
use crate::model::{AccountId, Desired, Diagnostic, Digest, Input, Notation, ZoneId, ZoneName};
use jiff::civil::Date;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The folder of baselines, which is skipped in the search for zone files.
pub(super) const BASELINES: &str = "baselines";

/// How many folders above the zone files are searched.
const FOLDERS_ABOVE: usize = 3;

/// The folder of an import, as it was before.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    /// The current folder.
    pub(super) cwd: PathBuf,
    /// The folder that the next plan reads.
    around: PathBuf,
    /// The desired state of the files, by name.
    zones: Vec<Desired>,
    /// Those that pin an id.
    by_id: HashMap<ZoneId, usize>,
    /// The files that were read, by path.
    inputs: Vec<Input>,
    /// The zones of files with errors.
    broken: BTreeSet<String>,
    /// The path of the schema, for new files.
    pub(super) schema: Option<String>,
}

/// Whether a name is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Called {
    /// One zone has it.
    Alone,
    /// Zones of several accounts have it.
    AsOthers,
}

/// The file of a zone.
#[derive(Clone, Copy, Debug)]
pub(super) enum FileOf<'f> {
    /// There is none yet.
    New,
    /// A valid file.
    There(&'f Desired),
    /// A file with errors, which were already shown.
    Broken,
}

impl Folder {
    /// Loads the zone files of a folder, and of the default folder around it, since the next plan reads all of that.
    /// Shows all problems; zones of other files are still imported.
    pub(super) fn load(path: &Path, apart: &Files) -> Result<(Self, Project), Failure> {
        let project = inputs::project(apart, Vec::new())?;
        let cwd = environment::current_folder()?;
        let is_there = files::is_there(path);
        if let Some(zone) = config::as_zone(path).filter(|_| !is_there) {
            let message = format!("{zone} is not a folder");
            return Err(Failure::usage(message)
                .hint(format!("`--zone {zone}` selects the zone; `./{zone}` makes a folder of that name")));
        }
        if is_there && !path.is_dir() {
            return Err(Failure::usage(format!("{} is not a folder", path.display()))
                .hint("pass the folder of the zone files; select zones with `--zone`"));
        }
        let around = around(path, &cwd);
        let loaded = if files::is_there(&around) {
            inputs::loader(&cwd).load_folder(&around)
        } else {
            Loaded::default()
        };
        let Loaded { zones, inputs, problems, others: _, reports: _ } = loaded;
        inputs::show(&problems);
        let broken = problems.iter().filter(|problem| problem.is_error());
        let broken = broken.filter_map(|problem| problem.file.as_deref()).filter(|file| !is_baseline(file));
        let mut broken: BTreeSet<_> = broken.map(zone_of).collect();
        // A file can be unusable only because of the baselines that it extends.
        let known: HashSet<&str> = zones.iter().map(Desired::path).collect();
        let unknown = inputs.iter().filter(|input| !known.contains(input.path.as_str()));
        broken.extend(unknown.filter_map(|input| named_in(&input.path)));
        let ids = zones.iter().enumerate().filter_map(|(index, zone)| Some((zone.zone_id.clone()?, index)));
        let (by_id, path, schema) = (ids.collect(), path.to_owned(), schema(path, "zone"));
        Ok((Self { path, cwd, around, zones, by_id, inputs, broken, schema }, project))
    }

    /// A world that matches all files on a day.
    pub(super) fn world(&self, today: Date) -> World {
        World::matching(self.zones.iter().map(|zone| inputs::seed(&zone.on(today))))
    }

    /// The problems that the next plan would report in the written files.
    pub(super) fn refused(&self, written: &BTreeSet<String>) -> Vec<Diagnostic> {
        let mut problems = inputs::loader(&self.cwd).load_folder(&self.around).problems;
        let is_written =
            |problem: &Diagnostic| problem.file.as_ref().is_some_and(|file| written.contains(file));
        problems.retain(|problem| problem.is_error() && is_written(problem));
        problems
    }

    /// How many zones have a file with errors.
    pub(super) fn broken(&self) -> usize {
        self.broken.len()
    }

    /// Whether a file was read: a zone file, or a baseline that one extends.
    pub(super) fn has_read(&self, path: &Path) -> bool {
        let real = |path: &Path| files::resolve(path).ok().map(|place| place.real().to_owned());
        let path = real(path);
        self.inputs.iter().any(|input| real(&self.cwd.join(&input.path)) == path)
    }

    /// The file of a zone. If two accounts hold the same name, the id or the account decides.
    pub(super) fn file_of(&self, zone: &ZoneEntry) -> FileOf<'_> {
        if self.broken.contains(&zone.name) {
            return FileOf::Broken;
        }
        let by_id = self.by_id.get(&zone.id).and_then(|index| self.zones.get(*index));
        let is_account = |want: &&Desired| want.account_id.is_none() || want.account_id == zone.account_id;
        let by_name = || self.named(&zone.name).find(|want| want.zone_id.is_none() && is_account(want));
        by_id.or_else(by_name).map_or(FileOf::New, FileOf::There)
    }

    /// The desired states of zones of that name.
    fn named(&self, name: &str) -> impl Iterator<Item = &Desired> {
        let first = self.zones.partition_point(|want| want.zone.as_str() < name);
        self.zones.iter().skip(first).take_while(move |want| want.zone.as_str() == name)
    }

    /// The path of a new file.
    ///
    /// # Errors
    /// Another file exists there, or the account of a shared name is not known.
    pub(super) fn new_file(
        &self,
        zone: &ZoneName,
        account: Option<&AccountId>,
        called: Called,
    ) -> Result<PathBuf, Diagnostic> {
        let name = match (called, account) {
            (Called::Alone, _) => format!("{zone}.yaml"),
            (Called::AsOthers, Some(account)) => format!("{zone}@{account}.yaml"),
            (Called::AsOthers, None) => {
                let message = format!("several zones are named {zone}, and the account of one is not known");
                return Err(Diagnostic::error(message).hint("write its file by hand, with its `zone_id`"));
            }
        };
        if let Some(other) = self.named(zone.as_str()).next().filter(|_| called == Called::Alone) {
            let problem = Diagnostic::error(format!("the file pins another zone named {zone}"))
                .maybe_at(other.file.as_deref(), other.place);
            return Err(problem.hint("correct its `zone_id` and `account_id`, or remove the file"));
        }
        let path = plain(&self.path.join(name));
        if !files::is_there(&path) {
            return Ok(path);
        }
        let shown = path.to_string_lossy().into_owned();
        let problem =
            Diagnostic::of_file(shown, format!("this file does not belong to {zone}: nothing was written"));
        Err(problem.hint("rename it, or correct its `zone` and `zone_id`"))
    }

    /// The bytes of a file, if it has not changed since it was loaded.
    pub(super) fn read(&self, file: &str) -> Result<Vec<u8>, Diagnostic> {
        let bytes =
            inputs::read_file(Path::new(file), file, Options::default()).map_err(|problem| *problem)?;
        let was = self.inputs.binary_search_by(|input| input.path.as_str().cmp(file)).ok();
        if was.is_some_and(|index| self.inputs[index].digest == Digest::of_bytes(&bytes)) {
            return Ok(bytes);
        }
        let problem = Diagnostic::of_file(file, "the file was changed while the zones were read");
        Err(problem.hint("run `import` again"))
    }
}

/// The folder that the next plan reads: the default one if it contains the folder.
fn around(path: &Path, cwd: &Path) -> PathBuf {
    let real = |path: &Path| files::resolve_new(&cwd.join(path)).ok().map(|place| place.real().to_owned());
    let default = Path::new(inputs::DEFAULT_PATH);
    match (real(default), real(path)) {
        (Some(default_real), Some(real)) if real.starts_with(&default_real) => default.to_owned(),
        _ => path.to_owned(),
    }
}

/// A path without `./`.
pub(super) fn plain(path: &Path) -> PathBuf {
    path.strip_prefix(".").unwrap_or(path).to_owned()
}

fn is_baseline(file: &str) -> bool {
    Path::new(file).components().any(|part| part.as_os_str() == BASELINES)
}

/// The zone of a file with errors: from its contents if readable, otherwise from its file name.
fn zone_of(file: &str) -> String {
    let by_name = || Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    named_in(file).unwrap_or_else(by_name)
}

fn named_in(file: &str) -> Option<String> {
    let bytes = inputs::read_file(Path::new(file), file, Options::default()).ok()?;
    config::zone_in(file, &bytes)
}

/// The path of a schema relative to a folder, if its checkout or a folder just above has one.
pub(super) fn schema(folder: &Path, name: &str) -> Option<String> {
    let schema = format!("schemas/{name}.schema.json");
    let folder = std::path::absolute(folder).ok()?;
    let checkout = files::checkout_of(&folder);
    let above = folder.ancestors().take_while(|above| checkout.is_none_or(|root| above.starts_with(root)));
    let mut above = above.take(FOLDERS_ABOVE + 1).enumerate();
    let (up, _) = above.find(|(_, above)| files::is_there(&above.join(&schema)))?;
    Some(format!("{}{schema}", if up == 0 { "./".to_owned() } else { "../".repeat(up) }))
}

/// Writes a new file atomically, with its folders. Live values in it are untrusted text.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    let keep = || {
        path.parent().map_or(Ok(()), files::make_folder)?;
        let mut new = Leaving::new(Draft::begin(path, Access::Result)?, Notation::Text);
        new.write_all(bytes)?;
        new.end()?.keep()
    };
    keep().map_err(|error| unwritten(path, &error))
}

/// Replaces an existing file atomically; bytes that are not edited stay.
pub(super) fn rewrite(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    let keep = || {
        let mut draft = Draft::begin(path, Access::Result)?;
        draft.write_all(bytes)?;
        draft.keep()
    };
    keep().map_err(|error| unwritten(path, &error))
}

fn unwritten(path: &Path, error: &io::Error) -> Diagnostic {
    let file = path.to_string_lossy().into_owned();
    Diagnostic::of_file(file, format!("the file cannot be written: {error}"))
        .hint("check that you may write to the folder")
}
