//! Email-security submissions, row by row, so that any number of them can be written as they come.

use super::clean;
use super::parts::csv_rows;
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

/// The columns of the table, with their heads and widths. Rows are written as they come, so that widths are fixed.
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

/// The head of the table.
#[must_use]
pub fn submissions_head() -> String {
    line(TABLE.map(|(_, head, width)| (head.to_owned(), width)))
}

/// Rows of the table.
#[must_use]
pub fn submissions_table(rows: &[Submission]) -> String {
    let cells = |row: &Submission| TABLE.map(|(member, _, width)| (shown(row, member, width), width));
    rows.iter().map(|row| line(cells(row))).collect()
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

fn line(cells: [(String, usize); 9]) -> String {
    let padded = cells.map(|(text, width)| format!("{text:<width$}"));
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

/// The document that the rows are written into as they come.
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
        insta::assert_snapshot!(submissions_head() + &submissions_table(&rows), @r"
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
