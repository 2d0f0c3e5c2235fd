//! The zone files of a commit, by zone. All files of its tree are searched, so that a moved file is found; only the
//! values that a file wanted are compared, not its bytes.

use super::extended::Extending;
use super::git::{self, Content, Objects, TreeFile, in_repository};
use crate::catalogue::Setting;
use crate::cli::Failure;
use crate::diff::{EarlierValue, EarlierWanted as Then};
use crate::model::{Desired, Place, StalePolicy};
use crate::{config, files};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// The values that a file wants.
pub(super) type Values = BTreeMap<&'static Setting, EarlierValue>;

/// What a zone's files in a commit want, and what they say of stale settings.
type Wants = (Then, StalePolicy);

/// The maximum size of a file, the same as for today's files.
pub(super) const MOST_BYTES: u64 = 1 << 20;

/// The distance of a file outside the folder that holds today's zone files.
const FAR: u8 = 2;

/// The paths of a run, as git writes them.
pub(super) fn in_checkout(paths: &[PathBuf], top: &Path) -> Vec<String> {
    let real = paths.iter().filter_map(|path| Some(files::resolve(path).ok()?.real().to_owned()));
    real.filter_map(|path| path.strip_prefix(top).ok().map(in_repository)).collect()
}

/// The repository that holds all zone files, and their paths in it.
pub(super) fn checkout(zones: &[Desired]) -> Result<(PathBuf, Vec<String>), Failure> {
    let mut places = Vec::new();
    for zone in zones {
        let place = files::resolve(Path::new(zone.path()))
            .map_err(|error| Failure::new(format!("{}: {error}", zone.path())))?;
        let top = place.checkout().ok_or_else(|| {
            Failure::new(format!("{} is not in a git checkout", zone.path())).hint(git::HINT)
        })?;
        places.push((top.to_owned(), place.real().to_owned()));
    }
    let here = files::resolve(Path::new(".")).ok();
    let here = here.as_ref().and_then(files::RealPath::checkout).map(Path::to_owned);
    let holds_all = |top: &PathBuf| places.iter().all(|(other, _)| other.starts_with(top));
    let outermost = places.iter().map(|(top, _)| top).min_by_key(|top| top.components().count());
    // The revision is one of the repository in which the command runs, if that holds all files.
    let top = here.filter(holds_all).or_else(|| outermost.cloned()).unwrap_or_default();
    let nested = zones.iter().zip(&places).find(|(_, (other, _))| *other != top);
    if let Some((zone, (other, _))) = nested {
        return Err(Failure::new(format!(
            "{} is in the repository {}, not in {}",
            zone.path(),
            other.display(),
            top.display()
        ))
        .hint("`--since` compares within one repository: run it in each"));
    }
    let paths = places.iter().map(|(_, real)| in_repository(real.strip_prefix(&top).unwrap_or(real)));
    Ok((top.clone(), paths.collect()))
}

/// A zone file of a commit.
#[derive(Debug)]
pub(super) struct ZoneFile {
    pub(super) path: String,
    /// What it wanted, or why it cannot be read.
    pub(super) wants: Result<Desired, String>,
}

/// The zone files of a commit.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// The files of each zone, by its name.
    by_zone: HashMap<String, Vec<ZoneFile>>,
    /// The files without a readable zone name at paths of today, with why they cannot be read.
    at: HashMap<String, String>,
    /// The first file that is not in this partial clone: it could be that of any zone.
    missing: Option<String>,
    /// The folder that holds all of today's zone files.
    folder: String,
    /// The day (UTC) of the commit.
    day: jiff::civil::Date,
}

impl Tree {
    /// Reads all zone files of a commit. `today` are the paths of today's zone files, which are read whatever their
    /// names.
    pub(super) fn read(
        all: &[TreeFile],
        objects: &mut Objects,
        today: &[String],
        day: jiff::civil::Date,
    ) -> Self {
        let today_set: HashSet<&str> = today.iter().map(String::as_str).collect();
        let is_candidate = |path: &str| today_set.contains(path) || config::may_be_zone_file(Path::new(path));
        let mut tree = Self { folder: common_folder(today), day, ..Self::default() };
        let mut files = Extending::new(all, objects, MOST_BYTES);
        for file in all.iter().filter(|file| is_candidate(&file.path)) {
            // A link to another candidate is the same file, and would count twice.
            let Some((real, content)) = files.read(&file.path) else { continue };
            if !file.is_link || !is_candidate(&real.path) {
                tree.add(&file.path, &real.path, content, &mut files, today_set.contains(file.path.as_str()));
            }
        }
        tree
    }

