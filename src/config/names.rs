//! File names for messages: relative to the current folder, with `/`.

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

#[cfg(test)]
mod tests {
    use super::*;

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
