//! The arguments of `feedback`.

use super::{Connection, Moment, Selected, file, moments, output};
use crate::catalogue::feedback::TYPES;
use crate::cli::output::{Format, ListFormat, Output};
use crate::model::{ReportKind, ZoneName};
use clap::builder::{PathBufValueParser, PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;

/// `feedback`.
#[derive(Debug, Args)]
pub(crate) struct Feedback {
    #[command(subcommand)]
    pub(crate) command: FeedbackCommand,
}

/// The subcommands of `feedback`.
#[derive(Debug, Subcommand)]
pub(crate) enum FeedbackCommand {
    /// List the reports of the account's zones
    #[command(after_help = "Example: botform feedback list --zone shop.example.com --since 7d")]
    List(FeedbackList),
    /// Write a report file to fill in, without sending anything
    #[command(after_help = "Example: botform feedback new --zone shop.example.com --type false_negative")]
    New(FeedbackNew),
    /// Show which reports in the files would be submitted
    #[command(after_help = "Example: botform feedback plan feedback")]
    Plan(FeedbackPlan),
    /// Submit each report that Cloudflare does not have yet, once, and prove it by reading back
    #[command(after_help = "Example: botform feedback submit feedback --auto-approve")]
    Submit(FeedbackSubmit),
}

/// `feedback list`.
#[derive(Debug, Args)]
pub(crate) struct FeedbackList {
    #[command(flatten)]
    pub(crate) selected: Selected,
    /// Only zones of this account [default: CLOUDFLARE_ACCOUNT_ID, or account_id of botform.yaml, or all]
    #[arg(long, value_name = "ID", value_hint = ValueHint::Other)]
    pub(crate) account: Option<String>,
    /// Only reports of this type
    #[arg(long = "type", value_name = "TYPE", ignore_case = true, value_parser = PossibleValuesParser::new(TYPES))]
    pub(crate) kind: Option<String>,
    /// Only reports created since: an age such as 7d, a day, or a time
    #[arg(long, value_name = "AGE|DATE|TIME", value_parser = moments::moment)]
    pub(crate) since: Option<Moment>,
    /// Only reports created until: an age, a day (included), or a time
    #[arg(long, value_name = "AGE|DATE|TIME", value_parser = moments::moment)]
    pub(crate) until: Option<Moment>,
    /// Write the result in this format, to stdout or to a file (repeatable; - is stdout)
    #[arg(long = "output", value_name = "FORMAT[=FILE]", value_parser = output::<ListFormat>(), ignore_case = true, default_value = "table")]
    pub(crate) outputs: Vec<Output<ListFormat>>,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// `feedback new`.
#[derive(Debug, Args)]
pub(crate) struct FeedbackNew {
    /// The file, which must not be there yet [default: feedback/ZONE-DAY.yaml]
    #[arg(value_name = "FILE", value_parser = PathBufValueParser::new().try_map(file))]
    pub(crate) file: Option<PathBuf>,
    /// The zone whose traffic was misjudged
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    pub(crate) zone: ZoneName,
    /// Which way it was misjudged
    #[arg(long = "type", value_name = "TYPE", ignore_case = true, default_value = "false_positive")]
    pub(crate) kind: Misjudged,
}

/// Which way traffic was misjudged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Misjudged {
    /// People, or welcome bots, that were treated as unwelcome bots.
    FalsePositive,
    /// Bots that were let through.
    FalseNegative,
}

impl From<Misjudged> for ReportKind {
    fn from(kind: Misjudged) -> Self {
        match kind {
            Misjudged::FalsePositive => Self::FalsePositive,
            Misjudged::FalseNegative => Self::FalseNegative,
        }
    }
}

/// The report files to read and the outputs to write.
#[derive(Debug, Args)]
pub(crate) struct Reports {
    /// Report files, or folders of report files
    #[arg(value_name = "PATHS", default_value = "feedback")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) selected: Selected,
    /// Write the result in this format, to stdout or to a file (repeatable; - is stdout)
    #[arg(long = "output", value_name = "FORMAT[=FILE]", value_parser = output::<Format>(), ignore_case = true, default_value = "text")]
    pub(crate) outputs: Vec<Output<Format>>,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// `feedback plan`.
#[derive(Debug, Args)]
pub(crate) struct FeedbackPlan {
    #[command(flatten)]
    pub(crate) reports: Reports,
    /// Exit with 2 instead of 0 if a report is new
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
}

/// `feedback submit`.
#[derive(Debug, Args)]
pub(crate) struct FeedbackSubmit {
    #[command(flatten)]
    pub(crate) reports: Reports,
    /// Submit without asking
    #[arg(long)]
    pub(crate) auto_approve: bool,
}
