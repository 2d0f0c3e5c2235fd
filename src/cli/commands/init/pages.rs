//! `init`: creates a repository for zone files. Existing files are never replaced.

use super::found::Found;
use super::recipes::{self, Page};
use crate::cli::Failure;
use crate::cli::args::{Init as Args, Pipeline, Review};
use crate::cli::output::{print, read_answer, unwritable};
use crate::config;
use crate::files::{self, Access, Draft, FileError};
use crate::model::clean;
use crate::report::Ending;
use std::io::{self, Write as _};
use std::path::Path;

/// The project file that is written.
const PROJECT_FILE: &str = "botform.yaml";

const PROJECT: &str = "\
# yaml-language-server: $schema=schemas/project.schema.json
# Settings for all zones of this repository.

# How many zones are read or written at a time.
concurrency: 50

# What one run may do. A run that would do more is refused, and says which flag allows it once.
guards:
  max_zones: 30% # of all zone files
  max_loosening: 5 # changes that loosen protection
  # max_failures: 3 # zones that fail before no further one is started

# What no zone file may want.
policy:
  - id: search-engines
    reason: search engines must reach every site
    forbid: { shuts_out: search_engines }
";

/// The revision that a pipeline compares with.
const SINCE: &str = "
# The tag in which the pipeline records what was last applied. Plans are compared with it.
since: botform-applied
";

/// An empty baseline.
pub(in crate::cli::commands) const BASELINE: &str = "\
# yaml-language-server: $schema=../schemas/baseline.schema.json
# What zones share. A zone file takes it with `extends: ../baselines/default.yaml`; its own settings win.
settings: {}
# What only one plan variant has stands apart:
# plans:
#   sbfm_pro: { sbfm_definitely_automated: managed_challenge }
";

const IGNORED: &str = "\
# Files that the commands write. Plans, snapshots, records and journals show how each zone is defended.
.botform/
botform-reports/
feedback.txt
live.json
night/
night.*
plan.*
record.txt
result.*
run.json
snapshot*.json
submissions.*
*.jsonl
*.prom
";

const VSCODE: &str = r#"{
  "yaml.schemas": {
    "schemas/zone.schema.json": "zones/**/*.{yaml,yml}",
    "schemas/baseline.schema.json": "baselines/**/*.{yaml,yml}",
    "schemas/feedback.schema.json": "feedback/**/*.{yaml,yml}",
    "schemas/project.schema.json": "botform.yaml"
  }
}
"#;

const EXTENSIONS: &str = r#"{
  "recommendations": ["redhat.vscode-yaml"]
}
"#;

/// Creates the repository, and says what to do next.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    let root = args.folder.as_path();
    let pipeline = args.ci.map(|ci| (ci, args.review.unwrap_or_else(ask)));
    let found = Found::below(root);
    let pages = pages(pipeline, &found);
    for (path, _) in &pages {
        check(root, &root.join(path))?;
    }
    let mut text = String::new();
    let mut is_project_kept = found.project != PROJECT_FILE;
    for (path, content) in &pages {
        let is_new = write(&root.join(path), content)?;
        is_project_kept |= !is_new && *path == PROJECT_FILE;
        text.push_str(&format!("{} {path}\n", if is_new { "written" } else { "kept   " }));
    }
    if pipeline.is_none() {
        text.push_str("\nNext:\n");
    } else {
        text.push_str("\nNext, line by line:\n");
    }
    if root != Path::new(".") {
        text.push_str(&format!("  cd {}\n", clean(&root.to_string_lossy())));
    }
    text.push_str("  botform doctor         # are the credentials and the files right?\n");
    text.push_str("  botform import zones   # write a file for each live zone; `--baseline default` collects what they share\n");
    match pipeline {
        Some((ci, review)) => text.push_str(&recipes::next(ci, review, &found, is_project_kept)),
        None => {
            text.push_str("  botform plan           # nothing differs; edit a file and look again\n");
        }
    }
    print(&text)?;
    Ok(Ending::Done)
}

/// Asks where plans are reviewed; without a terminal, in the pull request.
fn ask() -> Review {
    let answer = read_answer(
        "Where are plans reviewed: `pull-request`, or `at-apply` (after the merge)? [pull-request]",
    );
    match answer.as_deref() {
        Some("at-apply") => Review::AtApply,
        _ => Review::PullRequest,
    }
}

fn pages(pipeline: Option<(Pipeline, Review)>, found: &Found) -> Vec<Page> {
    let schema = |schema: serde_json::Value| format!("{schema:#}\n");
    let since = if pipeline.is_some() { SINCE } else { "" };
    let mut pages: Vec<Page> = vec![
        (PROJECT_FILE, format!("{PROJECT}{since}")),
        ("baselines/default.yaml", BASELINE.to_owned()),
        ("zones/.gitkeep", String::new()),
        ("schemas/zone.schema.json", schema(config::zone_schema())),
        ("schemas/baseline.schema.json", schema(config::baseline_schema())),
        ("schemas/feedback.schema.json", schema(config::feedback_schema())),
        ("schemas/project.schema.json", schema(config::project_schema())),
        (".vscode/settings.json", VSCODE.to_owned()),
        (".vscode/extensions.json", EXTENSIONS.to_owned()),
        (".gitignore", IGNORED.to_owned()),
        (".prettierignore", "schemas/\n".to_owned()),
    ];
    // What already exists elsewhere is not created a second time.
    pages.retain(|(path, _)| match *path {
        PROJECT_FILE => found.project == PROJECT_FILE,
        "zones/.gitkeep" => !found.has_zones,
        _ => true,
    });
    pages.extend(recipes::of(pipeline, found));
    pages
}

/// Makes a file's folder and checks that the file can be written, before any file is. No link may lead out of the root.
fn check(root: &Path, path: &Path) -> Result<(), Failure> {
    let ready = || -> io::Result<()> {
        let (place, top) = (files::resolve_new(files::folder_of(path))?, files::resolve_new(root)?);
        if !place.real().starts_with(top.real()) {
            return Err(FileError::Leaves("folder").into());
        }
        files::make_folder(files::folder_of(path))?;
        files::check_writable(path)
    };
    ready().map_err(|error| unwritable(path, &error))
}

/// Writes a file that is not there yet; false if there is one.
fn write(path: &Path, content: &str) -> Result<bool, Failure> {
    if files::is_there(path) {
        return Ok(false);
    }
    let written = || -> io::Result<()> {
        let mut draft = Draft::begin(path, Access::Result)?;
        draft.write_all(content.as_bytes())?;
        draft.keep()
    };
    written().map(|()| true).map_err(|error| unwritable(path, &error))
}
