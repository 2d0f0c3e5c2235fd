//! `init`: makes the repository that zone files live in. What is there already is never replaced.

use crate::cli::Failure;
use crate::cli::args::{Init as Args, Pipeline};
use crate::cli::output::{print, unwritable};
use crate::config;
use crate::files::{self, Access, Draft, FileError};
use crate::model::clean;
use crate::report::Ending;
use std::io::{self, Write as _};
use std::path::Path;

/// A file of a new repository, by its path in it.
type Page = (&'static str, String);

const PROJECT: &str = "\
# yaml-language-server: $schema=schemas/project.schema.json
# What holds for all zones of this repository.

# How many zones are read or written at a time.
concurrency: 50

# What one run may do. Remove the `#` to set a limit; each has a flag that overrides it.
# guards:
#   max_zones: 20% # of all zone files
#   max_loosening: 5 # changes that loosen protection
#   max_failures: 3 # zones that fail before no further one is started

# What no zone file may ask for.
policy:
  - id: search-engines
    reason: search engines must reach every site
    forbid: { shuts_out: search_engines }
";

/// A baseline that says nothing yet.
pub(super) const BASELINE: &str = "\
# yaml-language-server: $schema=../schemas/baseline.schema.json
# What zones share. A zone file takes it with `extends: ../baselines/default.yaml`; its own settings win.
settings: {}
# What only one plan variant has stands apart:
# plans:
#   sbfm_pro: { sbfm_definitely_automated: managed_challenge }
";

const IGNORED: &str = "\
# Plans, snapshots and journals show how each zone is defended.
plan.json
snapshot.json
.botform/
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

/// Makes the repository, and says what to do next.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    let root = args.folder.as_path();
    let pages = pages(args.ci);
    for (path, _) in &pages {
        check(root, &root.join(path))?;
    }
    let mut text = String::new();
    for (path, content) in &pages {
        let is_new = write(&root.join(path), content)?;
        text.push_str(&format!("{} {path}\n", if is_new { "written" } else { "kept   " }));
    }
    text.push_str("\nNext:\n");
    if root != Path::new(".") {
        text.push_str(&format!("  cd {}\n", clean(&root.to_string_lossy())));
    }
    text.push_str("  botform doctor         # are the credentials and the files right?\n");
    text.push_str("  botform import zones   # write a file for each live zone; `--baseline default` gathers what they share\n");
    text.push_str("  botform plan           # nothing differs; edit a file and look again\n");
    print(&text)?;
    Ok(Ending::Done)
}

fn pages(ci: Option<Pipeline>) -> Vec<Page> {
    let schema = |schema: serde_json::Value| format!("{schema:#}\n");
    let mut pages: Vec<Page> = vec![
        ("botform.yaml", PROJECT.to_owned()),
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
    let recipes: &[(&'static str, &str)] = match ci {
        None => &[],
        Some(Pipeline::Github) => &[
            (".github/CODEOWNERS", include_str!("../../../examples/ci/github/CODEOWNERS")),
            (
                ".github/workflows/botform-apply.yml",
                include_str!("../../../examples/ci/github/botform-apply.yml"),
            ),
            (
                ".github/workflows/botform-nightly.yml",
                include_str!("../../../examples/ci/github/botform-nightly.yml"),
            ),
            (
                ".github/workflows/botform-plan.yml",
                include_str!("../../../examples/ci/github/botform-plan.yml"),
            ),
        ],
        Some(Pipeline::Gitlab) => {
            &[(".gitlab-ci.yml", include_str!("../../../examples/ci/gitlab/.gitlab-ci.yml"))]
        }
    };
    pages.extend(recipes.iter().map(|(path, content)| (*path, (*content).to_owned())));
    pages
}

/// Makes a file's folder, and sees that the file can be written, before any is. No link may lead out of the root.
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
