//! `--output FORMAT[=FILE]`, and all other files that a run is asked to write, checked before anything else happens:
//! a result that cannot be kept must not be made.

use super::left::{Left, LeftFiles};
use super::sink::OnFailure;
use super::{Files, Output, Outputs};
use crate::cli::Failure;
use crate::files;
use std::path::{Path, PathBuf};

/// A format of plans and outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// The plan document.
    Json,
}

/// The formats of plans and outcomes by their words.
pub(crate) const FORMATS: [(&str, Format); 2] = [("text", Format::Text), ("json", Format::Json)];

/// A format of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportFormat {
    /// For people.
    Text,
    /// The plan document, or the problems that kept a run from making one.
    Json,
    /// Comments on pull requests.
    Markdown,
    /// Annotations, the job summary and values for later steps of GitHub Actions.
    Github,
    /// Code scanning.
    Sarif,
    /// Test reports.
    Junit,
    /// The merge-request widget of GitLab.
    Gitlab,
    /// One self-contained page.
    Html,
}

/// The formats of reports by their words.
pub(crate) const REPORT_FORMATS: [(&str, ReportFormat); 8] = [
    ("text", ReportFormat::Text),
    ("json", ReportFormat::Json),
    ("markdown", ReportFormat::Markdown),
    ("github", ReportFormat::Github),
    ("sarif", ReportFormat::Sarif),
    ("junit", ReportFormat::Junit),
    ("gitlab", ReportFormat::Gitlab),
    ("html", ReportFormat::Html),
];

/// A format of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListFormat {
    /// For people.
    Table,
    /// One document.
    Json,
    /// A row a line.
    JsonLines,
    /// For spreadsheets.
    Csv,
}

/// The formats of lists by their words.
pub(crate) const LIST_FORMATS: [(&str, ListFormat); 4] = [
    ("table", ListFormat::Table),
    ("json", ListFormat::Json),
    ("jsonl", ListFormat::JsonLines),
    ("csv", ListFormat::Csv),
];

/// The files that a run is asked to write, and those that its arguments name to be read.
pub(crate) struct Wanted<'a, F> {
    texts: &'a [String],
    formats: &'a [(&'static str, F)],
    written: Vec<(&'static str, &'a Path)>,
    /// What may be replaced in the place of each file that only a run with a result leaves.
    replaced: Vec<(&'a Path, MayReplace)>,
    read: Vec<&'a Path>,
    keeps_exit: bool,
    metrics: Option<PathBuf>,
    on_failure: OnFailure<F>,
    /// The files that the environment names for a step of a job.
    of_step: fn(&[Output<F>]) -> StepFiles,
}

/// Refuses a file that is no earlier result, and was probably named by mistake.
type MayReplace = fn(&Path) -> Result<(), Failure>;

