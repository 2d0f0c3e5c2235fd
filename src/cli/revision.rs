//! What the zone files said at a git revision. Files are known by their path in the repository, wherever the run
//! takes place.

use crate::catalogue::{Setting, Value};
use crate::cli::Failure;
use crate::cli::earlier::wanted;
use crate::config;
use crate::diff::Baseline;
use crate::model::Desired;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The baselines of zone files at a revision, by file. A file that is new since then changed, from nothing.
pub(crate) fn baselines(revision: &str, zones: &[Desired]) -> Result<BTreeMap<String, Baseline>, Failure> {
    let Some(first) = zones.first() else { return Ok(BTreeMap::new()) };
    let checkout = Checkout::of(Path::new(&first.file), revision)?;
    zones.iter().map(|zone| Ok((zone.file.clone(), checkout.baseline(zone)?))).collect()
}

/// A checkout, and what differs in it from a revision.
struct Checkout {
    top: PathBuf,
    commit: String,
    since: String,
    tracked: BTreeSet<String>,
    changed: BTreeSet<String>,
    /// The files that had another path, and are as they were.
    moved: BTreeSet<String>,
}

impl Checkout {
    fn of(file: &Path, revision: &str) -> Result<Self, Failure> {
        let folder = real(file)?.parent().map(Path::to_owned).unwrap_or_default();
        let top = PathBuf::from(text(&git(&folder, &["rev-parse", "--show-toplevel"])?));
        let wanted = format!("{revision}^{{commit}}");
        let commit = text(&git(&top, &["rev-parse", "--verify", "--end-of-options", &wanted])?);
        let date = text(&git(&top, &["show", "--no-patch", "--no-show-signature", "--format=%cI", &commit])?);
        let tracked = git(&top, &["ls-tree", "-r", "-z", "--full-tree", "--name-only", &commit])?;
        let changed = git(&top, &["diff", "-z", "--no-renames", "--no-relative", "--name-only", &commit])?;
        let exact =
            ["diff", "-z", "--find-renames=100%", "--no-relative", "--diff-filter=R", "--name-status"];
        let moved = git(&top, &[exact.as_slice(), &[&commit]].concat())?;
        Ok(Self {
            top: std::fs::canonicalize(&top).unwrap_or(top),
            since: format!("{revision} ({date})"),
            commit,
            tracked: names(&tracked).collect(),
            changed: names(&changed).collect(),
            moved: targets(&moved),
        })
    }

    fn baseline(&self, zone: &Desired) -> Result<Baseline, Failure> {
        let path = self.path_of(zone)?;
        let since = self.since.clone();
        let was_there = self.tracked.contains(&path);
        let is_moved = !was_there && self.moved.contains(&path);
        let file_changed = !is_moved && (!was_there || self.changed.contains(&path));
        let wanted = match (file_changed, was_there) {
            (false, _) => wanted(zone),
            (true, true) => self.earlier(&path)?,
            (true, false) => BTreeMap::new(),
        };
        Ok(Baseline { since, file_changed, wanted })
    }

    /// The path of a zone file in the repository.
    fn path_of(&self, zone: &Desired) -> Result<String, Failure> {
        let full = real(Path::new(&zone.file))?;
        let below = full.strip_prefix(&self.top).map_err(|_| {
            Failure::new(format!("{} is not in the git checkout {}", zone.file, self.top.display()))
                .hint(HINT)
        })?;
        let parts: Vec<_> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        Ok(parts.join("/"))
    }

    /// What the file said then; nothing of a file that was not valid.
    fn earlier(&self, path: &str) -> Result<BTreeMap<&'static Setting, Value>, Failure> {
        let bytes = git(&self.top, &["cat-file", "blob", &format!("{}:{path}", self.commit)])?;
        let (desired, _) = config::check_text(path, &bytes);
        Ok(desired.as_ref().map(wanted).unwrap_or_default())
    }
}

const HINT: &str = "`--since` needs git and a revision of the checkout that the zone files are in; `--since-plan PLANFILE` needs neither";

/// The folder of a file is made real, and the file itself kept: git knows links by their own names.
fn real(file: &Path) -> Result<PathBuf, Failure> {
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = std::fs::canonicalize(folder)
        .map_err(|error| Failure::new(format!("cannot find the folder of {}: {error}", file.display())))?;
    Ok(folder.join(file.file_name().unwrap_or_default()))
}

fn git(folder: &Path, args: &[&str]) -> Result<Vec<u8>, Failure> {
    let output = Command::new("git")
        .args(args.iter().map(OsStr::new))
        .current_dir(folder)
        .output()
        .map_err(|error| Failure::new(format!("cannot run git: {error}")).hint(HINT))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(Failure::new(format!("git {} failed: {}", args.join(" "), text(&output.stderr))).hint(HINT))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

fn names(bytes: &[u8]) -> impl Iterator<Item = String> {
    let names = bytes.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    names.map(|name| String::from_utf8_lossy(name).into_owned())
}

/// The last of each `R100`, earlier path, path.
fn targets(bytes: &[u8]) -> BTreeSet<String> {
    let fields: Vec<_> = names(bytes).collect();
    fields.chunks_exact(3).map(|fields| fields[2].clone()).collect()
}
