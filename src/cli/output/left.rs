//! What the files of a run hold if it ends without a result: its problems, or nothing. The result of an earlier run
//! would be taken for the result of this one.

use super::written::{unwritable, write_document, write_text};
use crate::cli::Failure;
use crate::config::{self, Canvas};
use crate::files::{self, Access};
use crate::model::{Diagnostic, Notation};
use crate::render::{Paint, problems_json, problems_text};
use std::path::{Path, PathBuf};

/// What is left in a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Left {
    /// The problems as a JSON document.
    Document,
    /// The problems as people read them.
    Text,
    /// No file, since its format cannot express problems.
    Nothing,
}

impl Left {
    /// What is left in a file of a format, given by its name.
    pub(super) fn of(word: &str) -> Self {
        match word {
            "json" => Self::Document,
            "text" | "table" | "markdown" => Self::Text,
            _ => Self::Nothing,
        }
    }

    /// Writes it.
    pub(super) fn write(self, path: &Path, problems: &[Diagnostic]) -> Result<(), Failure> {
        match self {
            Self::Document => write_document(path, Access::Result, &problems_json(0, &[], problems)),
            Self::Text => write_text(path, &as_file(problems), Notation::Text),
            Self::Nothing => files::clear(path).map_err(|error| unwritable(path, &error)),
        }
    }
}

/// Problems as the text of a file.
pub(crate) fn as_file(problems: &[Diagnostic]) -> String {
    problems_text(problems, Paint::Plain.into(), |problem| config::draw(problem, Canvas::default()))
}

/// Files with what is left in them.
pub(super) type LeftFiles = Vec<(PathBuf, Left)>;