    fn add(
        &mut self,
        path: &str,
        real: &str,
        content: Content,
        files: &mut Extending<'_>,
        is_of_today: bool,
    ) {
        let reason = match content {
            Content::Bytes(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                // Other YAML of the repository, such as workflows, is not checked: its errors would be noise.
                let looks_like_one =
                    zone_line(&text).is_some() || text.contains("zone") && text.contains("plan");
                if !(is_of_today || looks_like_one) {
                    return;
                }
                let why = match files.check(path, real, &bytes) {
                    Ok(desired) => {
                        let desired = desired.on(self.day).into_owned();
                        return self.push(desired.zone.to_string(), path, Ok(desired));
                    }
                    Err(why) => why,
                };
                let reason = format!("{path} cannot be read: {why}");
                if let Some(zone) = zone_line(&text) {
                    return self.push(zone, path, Err(reason));
                }
                reason
            }
            Content::TooLarge => format!("{path} cannot be read: it is too large"),
            Content::Missing => {
                let reason = format!("{path} cannot be read: it is not in this partial clone");
                self.missing.get_or_insert_with(|| reason.clone());
                reason
            }
        };
        if is_of_today {
            self.at.insert(path.to_owned(), reason);
        }
    }

    fn push(&mut self, zone: String, path: &str, wants: Result<Desired, String>) {
        self.by_zone.entry(zone).or_default().push(ZoneFile { path: path.to_owned(), wants });
    }

    /// The nearest files that name a zone, and their distance from `path`, where its file is today.
    pub(super) fn nearest(&self, zone: &Desired, path: &str) -> (Option<u8>, Vec<&ZoneFile>) {
        let named = self.by_zone.get(zone.zone.as_str()).map(Vec::as_slice).unwrap_or_default();
        let is_it = |file: &&ZoneFile| {
            // A file that cannot be read may be that of this zone: to skip it could hide what was wanted.
            file.wants.as_ref().map_or(true, |then| then.identity().may_be(zone.identity()))
        };
        let distance = |file: &ZoneFile| self.distance(&file.path, path);
        let nearest = named.iter().filter(is_it).map(distance).min();
        (nearest, named.iter().filter(is_it).filter(|file| Some(distance(file)) == nearest).collect())
    }

    /// What the nearest files of a zone wanted.
    pub(super) fn zone(&self, zone: &Desired, path: &str) -> Wants {
        let (nearest, files) = self.nearest(zone, path);
        let mut known: Option<(&str, Values, StalePolicy)> = None;
        let mut broken = None;
        for file in files {
            match (&file.wants, &known) {
                (Err(reason), _) => broken = Some(reason),
                (Ok(earlier), None) => known = Some((&file.path, wanted(earlier), earlier.stale)),
                (Ok(earlier), Some((first, values, _))) if wanted(earlier) != *values => {
                    return (
                        Then::Unreadable(format!("{first} and {} differ", file.path)),
                        StalePolicy::Report,
                    );
                }
                (Ok(_), Some(_)) => {}
            }
        }
        let here = self.at.get(path);
        match (known, broken.or(here).or(self.missing.as_ref())) {
            // A file elsewhere, such as an example, does not tell what the unreadable one wanted.
            (Some((_, values, stale)), _) if nearest < Some(FAR) || here.is_none() => {
                (Then::Known(values), stale)
            }
            (_, Some(reason)) => (Then::Unreadable(reason.clone()), StalePolicy::Report),
            (_, None) => (Then::New, StalePolicy::Report),
        }
    }

