//! Finds the zone files, baselines and project file that a repository already has.

use crate::config::{self, Options};
use crate::files::{self, Pick};
use std::collections::BTreeSet;
use std::path::{Component, Path};

/// The largest file that is read.
const MOST_BYTES: u64 = 1 << 20;

/// Where the files of a repository lie, by their paths in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Whether there are zone files.
    pub(super) has_zones: bool,
    /// The folders of zone files, none of them below another.
    pub(super) zones: Vec<String>,
    /// The folders of the files that these extend.
    pub(super) baselines: Vec<String>,
    /// The project file.
    pub(super) project: String,
}

impl Found {
    /// Searches below a folder. What does not exist yet is where `init` puts it.
    pub(super) fn below(root: &Path) -> Self {
        let (mut zones, mut baselines, mut project) = (BTreeSet::new(), BTreeSet::new(), None);
        let pick = Pick {
            skip: &|name, entry| {
                let name = name.to_string_lossy();
                name.starts_with('.')
                    || entry == files::Entry::Folder
                        && matches!(&*name, "node_modules" | "target" | "schemas")
            },
            take: &|path| path.extension().is_some_and(|end| end == "yaml" || end == "yml"),
        };
        let files = files::resolve(root).map(|root| files::walk(&root, pick)).unwrap_or_default();
        for file in files {
            let below = file.below.as_path();
            if below == Path::new("botform.yaml") || below == Path::new("botform.yml") {
                project = project.or_else(|| slashed(below));
                continue;
            }
            let Some(bytes) = file.place.ok().and_then(|place| files::read_place(&place, MOST_BYTES).ok())
            else {
                continue;
            };
            let Ok(document) = config::parse_document("", &bytes, Options::default()) else { continue };
            let root = document.root();
            if !(root["zone"].is_string() && root["plan"].is_string()) {
                continue;
            }
            let folder = files::folder_of(below);
            zones.extend(slashed(folder));
            let extended =
                root["extends"].as_array().map_or(std::slice::from_ref(&root["extends"]), Vec::as_slice);
            let extended = extended.iter().filter_map(|path| path.as_str());
            baselines.extend(extended.filter_map(|path| joined(folder, Path::new(path))));
        }
        let or = |found: BTreeSet<String>, default: &str| match found.is_empty() {
            true => vec![default.to_owned()],
            false => topmost(found),
        };
        Self {
            has_zones: !zones.is_empty(),
            zones: or(zones, "zones"),
            baselines: or(baselines, "baselines"),
            project: project.unwrap_or_else(|| "botform.yaml".to_owned()),
        }
    }
}

/// The folder of a file that another one names, if it lies in the repository.
fn joined(folder: &Path, path: &Path) -> Option<String> {
    let mut parts: Vec<_> = folder.components().collect();
    for part in path.parent()?.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(parts.pop()?),
            Component::Normal(_) => parts.push(part),
            Component::Prefix(_) | Component::RootDir => return None,
        }
    }
    slashed(&parts.into_iter().collect::<std::path::PathBuf>())
}

/// A path with `/`; `None` for one that a recipe would have to quote.
fn slashed(path: &Path) -> Option<String> {
    let parts: Vec<_> = path.components().filter(|part| *part != Component::CurDir).collect();
    let text = parts.iter().map(|part| part.as_os_str().to_str()).collect::<Option<Vec<_>>>()?.join("/");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let is_option = text.starts_with('-');
    (text.chars().all(is_plain) && !is_option).then(|| if text.is_empty() { ".".to_owned() } else { text })
}

/// The folders that are not below another one.
fn topmost(folders: BTreeSet<String>) -> Vec<String> {
    let is_below = |one: &str, other: &str| {
        one != other && (other == "." || one.strip_prefix(other).is_some_and(|rest| rest.starts_with('/')))
    };
    folders.iter().filter(|one| !folders.iter().any(|other| is_below(one, other))).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_below_another_is_not_named_and_what_must_be_quoted_is_left_out() {
        let folders = ["sites/eu", "sites/eu/shops", "sites/eu-old", "z"].map(str::to_owned).into();
        assert_eq!(topmost(folders), ["sites/eu", "sites/eu-old", "z"]);
        assert_eq!(topmost([".", "zones"].map(str::to_owned).into()), ["."]);
        assert_eq!(slashed(Path::new("my zones")), None);
        assert_eq!(slashed(Path::new("./a/b")).as_deref(), Some("a/b"));
        assert_eq!(
            joined(Path::new("sites/eu"), Path::new("../../shared/base.yaml")).as_deref(),
            Some("shared")
        );
        assert_eq!(joined(Path::new("sites"), Path::new("../../base.yaml")), None);
    }
}
