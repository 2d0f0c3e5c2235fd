//! Email-security submissions, row by row, so that any number can be written as they arrive.

use super::parts::csv_rows;
use super::{Page, clean};
use crate::model::Submission;
use schemars::JsonSchema;
use serde_json::{Map, Value as Json};

/// The columns of the CSV; further ones may be added at the end.
const COLUMNS: [&str; 17] = [
    "submission_id",
    "requested_at",
    "type",
    "customer_status",
    "status",
    "original_disposition",
    "requested_disposition",
    "outcome_disposition",
    "outcome",
    "requested_by",
    "subject",
    "escalated_at",
    "escalated_as",
    "escalated_by",
    "escalated_submission_id",
    "original_edf_hash",
    "original_postfix_id",
];

/// The columns of the table, with their heads and widths. Rows are written as they arrive, so the widths are fixed.
const TABLE: [(&str, &str, usize); 9] = [
    ("requested_at", "REQUESTED", 20),
    ("customer_status", "REVIEW", 10),
    ("type", "WHO", 4),
    ("original_disposition", "BEFORE", 10),
    ("requested_disposition", "ASKED FOR", 10),
    ("outcome_disposition", "AFTER", 10),
    ("requested_by", "BY", 24),
    ("subject", "SUBJECT", 32),
    ("submission_id", "ID", 0),
];

/// How many columns the first line has if a row takes two.
const FIRST: usize = 6;

/// The width that a row on one line needs, with an id as Cloudflare writes them.
const ONE_LINE: usize = 172;

/// The head of the table, on a page.
#[must_use]
pub fn submissions_head(page: Page) -> String {
    laid_out(TABLE.map(|(_, head, width)| (head.to_owned(), width)), page)
}

/// Rows of the table, on a page.
#[must_use]
pub fn submissions_table(rows: &[Submission], page: Page) -> String {
    let cells = |row: &Submission| TABLE.map(|(member, _, width)| (shown(row, member, width), width));
    rows.iter().map(|row| laid_out(cells(row), page)).collect()
}

/// A row on one line, or on two if the page is too narrow: sender, subject and id below the rest.
fn laid_out(cells: [(String, usize); 9], page: Page) -> String {
    if page.width.is_none_or(|width| width >= ONE_LINE) {
        return line(&cells);
    }
    let (first, second) = cells.split_at(FIRST);
    let second: Vec<_> = second.iter().map(|(text, _)| text.trim()).collect();
    format!("{}    {}\n", line(first), page.wrap(&second.join("  "), 4, 4))
}

fn shown(row: &Submission, member: &str, width: usize) -> String {
    let text = cell(row, member);
    let text = match member {
        "requested_at" => text.split_once('.').map_or(text.clone(), |(whole, _)| format!("{whole}Z")),
        _ if text.is_empty() => "-".to_owned(),
        _ => text,
    };
    match text.char_indices().nth(width.saturating_sub(1)) {
        // The last column is as wide as it needs to be.
        Some((at, _)) if width > 0 && text.chars().count() > width => {
            format!("{}…", text.get(..at).unwrap_or(""))
        }
        _ => text,
    }
}

fn line(cells: &[(String, usize)]) -> String {
    let padded: Vec<_> = cells.iter().map(|(text, width)| format!("{text:<width$}")).collect();
    format!("{}\n", padded.join("  ").trim_end())
}

/// The head of the CSV.
#[must_use]
pub fn submissions_csv_head() -> String {
    csv_rows(vec![COLUMNS.map(str::to_owned).to_vec()])
}

/// Rows of the CSV; control characters are escaped, and what a spreadsheet takes for a formula is left as it is.
#[must_use]
pub fn submissions_csv(rows: &[Submission]) -> String {
    csv_rows(rows.iter().map(|row| COLUMNS.map(|column| cell(row, column)).to_vec()).collect())
}

fn cell(row: &Submission, column: &str) -> String {
    let text = match (column, row.members().get(column)) {
        ("requested_at", _) => row.requested_at().unwrap_or_default().to_owned(),
        (_, None | Some(Json::Null)) => String::new(),
        (_, Some(Json::String(text))) => text.clone(),
        (_, Some(other)) => other.to_string(),
    };
    clean(&text).into_owned()
}

