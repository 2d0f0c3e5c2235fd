//! Where results go: stdout or files, any number of formats from one run.

use crate::cli::failure::Failure;
use crate::render::Paint;
use serde::Serialize;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

/// A format of plans and outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// The plan document.
    Json,
}

/// One output of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output<F> {
    /// The format.
    pub(crate) format: F,
    /// The file; nothing for stdout.
    pub(crate) file: Option<PathBuf>,
}

/// Reads `--output FORMAT[=FILE]`, with text to stdout where nothing is said.
pub(crate) fn parse<F: Copy>(texts: &[String], formats: &[(&str, F)]) -> Result<Vec<Output<F>>, Failure> {
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
pub(crate) const FORMATS: [(&str, Format); 2] = [("text", Format::Text), ("json", Format::Json)];

impl<F> Output<F> {
    /// Whether its text is coloured.
    pub(crate) fn paint(&self) -> Paint {
        match self.file {
            None if anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never => {
                Paint::Color
            }
            _ => Paint::Plain,
        }
    }

    /// Whether it could be written, before anything else is: a result that cannot be kept must not be made.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match &self.file {
            Some(path) if path.is_dir() => Err(unwritable(path, &io::ErrorKind::IsADirectory.into())),
            Some(path) if !path.exists() => {
                tempfile::tempfile_in(folder(path)).map(drop).map_err(|error| unwritable(path, &error))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Writes a whole result.
    pub(crate) fn write(&self, text: &str) -> Result<(), Failure> {
        match &self.file {
            None => print(text),
            Some(path) => write_file(path, |file| file.write_all(text.as_bytes())),
        }
    }

    /// Writes a document, piece by piece.
    pub(crate) fn write_json(&self, document: &impl Serialize) -> Result<(), Failure> {
        match &self.file {
            None => written(pretty(document, &mut io::BufWriter::new(io::stdout().lock()))),
            Some(path) => write_file(path, |file| pretty(document, file)),
        }
    }
}

/// Shows a plan before it is carried out: on stdout where a text goes there, else to the person who is asked.
pub(crate) fn show_before(
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
pub(crate) fn pretty(document: &impl Serialize, mut to: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut to, document)?;
    to.write_all(b"\n")?;
    to.flush()
}

/// Writes to stdout.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    written(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

/// Writes a piece of a long result without colours to stdout; false if its reader has gone.
pub(crate) fn print_piece(text: &str) -> Result<bool, Failure> {
    let mut stdout = io::stdout().lock();
    let result = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
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
pub(crate) fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let is_special = std::fs::metadata(&target).is_ok_and(|found| !found.is_file() && !found.is_dir());
    let written = if is_special {
        std::fs::OpenOptions::new().write(true).open(&target).and_then(|mut file| write(&mut file))
    } else {
        replace(&target, write)
    };
    written.map_err(|error| unwritable(path, &error))
}

fn replace(path: &Path, write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> io::Result<()> {
    let mut file = io::BufWriter::new(tempfile::NamedTempFile::new_in(folder(path))?);
    write(&mut file)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

pub(crate) fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    // The error of a temporary file tells that file's name, which nobody asked for.
    let cause = error.to_string();
    let cause = cause.split(" at path \"").next().unwrap_or_default();
    Failure::new(format!("cannot write {}: {cause}", path.display()))
        .hint("name a file in a folder that exists and can be written")
}

/// Whether a person sits at stdin and stderr.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Says something on stderr.
pub(crate) fn say(text: &str) {
    // There is nobody left to tell that stderr is closed.
    let _ = write!(anstream::stderr(), "{text}");
}
