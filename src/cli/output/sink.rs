//! Writes results to stdout, or to files as a whole or not at all.

use super::left::LeftFiles;
use super::stderr::Writing;
use super::written::{pretty, write_document, write_text};
use super::{Files, Level, can_ask, say_drawn, stderr_width, stdout_width};
use crate::cli::Failure;
use crate::cli::redact::{Leaving, leaving};
use crate::files::Access;
use crate::model::Notation;
use crate::render::{Page, Paint};
use crate::report::{Ending, Verb};
use clap::ValueEnum;
use serde::Serialize;
use std::cell::Cell;
use std::io::{self, Write as _};
use std::path::PathBuf;

/// Shows in the outputs that the run ended without a result, if they are reports.
pub(super) type OnFailure<F> = Option<(Verb, fn(&Outputs<F>, Verb, &Failure))>;

/// One output of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output<F> {
    pub(crate) format: F,
    /// The file; stdout if there is none.
    pub(crate) file: Option<PathBuf>,
}

/// All outputs of a run.
#[derive(Debug)]
pub(crate) struct Outputs<F> {
    /// The outputs in the order of the arguments.
    pub(super) each: Vec<Output<F>>,
    /// All files that the run writes, and may not read.
    pub(crate) files: Files,
    pub(super) keeps_exit: bool,
    /// The file for metrics.
    pub(super) metrics: Option<PathBuf>,
    pub(super) on_failure: OnFailure<F>,
    /// What is left in files if the run ends without a result.
    pub(super) left: LeftFiles,
    pub(super) has_lost: Cell<bool>,
}

impl<F: Copy> Outputs<F> {
    /// Ends the run: without a result, each output says so; an output that could not be written changes the ending.
    pub(crate) fn finish(&self, ended: Result<Ending, Failure>) -> Result<Ending, Failure> {
        ended.map(|ending| self.settle(ending)).inspect_err(|failure| self.fail(failure))
    }

    /// Shows in each output that the run ended without a result. After wrong usage nothing ran, and the files may be
    /// named by mistake.
    fn fail(&self, failure: &Failure) {
        if failure.ended() == Ending::Usage {
            return;
        }
        let problems = failure.diagnostics();
        for (path, left) in &self.left {
            self.keep(left.write(path, &problems));
        }
        if let Some((verb, show)) = self.on_failure {
            show(self, verb, failure);
        }
    }

    /// The outputs, with stdout last: if it blocks, the files are already written.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Output<F>> {
        let files = self.each.iter().filter(|output| output.file.is_some());
        files.chain(self.each.iter().filter(|output| output.file.is_none()))
    }

    /// Writes the result to each output; true if at least one could be written.
    pub(crate) fn show(&self, write: impl Fn(&Output<F>) -> Result<(), Failure>) -> bool {
        let shown: Vec<_> = self.iter().map(|output| self.keep(write(output))).collect();
        shown.contains(&true)
    }

    /// Reports an output that could not be written; true if it could.
    pub(crate) fn keep(&self, written: Result<(), Failure>) -> bool {
        let Err(failure) = written else { return true };
        failure.report();
        self.has_lost.set(true);
        false
    }

    /// The ending of the run after its outputs were written or lost.
    pub(crate) fn settle(&self, exit: Ending) -> Ending {
        if self.has_lost.get() && !self.keeps_exit { exit.lost() } else { exit }
    }
}

impl<F: ValueEnum> Output<F> {
    /// The name of its format.
    pub(crate) fn word(&self) -> String {
        self.format.to_possible_value().map(|word| word.get_name().to_owned()).unwrap_or_default()
    }
}

impl<F> Output<F> {
    /// A format on stdout.
    pub(crate) const fn stdout(format: F) -> Self {
        Self { format, file: None }
    }

    /// The layout of its text: wrapped to the terminal on stdout, unwrapped in a file.
    pub(crate) fn page(&self) -> Page {
        match self.file {
            None if has_colors() => Page { paint: Paint::Color, width: stdout_width() },
            None => Page { paint: Paint::Plain, width: stdout_width() },
            Some(_) => Paint::Plain.into(),
        }
    }

    /// Writes a whole result.
    pub(crate) fn write(&self, text: &str) -> Result<(), Failure> {
        self.write_as(text, Notation::Text)
    }

    /// Writes a whole result in a notation.
    pub(crate) fn write_as(&self, text: &str, notation: Notation) -> Result<(), Failure> {
        match &self.file {
            None if notation == Notation::Text => print(text),
            None => print_piece(text, notation).map(drop),
            Some(path) => write_text(path, text, notation),
        }
    }

    /// Writes a document as it is serialized: that of many zones is not kept in memory.
    pub(crate) fn write_json(&self, document: &impl Serialize) -> Result<(), Failure> {
        match &self.file {
            None => {
                let _writing = Writing::begin();
                let mut stdout = Leaving::new(io::BufWriter::new(io::stdout().lock()), Notation::Json);
                written(pretty(document, &mut stdout).and_then(|()| stdout.end().map(drop)))
            }
            Some(path) => write_document(path, Access::Result, document),
        }
    }
}

/// Who must see what is about to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// The reader of stdout.
    Stdout,
    /// The person who is asked.
    Person,
}

/// Shows what is about to be written: on stdout if text goes there, else on the terminal of the person who is asked.
pub(crate) fn preview<F: Copy + PartialEq>(
    outputs: &Outputs<F>,
    format: F,
    audience: Audience,
    text: impl Fn(Page) -> String,
) {
    let to_stdout = |output: &&Output<F>| output.format == format && output.file.is_none();
    match outputs.iter().find(to_stdout) {
        Some(output) => {
            outputs.keep(output.write(&format!("{}\n", text(output.page()))));
        }
        None if audience == Audience::Person && can_ask() => {
            say_drawn(Level::Info, &text(Page { paint: Paint::Color, width: stderr_width() }));
        }
        None => {}
    }
}

/// Shows results in all outputs. In the text format, `format`, they follow the plan, which stdout shows already. If no
/// output can be written, they go to stderr: what was written to zones must not get lost.
pub(crate) fn show_results<F: Copy + PartialEq>(
    outputs: &Outputs<F>,
    format: F,
    plan: impl Fn(Page) -> String,
    results: impl Fn(Page) -> String,
    others: impl Fn(&Output<F>) -> Result<(), Failure>,
) {
    let is_shown = outputs.show(|output| match &output.file {
        _ if output.format != format => others(output),
        None => output.write(&results(output.page())),
        Some(_) => output.write(&format!("{}\n{}", plan(output.page()), results(output.page()))),
    });
    if !is_shown {
        say_drawn(Level::Info, &results(Paint::Plain.into()));
    }
}

/// Writes a text to stdout.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_piece(text, if has_colors() { Notation::Painted } else { Notation::Text }).map(drop)
}

/// Whether stdout shows colours.
fn has_colors() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// Writes a piece of a long result to stdout; false if its reader has gone.
pub(crate) fn print_piece(text: &str, notation: Notation) -> Result<bool, Failure> {
    let _writing = Writing::begin();
    let mut stdout = io::stdout().lock();
    let result = stdout.write_all(leaving(text, notation).as_bytes()).and_then(|()| stdout.flush());
    let is_gone = result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
    written(result).map(|()| !is_gone)
}

/// A closed pipe is not an error: the reader has seen what it wanted.
fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::of(&error).context("cannot write the result to stdout"))
        }
        _ => Ok(()),
    }
}
