//! Where results go: stdout or files, any number of formats from one run.

use super::failure::Failure;
use super::redact::{Redacting, redact};
use crate::files::{Access, Draft, check_writable};
use crate::render::Paint;
use serde::Serialize;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

/// A format of plans and outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// For people.
    Text,
    /// The plan document.
    Json,
}

/// One output of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output<F> {
    /// The format.
    pub(super) format: F,
    /// The file; nothing for stdout.
    pub(super) file: Option<PathBuf>,
}

/// Reads `--output FORMAT[=FILE]`, with text to stdout where nothing is said.
pub(super) fn parse<F: Copy>(texts: &[String], formats: &[(&str, F)]) -> Result<Vec<Output<F>>, Failure> {
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
        Some((word, file)) => (word, Some(PathBuf::from(file))),
        None => (text, None),
    };
    if file.as_ref().is_some_and(|file| file.as_os_str().is_empty()) {
        return Err(Failure::usage(format!("`--output {text}` names no file")));
    }
    let found = formats.iter().find(|(name, _)| *name == word);
    let words: Vec<_> = formats.iter().map(|(name, _)| *name).collect();
    match found {
        Some((_, format)) => Ok(Output { format: *format, file }),
        None => Err(Failure::usage(format!("`{word}` is no output format; there are: {}", words.join(", ")))),
    }
}

/// The formats of plans and outcomes.
pub(super) const FORMATS: [(&str, Format); 2] = [("text", Format::Text), ("json", Format::Json)];

impl<F> Output<F> {
    /// Whether its text is coloured.
    pub(super) fn paint(&self) -> Paint {
        match self.file {
            None if anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never => {
                Paint::Color
            }
            _ => Paint::Plain,
        }
    }

    /// Whether it could be written, before anything else is: a result that cannot be kept must not be made.
    pub(super) fn check(&self) -> Result<(), Failure> {
        match &self.file {
            Some(path) => check_writable(path).map_err(|error| unwritable(path, &error)),
            None => Ok(()),
        }
    }

    /// Writes a whole result.
    pub(super) fn write(&self, text: &str) -> Result<(), Failure> {
        match &self.file {
            None => print(text),
            Some(path) => write_file(path, Access::Result, |file| file.write_all(text.as_bytes())),
        }
    }

    /// Writes a document, piece by piece.
    pub(super) fn write_json(&self, document: &impl Serialize) -> Result<(), Failure> {
        match &self.file {
            None => {
                let mut stdout = Redacting::new(io::BufWriter::new(io::stdout().lock()));
                written(pretty(document, &mut stdout).and_then(|()| stdout.end().map(drop)))
            }
            Some(path) => write_file(path, Access::Result, |file| pretty(document, file)),
        }
    }
}

/// Shows a plan before it is carried out: on stdout where a text goes there, else to the person who is asked.
pub(super) fn show_before(
    outputs: &[Output<Format>],
    is_approved: bool,
    text: impl Fn(Paint) -> String,
) -> Result<(), Failure> {
    let to_stdout = |output: &&Output<Format>| output.format == Format::Text && output.file.is_none();
    match outputs.iter().find(to_stdout) {
        Some(output) => output.write(&format!("{}\n", text(output.paint()))),
        None if can_ask() && !is_approved => {
            say(&text(Paint::Color));
            Ok(())
        }
        None => Ok(()),
    }
}

/// A document for people and diffs: indented, with a final line end.
pub(super) fn pretty(document: &impl Serialize, mut to: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut to, document)?;
    to.write_all(b"\n")?;
    to.flush()
}

/// Writes to stdout.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    written(stdout.write_all(redact(text).as_bytes()).and_then(|()| stdout.flush()))
}

/// Writes a piece of a long result without colours to stdout; false if its reader has gone.
pub(super) fn print_piece(text: &str) -> Result<bool, Failure> {
    let mut stdout = io::stdout().lock();
    let result = stdout.write_all(redact(text).as_bytes()).and_then(|()| stdout.flush());
    let is_gone = result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
    written(result).map(|()| !is_gone)
}

/// A reader that has closed the pipe has seen what it wanted.
fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::of(&error).hint("the result could not be written to stdout"))
        }
        _ => Ok(()),
    }
}

/// Writes a file as a whole or not at all; a device or a pipe is written as it stands, a link at its target.
pub(super) fn write_file(
    path: &Path,
    access: Access,
    write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let written = Draft::begin(path, access).and_then(|draft| {
        let mut draft = Redacting::new(draft);
        write(&mut draft)?;
        draft.end()?.keep()
    });
    written.map_err(|error| unwritable(path, &error))
}

pub(super) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    // The error of a temporary file tells that file's name, which nobody asked for.
    let cause = error.to_string();
    let cause = cause.split(" at path \"").next().unwrap_or_default();
    Failure::new(format!("cannot write {}: {cause}", path.display()))
        .hint("name a file in a folder that exists and can be written")
}

/// Whether a person sits at stdin and stderr.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Says something on stderr.
pub(super) fn say(text: &str) {
    // There is nobody left to tell that stderr is closed.
    let _ = write!(anstream::stderr(), "{}", redact(text));
}
