//! The arguments of `submissions`, in the API's words, in any letter case.

use super::{Age, Connection, Moment, moments, output};
use crate::catalogue::submissions::{DIRECTIONS, DISPOSITIONS, ORDERS, REVIEW_STATES, TYPES};
use crate::cli::output::{ListFormat, Output};
use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};
use clap::{Args, ValueHint};

/// `submissions`.
#[derive(Debug, Args)]
pub(crate) struct Submissions {
    /// The account [default: CLOUDFLARE_ACCOUNT_ID, or account_id of botform.yaml]
    #[arg(long, value_name = "ID", value_hint = ValueHint::Other)]
    pub(crate) account: Option<String>,
    #[command(flatten)]
    pub(crate) filter: Filter,
    /// The field to sort by
    #[arg(long, value_name = "MEMBER", default_value = "requested_at", ignore_case = true, value_parser = PossibleValuesParser::new(ORDERS))]
    pub(crate) order: String,
    /// The direction to sort in
    #[arg(long, value_name = "DIRECTION", default_value = "desc", ignore_case = true, value_parser = PossibleValuesParser::new(DIRECTIONS))]
    pub(crate) direction: String,
    /// Show counts instead of a list: by review state, dispositions and requester, with the median age of unreviewed
    /// submissions
    #[arg(long)]
    pub(crate) summary: bool,
    /// Warn about unreviewed submissions older than this, such as 7d
    #[arg(long, value_name = "AGE", value_parser = moments::age)]
    pub(crate) max_age: Option<Age>,
    /// Exit with 2 instead of 0 if unreviewed submissions are older than --max-age
    #[arg(long, requires = "max_age")]
    pub(crate) detailed_exitcode: bool,
    /// Write the result in this format, to stdout or to a file (repeatable; - is stdout)
    #[arg(long = "output", value_name = "FORMAT[=FILE]", value_parser = output::<ListFormat>(), ignore_case = true, default_value = "table")]
    pub(crate) outputs: Vec<Output<ListFormat>>,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// The filters.
#[derive(Debug, Args)]
pub(crate) struct Filter {
    /// Only submissions requested since: an age such as 7d, a day, or a time [default: 30d, as in the API]
    #[arg(long, value_name = "AGE|DATE|TIME", value_parser = moments::moment)]
    pub(crate) since: Option<Moment>,
    /// Only submissions requested until: an age, a day (included), or a time [default: now]
    #[arg(long, value_name = "AGE|DATE|TIME", value_parser = moments::moment)]
    pub(crate) until: Option<Moment>,
    /// Only submissions by the security team, or by end users
    #[arg(long = "type", value_name = "WHO", ignore_case = true, value_parser = PossibleValuesParser::new(TYPES))]
    pub(crate) kind: Option<String>,
    /// Only submissions in this review state (`customer_status` in the rows)
    #[arg(long, value_name = "STATE", ignore_case = true, value_parser = PossibleValuesParser::new(REVIEW_STATES))]
    pub(crate) status: Option<String>,
    /// Only submissions whose mail had this disposition before
    #[arg(long, value_name = "DISPOSITION", ignore_case = true, value_parser = PossibleValuesParser::new(DISPOSITIONS))]
    pub(crate) original_disposition: Option<String>,
    /// Only submissions that ask for this disposition
    #[arg(long, value_name = "DISPOSITION", ignore_case = true, value_parser = PossibleValuesParser::new(DISPOSITIONS))]
    pub(crate) requested_disposition: Option<String>,
    /// Only submissions whose mail has this disposition now
    #[arg(long, value_name = "DISPOSITION", ignore_case = true, value_parser = PossibleValuesParser::new(DISPOSITIONS))]
    pub(crate) outcome_disposition: Option<String>,
    /// Only submissions that an end user escalated, or only the others
    #[arg(long, value_name = "BOOL", ignore_case = true)]
    pub(crate) escalated_from_user: Option<bool>,
    /// Only submissions that match this text
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new(), value_hint = ValueHint::Other)]
    pub(crate) query: Option<String>,
    /// Only this submission
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new(), value_hint = ValueHint::Other)]
    pub(crate) submission_id: Option<String>,
}