/// The document that the rows are written into as they arrive.
#[derive(JsonSchema)]
#[schemars(title = "botform submissions")]
#[expect(dead_code, reason = "it describes a document that is never held as a whole")]
pub(super) struct List {
    /// The version of this format; readers ignore unknown members and refuse another major number.
    format_version: String,
    /// The submissions, each with all members as the API named them.
    submissions: Vec<Map<String, Json>>,
    /// `false` if an error ended the list early; otherwise left out.
    #[schemars(skip_serializing_if = "Option::is_none")]
    complete: Option<bool>,
}

/// A row as compact JSON, with all members as the API named them.
#[must_use]
pub fn submission_json(row: &Submission) -> String {
    Json::Object(row.shown()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Paint;
    use serde_json::json;

    fn row(json: Json) -> Submission {
        Submission::read(json).unwrap()
    }

    #[test]
    fn a_table_has_a_line_for_each_row_whatever_is_null() {
        let rows = [
            row(json!({"submission_id": "a-1", "requested_at": "2026-11-01T08:00:00.123Z", "type": "Team",
                "customer_status": "unreviewed", "original_disposition": "MALICIOUS", "outcome_disposition": null,
                "requested_by": "a-very-long-address@example.com", "subject": "Your\u{1b}[2K invoice", "requested_ts": "x"})),
            row(
                json!({"submission_id": "a-2", "requested_ts": "2026-11-01T09:00:00Z", "requested_at": null}),
            ),
        ];
        let narrow = Page { paint: Paint::Plain, width: Some(80) };
        let table = submissions_head(narrow) + &submissions_table(&rows, narrow);
        assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
        insta::assert_snapshot!(table, @r"
        REQUESTED             REVIEW      WHO   BEFORE      ASKED FOR   AFTER
            BY  SUBJECT  ID
        2026-11-01T08:00:00Z  unreviewed  Team  MALICIOUS   -           -
            a-very-long-address@exa…  Your\u{1b}[2K invoice  a-1
        2026-11-01T09:00:00Z  -           -     -           -           -
            -  -  a-2
        ");
        let wide = Page::from(Paint::Plain);
        insta::assert_snapshot!(submissions_head(wide) + &submissions_table(&rows, wide), @r"
        REQUESTED             REVIEW      WHO   BEFORE      ASKED FOR   AFTER       BY                        SUBJECT                           ID
        2026-11-01T08:00:00Z  unreviewed  Team  MALICIOUS   -           -           a-very-long-address@exa…  Your\u{1b}[2K invoice             a-1
        2026-11-01T09:00:00Z  -           -     -           -           -           -                         -                                 a-2
        ");
    }

    #[test]
    fn csv_keeps_its_columns_and_escapes_control_characters() {
        let rows = [row(
            json!({"submission_id": "a,1", "requested_at": "2026-11-01T08:00:00Z", "subject": "=1+1\n\"x\"", "tomorrow": 1}),
        )];
        insta::assert_snapshot!(submissions_csv_head() + &submissions_csv(&rows), @r#"
        submission_id,requested_at,type,customer_status,status,original_disposition,requested_disposition,outcome_disposition,outcome,requested_by,subject,escalated_at,escalated_as,escalated_by,escalated_submission_id,original_edf_hash,original_postfix_id
        "a,1",2026-11-01T08:00:00Z,,,,,,,,,"=1+1\u{a}""x""",,,,,,
        "#);
    }

    #[test]
    fn json_keeps_unknown_members_and_drops_the_deprecated_one() {
        let json = json!({"submission_id": "a", "requested_at": "b", "requested_ts": "c", "tomorrow": [1]});
        assert_eq!(submission_json(&row(json)), r#"{"requested_at":"b","submission_id":"a","tomorrow":[1]}"#);
        assert_eq!(submission_json(&row(json!({"requested_ts": "c"}))), r#"{"requested_ts":"c"}"#);
    }
}
