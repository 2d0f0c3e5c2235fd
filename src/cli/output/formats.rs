//! `--output FORMAT[=FILE]` and all other files that a run is asked to write. They are checked before anything else
//! happens: nothing is done whose result cannot be kept.

use super::left::{Left, LeftFiles};
use super::sink::OnFailure;
use super::{Files, Output, Outputs};
use crate::cli::Failure;
use crate::files;
use clap::ValueEnum;
use std::cell::Cell;
use std::path::{Path, PathBuf};

/// A format of plans and outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// The document
    Json,
}

/// A format of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    Table,
    /// One document
    Json,
    /// A row a line
    Jsonl,
    /// For spreadsheets
    Csv,
}

/// A format of explanations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// For people
    Text,
    /// For pages
    Markdown,
    /// One document
    Json,
}

/// The files that the arguments of a run name, to write and to read.
pub(crate) struct Wanted<'a, F> {
    outputs: Vec<Output<F>>,
    written: Vec<(&'static str, &'a Path)>,
    /// The files that only a run with a result writes, each with the check of what it may replace.
    replaced: Vec<(&'a Path, MayReplace)>,
    read: Vec<&'a Path>,
    keeps_exit: bool,
    metrics: Option<PathBuf>,
    on_failure: OnFailure<F>,
    /// The files that the environment names for a step of a CI job.
    of_step: fn(&[Output<F>]) -> StepFiles,
}

/// Refuses a file that is not an earlier result, and was probably named by mistake.
type MayReplace = fn(&Path) -> Result<(), Failure>;

/// Files, each with the name of its environment variable.
pub(super) type StepFiles = Vec<(&'static str, PathBuf)>;

impl<'a, F: ValueEnum + Copy> Wanted<'a, F> {
    /// The files of `--output`.
    pub(crate) fn new(outputs: &[Output<F>]) -> Self {
        Self {
            outputs: outputs.to_vec(),
            written: Vec::new(),
            replaced: Vec::new(),
            read: Vec::new(),
            keeps_exit: false,
            metrics: None,
            on_failure: None,
            of_step: |_| Vec::new(),
        }
    }

    /// Adds what is shown if the run ends without a result, and the files of a CI step.
    pub(super) fn of_step(self, on_failure: OnFailure<F>, of_step: fn(&[Output<F>]) -> StepFiles) -> Self {
        Self { on_failure, of_step, ..self }
    }

    /// Adds a file to write.
    pub(crate) fn writes(mut self, flag: &'static str, path: Option<&'a Path>) -> Self {
        self.written.extend(path.map(|path| (flag, path)));
        self
    }

    /// Adds a file to write that may replace an earlier result of its kind. If this run has no result, the earlier one
    /// is removed.
    pub(crate) fn replaces(
        mut self,
        flag: &'static str,
        path: Option<&'a Path>,
        may_replace: MayReplace,
    ) -> Self {
        self.replaced.extend(path.map(|path| (path, may_replace)));
        self.writes(flag, path)
    }

    /// Adds the file for the metrics of the run, which is also written if the run ends without a result.
    pub(crate) fn metrics(mut self, path: Option<&'a Path>) -> Self {
        self.metrics = path.map(Path::to_owned);
        self.writes("--metrics", path)
    }

    /// Adds a file to read.
    pub(crate) fn reads(mut self, path: Option<&'a Path>) -> Self {
        self.read.extend(path);
        self
    }

    /// Adds files to read.
    pub(crate) fn reads_all(mut self, paths: impl IntoIterator<Item = &'a Path>) -> Self {
        self.read.extend(paths);
        self
    }

    /// For a run whose exit code is about what it wrote to zones: a lost output does not change it.
    pub(crate) fn keeps_exit(mut self) -> Self {
        self.keeps_exit = true;
        self
    }

    /// Checks that each file can be written, that no two are the same, and that at most one output goes to stdout.
    pub(crate) fn check(self) -> Result<Outputs<F>, Failure> {
        let outputs = &self.outputs;
        if outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
            return Err(Failure::usage("only one `--output` can go to stdout")
                .hint("give the others a file, such as `--output json=plan.json`"));
        }
        let mut files = Files::default();
        for output in outputs {
            if let Some(path) = &output.file {
                files.writes(format!("--output {}={}", output.word(), path.display()), path)?;
            }
        }
        for (flag, path) in &self.written {
            files.writes(format!("{flag} {}", path.display()), path)?;
        }
        let of_step = (self.of_step)(outputs);
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
        let left = self.left();
        let Self { outputs, keeps_exit, metrics, on_failure, .. } = self;
        Ok(Outputs { each: outputs, files, keeps_exit, metrics, on_failure, left, has_lost: Cell::default() })
    }

    /// What the files hold if the run ends without a result. In all formats but text, a report shows the problems
    /// itself.
    fn left(&self) -> LeftFiles {
        let outputs = self.outputs.iter().map(|output| (output.word(), output));
        let outputs = outputs.filter(|(word, _)| self.on_failure.is_none() || word == "text");
        let outputs = outputs.filter_map(|(word, output)| Some((output.file.clone()?, Left::of(&word))));
        outputs.chain(self.replaced.iter().map(|(path, _)| ((*path).to_owned(), Left::Nothing))).collect()
    }
}

/// Checks that a file can be written. A file that does not exist yet is not left behind.
fn check_writable(path: &Path) -> Result<(), Failure> {
    files::check_writable(path).map_err(|error| super::unwritable(path, &error))
}
