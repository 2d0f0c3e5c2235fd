//! The walls of the program, checked on its sources: who may use whom, who may touch the world outside, and how
//! files are cut.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

/// What each module may use besides itself and `catalogue`, which all may.
const MAY_USE: [(&str, &[&str]); 12] = [
    ("catalogue", &[]),
    ("model", &[]),
    ("files", &[]),
    ("config", &["model", "files"]),
    ("diff", &["model"]),
    ("plan", &["diff", "model"]),
    ("report", &["plan", "diff", "model"]),
    ("render", &["report", "plan", "diff", "model"]),
    ("api", &["model"]),
    ("run", &["api", "plan", "diff", "model", "files"]),
    ("emulator", &[]),
    ("cli", &["api", "config", "diff", "emulator", "files", "model", "plan", "render", "report", "run"]),
];

/// The modules that only compute.
const PURE: [&str; 7] = ["catalogue", "model", "diff", "plan", "report", "render", "config"];

/// What only impure modules name.
const OUTSIDE: [&str; 18] = [
    ".exists()",
    ".is_file()",
    ".is_dir()",
    ".metadata()",
    ".canonicalize()",
    ".read_dir()",
    "tokio",
    "reqwest",
    "axum",
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::io::stdin",
    "SystemTime",
    "Timestamp::now",
    "Zoned::now",
    "Instant::now",
];

/// A source file.
struct Source {
    /// Its path below `src`, with `/`.
    path: String,
    text: String,
}

impl Source {
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("tests.rs")
    }

    /// The lines of code before the unit tests, with their numbers.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(number, line)| (number + 1, line.trim_start()));
        lines.take_while(|(_, line)| *line != "#[cfg(test)]").filter(|(_, line)| !line.starts_with("//"))
    }
}

fn sources() -> Vec<Source> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = walkdir::WalkDir::new(&folder).sort_by_file_name().into_iter().map(Result::unwrap);
    let files = files.filter(|entry| entry.path().extension().is_some_and(|end| end == "rs"));
    let sources: Vec<_> = files
        .map(|entry| Source {
            path: entry.path().strip_prefix(&folder).unwrap().to_str().unwrap().replace('\\', "/"),
            text: fs::read_to_string(entry.path()).unwrap(),
        })
        .collect();
    assert!(sources.len() > 50, "no sources where they are expected");
    sources
}

/// Fails with all that breaks a rule.
fn assert_none(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}:\n{}", broken.join("\n"));
}

/// The modules of the crate that a line names.
fn used(line: &str) -> impl Iterator<Item = &str> {
    let direct = line.split("crate::").skip(1);
    direct.flat_map(|rest| {
        let listed = rest.strip_prefix('{').map(|list| list.split(['}', ';']).next().unwrap_or_default());
        let names: Vec<&str> = match listed {
            Some(list) => list.split(',').collect(),
            None => vec![rest],
        };
        names.into_iter().map(|name| {
            let name = name.trim();
            name.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default()
        })
    })
}

#[test]
fn each_module_uses_only_what_it_may() {
    let sources = sources();
    let mut broken = Vec::new();
    for source in sources.iter().filter(|source| source.path.contains('/') && !source.is_test()) {
        let (_, allowed) = MAY_USE.iter().find(|(module, _)| *module == source.module()).unwrap();
        for (number, line) in source.code() {
            let others = used(line).filter(|name| MAY_USE.iter().any(|(module, _)| module == name));
            let wrong = others
                .filter(|name| *name != source.module() && *name != "catalogue" && !allowed.contains(name));
            broken.extend(wrong.map(|name| format!("{}:{number} uses {name}", source.path)));
        }
    }
    assert_none("a module uses what it may not", &broken);
}

#[test]
fn no_module_reaches_another_one_by_climbing() {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        let depth = source.path.matches('/').count() - usize::from(source.path.ends_with("mod.rs"));
        let too_many = "super::".repeat(depth + 1);
        let climbing = source.code().filter(|(_, line)| line.contains(&too_many));
        broken.extend(climbing.map(|(number, line)| format!("{}:{number} {line}", source.path)));
    }
    assert_none("what lies outside a module is named by `crate::`", &broken);
}

