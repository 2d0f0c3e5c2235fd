//! File names for messages: relative to the current folder, with `/`.

use crate::model::{ZoneName, is_id};
use std::path::{Component, Path};

/// A path for messages: without `./`, relative if it is below the current folder.
pub(super) fn shown(path: &Path, cwd: &Path) -> String {
    let below = path.strip_prefix(cwd).unwrap_or(path);
    let mut text = String::new();
    for component in below.components().filter(|component| !matches!(component, Component::CurDir)) {
        if !text.is_empty() && !text.ends_with('/') {
            text.push('/');
        }
        match component {
            Component::RootDir => text.push('/'),
            other => text.push_str(&other.as_os_str().to_string_lossy()),
        }
    }
    if text.is_empty() { ".".to_owned() } else { text }
}

/// A real path for messages, with `..` if it is outside the current folder.
pub(super) fn relative(path: &Path, cwd: &Path) -> String {
    let shared = cwd.ancestors().find(|folder| folder.parent().is_some() && path.starts_with(folder));
    // The root alone is no shared folder: a path up to it and down again would be longer than the absolute one.
    let Some((shared, below)) = shared.and_then(|shared| Some((shared, path.strip_prefix(shared).ok()?)))
    else {
        return shown(path, cwd);
    };
    let up = cwd.components().count() - shared.components().count();
    "../".repeat(up) + &shown(below, Path::new(""))
}

/// Whether a path has the name of a project file.
pub(super) fn is_project(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "botform.yaml" || name == "botform.yml")
}

/// Whether a path ends in `.yaml` or `.yml`.
pub(super) fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "yaml" || end == "yml")
}

/// Whether a path ends in `.yaml` or `.yml` in another letter case: other tools may read it as YAML.
pub(super) fn is_nearly_yaml(path: &Path) -> bool {
    let end = path.extension().unwrap_or_default();
    !is_yaml(path) && (end.eq_ignore_ascii_case("yaml") || end.eq_ignore_ascii_case("yml"))
}

/// The name or id of a zone that was probably meant by a path, and not a file or folder of that name.
pub(crate) fn as_zone(path: &Path) -> Option<&str> {
    const FILES: [&str; 9] = ["yaml", "yml", "json", "jsonl", "txt", "md", "toml", "gz", "tfstate"];
    let text = path.to_str()?;
    let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
    // No top-level domain has one letter, but folders such as `zones.d` do.
    let may_be_domain = end.chars().count() > 1 && !FILES.contains(&end.to_ascii_lowercase().as_str());
    let is_name = may_be_domain && text.to_lowercase().parse::<ZoneName>().is_ok();
    (is_name || is_id(text)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_a_zone_may_have_as_its_name_is_told_from_a_file() {
        let id = "023e105f4ecef8ad9ca31a8372d0c353";
        for zone in ["shop.example", "SHOP.example.com", "b\u{fc}cher.example", id] {
            assert_eq!(as_zone(Path::new(zone)), Some(zone));
        }
        for other in ["zones", "zones.d", "a/shop.example", "./shop.example", "a.yaml", "live.json", "..", ""]
        {
            assert_eq!(as_zone(Path::new(other)), None, "{other}");
        }
    }

    #[test]
    fn names_are_relative_where_they_can_be() {
        let name = |path: &str| shown(Path::new(path), Path::new("/home/a"));
        assert_eq!(name("./zones//a.yaml"), "zones/a.yaml");
        assert_eq!(name("zones/./a.yaml"), "zones/a.yaml");
        assert_eq!(name("/home/a/zones/a.yaml"), "zones/a.yaml");
        assert_eq!(name("/etc/a.yaml"), "/etc/a.yaml");
        assert_eq!(name("../a.yaml"), "../a.yaml");
        assert_eq!(name("."), ".");
        let relative = |path: &str| relative(Path::new(path), Path::new("/home/a"));
        assert_eq!(relative("/home/a/b/c.yaml"), "b/c.yaml");
        assert_eq!(relative("/home/b/c.yaml"), "../b/c.yaml");
        assert_eq!(relative("/etc/c.yaml"), "/etc/c.yaml");
    }
}
