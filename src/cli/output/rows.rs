//! Writes submissions page by page: they are not kept in memory, and a file is written as a whole or not at all.

use super::{ListFormat as Format, Output, print_piece, unwritable};
use crate::cli::Failure;
use crate::cli::redact::Leaving;
use crate::files::{Access, Draft};
use crate::model::{Notation, Submission, plural};
use crate::render::{
    Page, submission_json, submissions_csv, submissions_csv_head, submissions_head, submissions_table,
};
use std::io::Write as _;
use std::path::PathBuf;

/// Where rows go.
enum Target {
    Stdout,
    /// The reader of stdout has closed the pipe, as `head` does.
    Closed,
    File {
        draft: Leaving<Draft>,
        path: PathBuf,
    },
}

/// An output that is written row by row.
pub(crate) struct RowWriter {
    format: Format,
    page: Page,
    target: Target,
    rows: usize,
}

impl RowWriter {
    /// Begins an output with its head.
    pub(crate) fn begin(output: &Output<Format>) -> Result<Self, Failure> {
        let notation = notation(output.format);
        let target = match &output.file {
            None => Target::Stdout,
            Some(path) => {
                let draft = Draft::begin(path, Access::Result);
                let draft = draft.map_err(|error| unwritable(path, &error))?;
                Target::File { draft: Leaving::new(draft, notation), path: path.clone() }
            }
        };
        let mut writer = Self { format: output.format, page: output.page(), target, rows: 0 };
        let head = match output.format {
            Format::Table => submissions_head(output.page()),
            Format::Json => "{\"format_version\":\"1.0\",\"submissions\":[".to_owned(),
            Format::Jsonl => String::new(),
            Format::Csv => submissions_csv_head(),
        };
        writer.write(&head)?;
        Ok(writer)
    }

    /// Whether it still has a reader.
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.target, Target::Closed)
    }

    /// Writes rows.
    pub(crate) fn rows(&mut self, rows: &[Submission]) -> Result<(), Failure> {
        let text = match self.format {
            Format::Table => submissions_table(rows, self.page),
            Format::Csv => submissions_csv(rows),
            Format::Jsonl => rows.iter().map(|row| submission_json(row) + "\n").collect(),
            Format::Json => {
                let separator = |index| if self.rows + index == 0 { "\n" } else { ",\n" };
                let rows = rows.iter().enumerate();
                rows.map(|(index, row)| format!("{}{}", separator(index), submission_json(row))).collect()
            }
        };
        self.rows += rows.len();
        self.write(&text)
    }

    /// Ends a complete output.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        let foot = match self.format {
            Format::Table => format!("\n{}.\n", plural(self.rows, "submission")),
            Format::Json => "\n]}\n".to_owned(),
            Format::Jsonl | Format::Csv => String::new(),
        };
        self.write(&foot)?;
        match self.target {
            Target::Stdout | Target::Closed => Ok(()),
            Target::File { draft, path } => {
                let kept = draft.end().and_then(Draft::keep);
                kept.map_err(|error| unwritable(&path, &error))
            }
        }
    }

    /// Ends an incomplete output after an error: stdout says so, and no file is left.
    pub(crate) fn break_off(mut self) -> Result<(), Failure> {
        let foot = match self.format {
            Format::Table => {
                format!("\n{}; incomplete because of an error.\n", plural(self.rows, "submission"))
            }
            Format::Json => "\n],\"complete\":false}\n".to_owned(),
            Format::Jsonl | Format::Csv => String::new(),
        };
        self.write(&foot)
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        let written = match &mut self.target {
            Target::Closed => return Ok(()),
            Target::Stdout => {
                if !print_piece(text, notation(self.format))? {
                    self.target = Target::Closed;
                }
                return Ok(());
            }
            Target::File { draft, path } => draft.write_all(text.as_bytes()).map_err(|error| (path, error)),
        };
        written.map_err(|(path, error)| unwritable(path, &error))
    }
}

fn notation(format: Format) -> Notation {
    match format {
        Format::Json | Format::Jsonl => Notation::Json,
        Format::Table | Format::Csv => Notation::Text,
    }
}