#[test]
fn every_module_has_its_line_in_the_table() {
    let lib = sources().into_iter().find(|source| source.path == "lib.rs").unwrap();
    let mut declared: Vec<_> = lib
        .text
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect();
    let mut table: Vec<_> = MAY_USE.iter().map(|(module, _)| (*module).to_owned()).collect();
    declared.sort();
    table.sort();
    assert_eq!(declared, table);
}

#[test]
fn pure_modules_do_not_touch_the_world_outside() {
    let mut broken = Vec::new();
    for source in sources() {
        let is_pure = PURE.contains(&source.module()) && !source.is_test();
        for (number, line) in source.code().filter(|_| is_pure) {
            let named = OUTSIDE.iter().filter(|name| line.contains(*name));
            broken.extend(named.map(|name| format!("{}:{number} names {name}", source.path)));
        }
    }
    assert_none("a pure module touches the world outside", &broken);
}

/// What `config` names of `files`: what a tree of files is, and no way to one.
const PLAIN_FILES: [&str; 6] = ["Entry", "FileError", "Found", "Pick", "RealPath", "Tree"];

#[test]
fn config_reads_nothing_but_the_tree_that_it_is_given() {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| source.module() == "config" && !source.is_test()) {
        for (number, line) in source.code().filter(|(_, line)| line.contains("files::")) {
            let names = line.split("crate::files::").nth(1).unwrap_or(line);
            let mut names =
                names.trim_matches(['{', '}', ';']).split(", ").map(|name| name.trim_matches('}'));
            if !names.all(|name| PLAIN_FILES.contains(&name)) {
                broken.push(format!("{}:{number} {line}", source.path));
            }
        }
    }
    assert_none("config opens files itself", &broken);
}

#[test]
fn files_are_touched_by_their_module_alone_and_the_environment_by_the_command_line() {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| source.path.contains('/') && !source.is_test()) {
        // A journal holds its file open and locked.
        let is_open = source.module() == "files" || source.path == "run/journal/journal.rs";
        let named = source.code().filter(|(_, line)| {
            (line.contains("std::fs") && !is_open) || (line.contains("std::env") && source.module() != "cli")
        });
        broken.extend(named.map(|(number, line)| format!("{}:{number} {line}", source.path)));
    }
    assert_none("files and environment are not this module's business", &broken);
}

#[test]
fn the_yaml_library_is_named_in_one_file() {
    let naming: Vec<_> = sources()
        .into_iter()
        .filter(|source| !source.is_test() && source.code().any(|(_, line)| line.contains("serde_yaml")))
        .map(|source| source.path)
        .collect();
    assert_eq!(naming.len(), 1, "{naming:?}");
}

#[test]
fn files_are_short_and_say_what_they_own() {
    let mut broken = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > 400 {
            broken.push(format!("{} has {lines} lines", source.path));
        }
        if !source.text.starts_with("//! ") && !source.is_test() {
            broken.push(format!("{} does not begin with `//!`", source.path));
        }
        let about = source.text.lines().take_while(|line| line.starts_with("//!")).count();
        // The head of `lib.rs` tells of the whole program.
        if about > 6 && source.path != "lib.rs" {
            broken.push(format!("{} has {about} lines of `//!`", source.path));
        }
    }
    assert_none("a file is not cut as it should be", &broken);
}

#[test]
fn module_files_only_declare_and_reexport() {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| source.path.ends_with("mod.rs")) {
        let mut in_use = false;
        for (number, line) in source.code().filter(|(_, line)| !line.is_empty() && !line.starts_with("#[")) {
            let declares = ["mod ", "pub mod ", "pub(crate) mod ", "pub(super) mod "]
                .iter()
                .any(|word| line.starts_with(word));
            let begins = ["use ", "pub use ", "pub(super) use ", "pub(crate) use ", "pub(in "]
                .iter()
                .any(|word| line.starts_with(word));
            if !declares && !begins && !in_use && !source.is_test() {
                broken.push(format!("{}:{number} {line}", source.path));
            }
            in_use = (begins || in_use) && !line.ends_with(';');
        }
    }
    assert_none("a module file does more than declare and re-export", &broken);
}
