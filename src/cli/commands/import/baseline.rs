//! `import --baseline NAME`: what most new zones share goes into one file, or they join the one that there is.

use super::folder::{BASELINES, FileOf, Folder, plain};
use super::terraform::{Terraform, as_held};
use crate::catalogue::Variant;
use crate::cli::Failure;
use crate::cli::commands::init::BASELINE;
use crate::cli::inputs;
use crate::config::{self, ExtendedFile};
use crate::diff::{self, Shared};
use crate::files;
use crate::model::{Desired, Diagnostic, Extended, Live, ZoneName};
use crate::render::{BaselineFile, Paint, Unified};
use crate::report::Ending;
use crate::run::Seen;
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The requested baseline, checked before any request.
#[derive(Debug)]
pub(super) struct Wanted {
    path: PathBuf,
    /// The path as zone files name it.
    extends: String,
    /// The baseline that there is already: what it gives to zones of each plan variant, and its bytes.
    there: Option<(Shared, Vec<u8>)>,
}

/// Whether a baseline is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// It is about to be written.
    Proposed,
    /// Other zones extend it, and it stays as it is.
    Existing,
}

/// The baseline that new files extend.
#[derive(Debug)]
pub(super) struct Proposal {
    pub(super) path: PathBuf,
    /// The path as zone files name it.
    pub(super) extends: String,
    /// Its values.
    pub(super) shared: Shared,
    /// The file as the loader will read it.
    pub(super) file: ExtendedFile,
    by: Arc<Extended>,
    origin: Origin,
}

impl Wanted {
    /// The file of a baseline of that name: in `baselines` next to the folder of the zone files, or inside it.
    pub(super) fn of(name: &str, folder: &Folder) -> Result<Self, Failure> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || !name.chars().all(is_name) {
            return Err(Failure::usage(format!(
                "`--baseline {name}`: a name may only contain letters, digits, `-` and `_`"
            )));
        }
        let beside = folder.path.parent().unwrap_or(&folder.path);
        let places = [(beside, "../"), (folder.path.as_path(), "")];
        let place = places.into_iter().find_map(|(place, up)| {
            let path = plain(&place.join(format!("{BASELINES}/{name}.yaml")));
            let extends = format!("{up}{BASELINES}/{name}.yaml");
            can_extend(folder, &path, &extends).then_some((path, extends))
        });
        let Some((path, extends)) = place else {
            let message = format!("cannot place a baseline next to {} or in it", folder.path.display());
            return Err(Failure::usage(message).hint("run `import` in the folder of the repository"));
        };
        let is_there = files::is_there(&path) && !is_blank(&path, folder);
        let there = is_there.then(|| joined(folder, &path, &extends)).transpose()?;
        Ok(Self { path, extends, there })
    }

    /// The baseline of the values that zones without a file share; `None` if they share none.
    pub(super) fn propose(
        &self,
        folder: &Folder,
        seen: &[Seen],
        all: bool,
        terraform: Option<&Terraform>,
    ) -> Result<Option<Proposal>, Failure> {
        let Self { path, extends, there } = self;
        let (path, extends) = (path.clone(), extends.clone());
        if let Some((shared, bytes)) = there {
            return proposal(path, extends, shared.clone(), bytes.clone(), Origin::Existing).map(Some);
        }
        let new = seen.iter().filter(|seen| matches!(folder.file_of(&seen.entry), FileOf::New));
        let variant = |seen: &Seen, live: &Live| {
            let name = ZoneName::try_from(seen.entry.name.as_str()).ok()?;
            let legacy_id = seen.entry.legacy_id.as_deref();
            Some(diff::describe(name, None, live, legacy_id, all).plan())
        };
        let zones: Vec<_> = new
            .filter_map(|seen| {
                let live = seen.live.as_ref().ok()?;
                let variant = variant(seen, live)?;
                let held = terraform.and_then(|terraform| terraform.of(&seen.entry.id));
                Some((
                    variant,
                    held.map_or(Cow::Borrowed(live), |held| Cow::Owned(as_held(held, live, variant))),
                ))
            })
            .collect();
        let shared =
            Shared::of(&zones.iter().map(|(variant, live)| (*variant, &**live)).collect::<Vec<_>>(), all);
        if shared.is_empty() {
            return Ok(None);
        }
        let schema = path.parent().and_then(|folder| super::folder::schema(folder, "baseline"));
        let text = BaselineFile::new(&shared, schema.as_deref()).to_string();
        proposal(path, extends, shared, text.into_bytes(), Origin::Proposed).map(Some)
    }
}