    /// The zones of the files below some paths, as unmanaged zones, each with the values that its file wanted.
    pub(super) fn below(&self, paths: &[String]) -> impl Iterator<Item = (Desired, Values)> {
        let is_below = |file: &&ZoneFile| paths.iter().any(|path| Path::new(&file.path).starts_with(path));
        let mut files: Vec<_> = self.by_zone.values().flatten().filter(is_below).collect();
        files.sort_by(|one, other| one.path.cmp(&other.path));
        files.into_iter().filter_map(|file| {
            let then = file.wants.as_ref().ok()?;
            let mut zone = Desired::in_file(file.path.clone(), then.zone.clone(), then.plan(), Place::START);
            (zone.zone_id, zone.account_id) = (then.zone_id.clone(), then.account_id.clone());
            Some((zone, wanted(then)))
        })
    }

    /// The zone files below some paths.
    pub(super) fn files_below(&self, paths: &[String]) -> impl Iterator<Item = (&str, &ZoneFile)> {
        let is_below = |file: &&ZoneFile| paths.iter().any(|path| Path::new(&file.path).starts_with(path));
        let files =
            self.by_zone.iter().flat_map(|(zone, files)| files.iter().map(move |file| (zone.as_str(), file)));
        files.filter(move |(_, file)| is_below(file))
    }

    /// The distance of a file from the zone's file of today, up to [`FAR`]: a repository may also hold examples that
    /// name the zone.
    fn distance(&self, at: &str, path: &str) -> u8 {
        match at {
            at if at == path => 0,
            at if Path::new(at).starts_with(&self.folder) => 1,
            _ => FAR,
        }
    }
}

/// The values that a file wants.
pub(super) fn wanted(zone: &Desired) -> Values {
    zone.settings().map(|(setting, wanted)| (setting, EarlierValue::of(wanted))).collect()
}

/// The zone that a broken file names: without a parser, since the file may not be valid YAML.
fn zone_line(text: &str) -> Option<String> {
    let value = text.lines().find_map(|line| line.strip_prefix("zone:"))?;
    let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    (!value.is_empty()).then(|| value.to_lowercase())
}

/// The folder that holds all paths.
fn common_folder(paths: &[String]) -> String {
    let folder = |path: &String| Path::new(path).parent().map(Path::to_owned).unwrap_or_default();
    let common = |one: PathBuf, other: PathBuf| {
        let shared = one.ancestors().find(|folder| other.starts_with(folder));
        shared.map(Path::to_owned).unwrap_or_default()
    };
    let all = paths.iter().map(folder).reduce(common).unwrap_or_default();
    in_repository(&all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Variant;

    #[test]
    fn only_the_files_below_the_paths_of_a_run_are_its_files() {
        let mut tree = Tree::default();
        for path in ["zones/a.yaml", "zones/shops/b.yaml", "examples/c.yaml", "zones-old/d.yaml"] {
            let zone = Desired::new(format!("{}.example", path.len()).parse().unwrap(), Variant::SbfmPro);
            tree.push(zone.zone.to_string(), path, Ok(zone));
        }
        let below = |paths: &[&str]| {
            let paths: Vec<_> = paths.iter().map(|path| (*path).to_owned()).collect();
            let mut found: Vec<_> = tree.files_below(&paths).map(|(_, file)| file.path.clone()).collect();
            found.sort();
            let wanted: Vec<_> = tree.below(&paths).map(|(zone, _)| zone.file.unwrap()).collect();
            assert_eq!(found, wanted);
            found
        };
        assert_eq!(below(&["zones"]), ["zones/a.yaml", "zones/shops/b.yaml"]);
        assert_eq!(below(&["zones/a.yaml", "examples"]), ["examples/c.yaml", "zones/a.yaml"]);
        assert_eq!(below(&["baselines"]), [""; 0]);
    }

    #[test]
    fn the_folder_of_all_files_is_the_nearest_that_holds_each() {
        let of =
            |paths: &[&str]| common_folder(&paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["a/b/x.yaml", "a/c/y.yaml", "a/b/z.yaml"]), "a");
        assert_eq!(of(&["a/b/x.yaml"]), "a/b");
        assert_eq!([of(&["a/x.yaml", "b/y.yaml"]), of(&["x.yaml"]), of(&[])], [""; 3]);
    }
}
