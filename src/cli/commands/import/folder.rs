//! What the folder of an import holds: which zone has which file, and where a new one goes.

use crate::api::ZoneEntry;
use crate::cli::output::Files;
use crate::cli::{Failure, environment, inputs};
use crate::config::{self, Loaded, Options, Project};
use crate::files;
use crate::model::{Desired, Diagnostic, Input, ZoneName};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where the schema of zone files is looked for, in folders above them.
const SCHEMA: &str = "schemas/zone.schema.json";

/// How many folders above the zone files are looked through.
const FOLDERS_ABOVE: usize = 3;

/// The folder of an import, as it was before.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    zones: Vec<Desired>,
    /// The files that were read.
    inputs: Vec<Input>,
    /// The zones that files with errors are about.
    broken: BTreeSet<String>,
    /// Where new files find the schema.
    pub(super) schema: Option<String>,
}

/// The file of a zone.
#[derive(Clone, Copy, Debug)]
pub(super) enum FileOf<'f> {
    /// There is none yet.
    New,
    /// One says what is wanted.
    There(&'f Desired),
    /// One is there and cannot be used; its problems were shown.
    Broken,
}

impl Folder {
    /// Loads the zone files of a folder, and shows all that is wrong with them: the zones of other files are imported
    /// all the same.
    pub(super) fn load(path: &Path, apart: &Files) -> Result<(Self, Project), Failure> {
        let project = inputs::project(apart, Vec::new())?;
        let cwd = environment::current_folder()?;
        let is_there = files::is_there(path);
        if is_there && !path.is_dir() {
            return Err(Failure::usage(format!("{} is not a folder", path.display()))
                .hint("name the folder of the zone files; `--zone` names zones"));
        }
        let loaded = if is_there { config::load_folder(path, &cwd) } else { Loaded::default() };
        let Loaded { zones, inputs, problems } = loaded;
        inputs::show(&problems);
        let broken = problems.iter().filter(|problem| problem.is_error());
        let broken = broken.filter_map(|problem| problem.file.as_deref());
        let broken = broken.map(zone_of).collect();
        Ok((Self { path: path.to_owned(), zones, inputs, broken, schema: schema(path) }, project))
    }

    /// The zones of all files.
    pub(super) fn zones(&self) -> &[Desired] {
        &self.zones
    }

    /// How many zones have a file with errors.
    pub(super) fn broken(&self) -> usize {
        self.broken.len()
    }

    /// The file of a zone. Where two accounts hold the same name, the id or the account decides.
    pub(super) fn file_of(&self, zone: &ZoneEntry) -> FileOf<'_> {
        if self.broken.contains(&zone.name) {
            return FileOf::Broken;
        }
        let by_id = || self.zones.iter().find(|want| want.zone_id.as_ref() == Some(&zone.id));
        let is_account = |want: &&Desired| {
            want.account_id.as_ref().is_none_or(|account| account.as_str() == zone.account_id)
        };
        let named = |want: &&Desired| want.zone.as_str() == zone.name && want.zone_id.is_none();
        let by_name = || self.zones.iter().find(|want| named(want) && is_account(want));
        by_id().or_else(by_name).map_or(FileOf::New, FileOf::There)
    }

    /// The path of a new file. With `shared`, zones of several accounts have that name.
    ///
    /// # Errors
    /// Something else is there.
    pub(super) fn new_file(
        &self,
        zone: &ZoneName,
        account: &str,
        shared: bool,
    ) -> Result<PathBuf, Diagnostic> {
        let name = if shared { format!("{zone}@{account}.yaml") } else { format!("{zone}.yaml") };
        if let Some(other) = self.zones.iter().find(|want| want.zone == *zone && !shared) {
            let problem = Diagnostic::error(format!("the file pins another zone named {zone}"))
                .at(&other.file, other.place);
            return Err(problem.hint("correct its `zone_id` and `account_id`, or remove the file"));
        }
        let path = self.path.join(name);
        if !files::is_there(&path) {
            return Ok(path);
        }
        let shown = path.to_string_lossy().into_owned();
        let problem =
            Diagnostic::of_file(shown, format!("this is not the file of {zone}: nothing was written"));
        Err(problem.hint("give it another name, or correct the `zone` and `zone_id` that it names"))
    }

    /// The bytes of a file, if it still is what was loaded.
    pub(super) fn read(&self, file: &str) -> Result<Vec<u8>, Diagnostic> {
        let bytes = config::read(Path::new(file), file, Options::default()).map_err(|problem| *problem)?;
        let was = self.inputs.iter().find(|input| input.path == file).map(|input| &input.digest);
        if was == Some(&crate::model::Digest::of_bytes(&bytes)) {
            return Ok(bytes);
        }
        let problem = Diagnostic::of_file(file, "the file was changed while the zones were read");
        Err(problem.hint("run `import` again"))
    }
}

/// The zone that a file with errors is about: by what it says, else by its name.
fn zone_of(file: &str) -> String {
    let bytes = config::read(Path::new(file), file, Options::default()).unwrap_or_default();
    let by_name = || Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    config::zone_in(file, &bytes).unwrap_or_else(by_name)
}

/// The path of the schema from the zone files, where one is in their checkout or right above them.
fn schema(folder: &Path) -> Option<String> {
    let folder = std::path::absolute(folder).ok()?;
    let checkout = files::checkout_of(&folder);
    let above = folder.ancestors().take_while(|above| checkout.is_none_or(|root| above.starts_with(root)));
    let mut above = above.take(FOLDERS_ABOVE + 1).enumerate();
    let (up, _) = above.find(|(_, above)| files::is_there(&above.join(SCHEMA)))?;
    Some(format!("{}{SCHEMA}", if up == 0 { "./".to_owned() } else { "../".repeat(up) }))
}
