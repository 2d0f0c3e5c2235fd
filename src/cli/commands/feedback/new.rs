//! `feedback new`: writes a report file to fill in. Nothing is sent.

use crate::cli::Failure;
use crate::cli::args::FeedbackNew as Args;
use crate::cli::environment::Clock;
use crate::cli::output::{print, unwritable};
use crate::config::report_template;
use crate::files::{self, Access, Draft};
use crate::model::clean;
use crate::report::Ending;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The schema of the editors, beside the folder of the reports.
const SCHEMA: &str = "schemas/feedback.schema.json";

/// Writes the file, and says what to do next.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    let path = args
        .file
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("feedback/{}-{}.yaml", args.zone, Clock::start().today())));
    if files::is_there(&path) {
        return Err(Failure::usage(format!("{} is there already", path.display()))
            .hint("name another file: a report of one day and zone may have a second one"));
    }
    let folder = files::folder_of(&path);
    let has_schema = files::is_there(&folder.join("..").join(SCHEMA));
    let schema = format!("../{SCHEMA}");
    let text = report_template(&args.zone, args.kind.into(), has_schema.then_some(&schema));
    write(&path, &text).map_err(|error| unwritable(&path, &error))?;
    let (file, folder) =
        (clean(&path.to_string_lossy()).into_owned(), clean(&folder.to_string_lossy()).into_owned());
    print(&format!(
        "written {file}\n
Next:
  fill in what is empty
  botform validate {folder}
  botform feedback plan {folder}     # would it be sent?
  botform feedback submit {folder}   # or merge it, where the pipeline submits
"
    ))?;
    Ok(Ending::Done)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    files::make_folder(files::folder_of(path))?;
    let mut draft = Draft::begin(path, Access::Result)?;
    draft.write_all(text.as_bytes())?;
    draft.keep()
}
