//! Where results go: stdout or files, any number of formats from one run.

use super::failure::Failure;
use crate::render::Paint;
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

    /// Writes a whole result.
    pub(super) fn write(&self, text: &str) -> Result<(), Failure> {
        match &self.file {
            None => print(text),
            Some(path) => write_file(path, text.as_bytes()),
        }
    }
}

/// Writes to stdout. A reader that has closed the pipe has seen what it wanted.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::of(&error).hint("the result could not be written to stdout"))
        }
        _ => Ok(()),
    }
}

/// Writes a file as a whole or not at all.
pub(super) fn write_file(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(content)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)
    });
    match written {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::new(format!("cannot write {}: {error}", path.display()))),
    }
}

/// Whether a person sits at stdin and stderr.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Says something on stderr.
pub(super) fn say(text: &str) {
    // There is nobody left to tell that stderr is closed.
    let _ = write!(anstream::stderr(), "{text}");
}
