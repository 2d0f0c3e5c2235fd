//! The arguments of `submissions`, in the words of the API; letter case does not matter.

use super::args::Connection;
use super::moments::{self, Age, Moment};
use crate::catalogue::submissions::{DIRECTIONS, DISPOSITIONS, ORDERS, REVIEW_STATES, TYPES};
use clap::Args;
use clap::builder::PossibleValuesParser;

/// `submissions`.
#[derive(Debug, Args)]
pub(super) struct Submissions {
    /// The account [default: CLOUDFLARE_ACCOUNT_ID, or account_id of botform.yaml]
    #[arg(long, value_name = "ID")]
    pub(super) account: Option<String>,
    #[command(flatten)]
    pub(super) filter: Filter,
    /// The member to order by
    #[arg(long, value_name = "MEMBER", default_value = "requested_at", ignore_case = true, value_parser = PossibleValuesParser::new(ORDERS))]
    pub(super) order: String,
    /// The direction of the order
    #[arg(long, value_name = "DIRECTION", default_value = "desc", ignore_case = true, value_parser = PossibleValuesParser::new(DIRECTIONS))]
    pub(super) direction: String,
    /// Count instead of listing: by review, disposition before and after, and who; the median age of unreviewed ones
    #[arg(long)]
    pub(super) summary: bool,
    /// Tell which unreviewed ones are older than that, such as 7d
    #[arg(long, value_name = "AGE", value_parser = moments::age)]
    pub(super) max_age: Option<Age>,
    /// Exit with 2 instead of 0 when unreviewed ones are older than --max-age
    #[arg(long, requires = "max_age")]
    pub(super) detailed_exitcode: bool,
    /// Write the result as table, json, jsonl or csv, to stdout or to a file (repeatable) [default: table]
    #[arg(long = "output", value_name = "FORMAT[=FILE]")]
    pub(super) outputs: Vec<String>,
    #[command(flatten)]
    pub(super) connection: Connection,
}

/// Which submissions.
#[derive(Debug, Args)]
pub(super) struct Filter {
    /// Only those requested since then: an age such as 7d, a day, or a time [default: 30d, as the API has it]
    #[arg(long, value_name = "AGE|DATE|TIME", value_parser = moments::moment)]
    pub(super) since: Option<Moment>,
    /// Only those requested until then; a day is meant to its end [default: now]
    #[arg(long, value_name = "AGE|DATE|TIME", value_parser = moments::moment)]
    pub(super) until: Option<Moment>,
    /// Only those of the security team, or of end users
    #[arg(long = "type", value_name = "WHO", ignore_case = true, value_parser = PossibleValuesParser::new(TYPES))]
    pub(super) kind: Option<String>,
    /// Only those in this state of review; rows call it customer_status
    #[arg(long, value_name = "STATE", ignore_case = true, value_parser = PossibleValuesParser::new(REVIEW_STATES))]
    pub(super) status: Option<String>,
    /// Only those with this disposition before
    #[arg(long, value_name = "DISPOSITION", ignore_case = true, value_parser = PossibleValuesParser::new(DISPOSITIONS))]
    pub(super) original_disposition: Option<String>,
    /// Only those for which this disposition was asked
    #[arg(long, value_name = "DISPOSITION", ignore_case = true, value_parser = PossibleValuesParser::new(DISPOSITIONS))]
    pub(super) requested_disposition: Option<String>,
    /// Only those with this disposition after
    #[arg(long, value_name = "DISPOSITION", ignore_case = true, value_parser = PossibleValuesParser::new(DISPOSITIONS))]
    pub(super) outcome_disposition: Option<String>,
    /// Only those that an end user escalated, or that none did
    #[arg(long, value_name = "BOOL", ignore_case = true)]
    pub(super) escalated_from_user: Option<bool>,
    /// Only those that match this text
    #[arg(long, value_name = "TEXT")]
    pub(super) query: Option<String>,
    /// Only this submission
    #[arg(long, value_name = "ID")]
    pub(super) submission_id: Option<String>,
}