/// Files with the names of the variables that give them.
pub(super) type StepFiles = Vec<(&'static str, PathBuf)>;

impl<'a, F: Copy> Wanted<'a, F> {
    /// What `--output` asks for; the first format goes to stdout where it is not given.
    pub(crate) fn new(texts: &'a [String], formats: &'a [(&'static str, F)]) -> Self {
        Self {
            texts,
            formats,
            written: Vec::new(),
            replaced: Vec::new(),
            read: Vec::new(),
            keeps_exit: false,
            metrics: None,
            on_failure: None,
            of_step: |_| Vec::new(),
        }
    }

    /// The same with what is shown where the run ends without a result, and with the files of a step.
    pub(super) fn of_step(self, on_failure: OnFailure<F>, of_step: fn(&[Output<F>]) -> StepFiles) -> Self {
        Self { on_failure, of_step, ..self }
    }

    /// The same with another file that is written.
    pub(crate) fn writes(mut self, flag: &'static str, path: Option<&'a Path>) -> Self {
        self.written.extend(path.map(|path| (flag, path)));
        self
    }

    /// The same with a file that an earlier result of its kind may be in, but not that of an earlier run where this one
    /// has none.
    pub(crate) fn replaces(
        mut self,
        flag: &'static str,
        path: Option<&'a Path>,
        may_replace: MayReplace,
    ) -> Self {
        self.replaced.extend(path.map(|path| (path, may_replace)));
        self.writes(flag, path)
    }

    /// The same with a file for the numbers of the run, which is also written where it ends without a result.
    pub(crate) fn metrics(mut self, path: Option<&'a Path>) -> Self {
        self.metrics = path.map(Path::to_owned);
        self.writes("--metrics", path)
    }

    /// The same with a file that is read.
    pub(crate) fn reads(mut self, path: Option<&'a Path>) -> Self {
        self.read.extend(path);
        self
    }

    /// The same for a run whose exit code is about what it wrote to zones: a lost output does not change it.
    pub(crate) fn keeps_exit(mut self) -> Self {
        self.keeps_exit = true;
        self
    }

    /// Reads the words, and checks that each file can be written and is no other file of the run.
    pub(crate) fn check(self) -> Result<(Outputs<F>, Files), Failure> {
        let outputs = parse(self.texts, self.formats)?;
        let mut files = Files::default();
        for (text, output) in self.texts.iter().zip(&outputs) {
            if let Some(path) = &output.file {
                files.writes(format!("--output {text}"), path)?;
            }
        }
        for (flag, path) in &self.written {
            files.writes(format!("{flag} {}", path.display()), path)?;
        }
        let of_step = (self.of_step)(&outputs);
        for (name, path) in &of_step {
            files.writes(format!("{name}={}", path.display()), path)?;
        }
        if outputs.iter().any(|output| output.file.is_none()) {
            files.writes_stdout()?;
        }
        self.read.iter().try_for_each(|path| files.reads(path))?;
        let written = outputs.iter().filter_map(|output| output.file.as_deref());
        let written = written.chain(self.written.iter().map(|(_, path)| *path));
        written.chain(of_step.iter().map(|(_, path)| path.as_path())).try_for_each(check_writable)?;
        self.replaced.iter().try_for_each(|(path, may_replace)| may_replace(path))?;
        let left = self.left(&outputs);
        Ok((Outputs::new(outputs, self.keeps_exit, self.metrics, self.on_failure, left), files))
    }

    /// What is left in the files of a run without a result. A report says it in its own way in all formats but text.
    fn left(&self, outputs: &[Output<F>]) -> LeftFiles {
        let words = self.texts.iter().map(|text| text.split('=').next().unwrap_or_default());
        let outputs = words.zip(outputs).filter(|(word, _)| self.on_failure.is_none() || *word == "text");
        let outputs = outputs.filter_map(|(word, output)| Some((output.file.clone()?, Left::of(word))));
        outputs.chain(self.replaced.iter().map(|(path, _)| ((*path).to_owned(), Left::Nothing))).collect()
    }
}

fn parse<F: Copy>(texts: &[String], formats: &[(&str, F)]) -> Result<Vec<Output<F>>, Failure> {
    let outputs = texts.iter().map(|text| parse_one(text, formats)).collect::<Result<Vec<_>, _>>()?;
    if outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
        return Err(Failure::usage("only one `--output` can go to stdout")
            .hint("give the others a file, such as `--output json=plan.json`"));
    }
    match (outputs.is_empty(), formats.first()) {
        (true, Some((_, format))) => Ok(vec![Output { format: *format, file: None }]),
        _ => Ok(outputs),
    }
}

fn parse_one<F: Copy>(text: &str, formats: &[(&str, F)]) -> Result<Output<F>, Failure> {
    let (word, file) = match text.split_once('=') {
        Some((_, "")) => return Err(Failure::usage(format!("`--output {text}` names no file"))),
        Some((word, "-")) => (word, None),
        Some((word, file)) => (word, Some(PathBuf::from(file))),
        None => (text, None),
    };
    match formats.iter().find(|(name, _)| *name == word) {
        Some((_, format)) => Ok(Output { format: *format, file }),
        None => {
            let words: Vec<_> = formats.iter().map(|(name, _)| *name).collect();
            let hint = format!("choose one of: {}", words.join(", "));
            Err(Failure::usage(format!("`{word}` is not an output format")).hint(hint))
        }
    }
}

/// Whether a file can be written; nothing is left behind where it is new.
fn check_writable(path: &Path) -> Result<(), Failure> {
    files::check_writable(path).map_err(|error| super::unwritable(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(texts: &[&str]) -> Result<Vec<Output<Format>>, Failure> {
        let texts: Vec<_> = texts.iter().map(|text| (*text).to_owned()).collect();
        parse(&texts, &FORMATS)
    }

    #[test]
    fn stdout_is_written_once() {
        let stdout = |format| Output { format, file: None };
        assert_eq!(parsed(&[]).unwrap(), [stdout(Format::Text)]);
        assert_eq!(parsed(&["json=-"]).unwrap(), [stdout(Format::Json)]);
        let file = Output { format: Format::Json, file: Some("a=b.json".into()) };
        assert_eq!(parsed(&["text", "json=a=b.json"]).unwrap(), [stdout(Format::Text), file]);
        for twice in [["text", "json"], ["text=-", "json"], ["text=-", "text=-"]] {
            assert!(parsed(&twice).is_err(), "{twice:?}");
        }
    }

    #[test]
    fn a_word_that_is_no_format_is_refused() {
        for wrong in ["", "yaml", "json=", "=a.json", "JSON"] {
            assert!(parsed(&[wrong]).is_err(), "{wrong}");
        }
    }
}