fn proposal(
    path: PathBuf,
    extends: String,
    shared: Shared,
    bytes: Vec<u8>,
    origin: Origin,
) -> Result<Proposal, Failure> {
    let real = files::resolve_new(&path).map_err(|error| Failure::of(&error))?.real().to_owned();
    let name = path.to_string_lossy().into_owned();
    let by = Arc::new(Extended { file: name.as_str().into(), via: Vec::new() });
    let file = ExtendedFile::new(real, name, bytes);
    Ok(Proposal { path, extends, shared, file, by, origin })
}

/// What a baseline that there is gives to zones of each plan variant, with the baselines that it extends, and its
/// bytes.
fn joined(folder: &Folder, path: &Path, extends: &str) -> Result<(Shared, Vec<u8>), Failure> {
    let (mut shared, mut problems) = (Shared::default(), Vec::new());
    for variant in Variant::ALL.iter().copied() {
        let zone = format!("zone: a.example\nplan: {variant}\nextends: {extends}\n");
        let file = folder.path.join("a.example.yaml");
        match inputs::loader(&folder.cwd).check_new_text(&file, zone.as_bytes(), &[]) {
            (Some(want), _) => {
                let values = want.settings().map(|(setting, wanted)| (setting, wanted.value)).collect();
                shared.plans.insert(variant, values);
            }
            (None, found) => problems.extend(found),
        }
    }
    if shared.plans.is_empty() {
        problems.dedup();
        inputs::report(&problems)?;
    }
    let shown = path.to_string_lossy();
    let bytes = inputs::read_file(path, &shown, config::Options::default());
    bytes.map(|bytes| (shared, bytes)).map_err(|problem| {
        inputs::report(&[*problem]).err().unwrap_or_else(|| Failure::shown(Ending::Failed))
    })
}

/// Whether a baseline is unchanged since `init` wrote it, and no zone file extends it.
fn is_blank(path: &Path, folder: &Folder) -> bool {
    let shown = path.to_string_lossy();
    let bytes = inputs::read_file(path, &shown, config::Options::default());
    bytes.is_ok_and(|bytes| bytes == BASELINE.as_bytes()) && !folder.has_read(path)
}

/// Whether the paths allow zone files of a folder to extend a file.
fn can_extend(folder: &Folder, path: &Path, extends: &str) -> bool {
    let Ok(real) = files::resolve_new(path) else { return false };
    let baseline = ExtendedFile::new(real.real().to_owned(), String::new(), b"settings: {}\n".to_vec());
    let zone = format!("zone: a.example\nplan: bot_fight_mode\nextends: {extends}\n");
    let file = folder.path.join("a.example.yaml");
    inputs::loader(&folder.cwd).check_new_text(&file, zone.as_bytes(), &[baseline]).0.is_some()
}

impl Proposal {
    /// Whether it is about to be written.
    pub(super) fn is_new(&self) -> bool {
        self.origin == Origin::Proposed
    }

    /// Makes a file with the live values extend the baseline.
    pub(super) fn extend(&self, want: &mut Desired, live: &Live) {
        self.shared.take_from(want, live, &self.by);
    }

    /// The file as a diff shows it.
    pub(super) fn difference(&self, paint: Paint) -> String {
        let text = String::from_utf8_lossy(&self.file.bytes);
        Unified::new(&self.path.to_string_lossy(), None, &text, paint).to_string()
    }

    /// Writes the file.
    pub(super) fn write(&self) -> Result<(), Diagnostic> {
        super::folder::write_new(&self.path, &self.file.bytes)
    }
}
