//! The arguments of `why`.

use super::{Connection, Moment, Selected, moments, output};
use crate::cli::inputs::DEFAULT_PATH;
use crate::cli::output::{ExplainFormat, Output};
use clap::builder::{NonEmptyStringValueParser, PathBufValueParser, TypedValueParser as _};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `why`.
#[derive(Debug, Args)]
#[command(after_help = "\
Needs the permission `Zone Analytics Read`. A client address is only searched for, never shown or stored.

Example: botform why 8f1b2c3d4e5f6a7b-FRA
         botform why --zone shop.example.com --path '/api/*' --since 2h")]
pub(crate) struct Why {
    /// The Ray id of the request, as on the error page, in a header or in a URL
    #[arg(value_name = "RAY", value_hint = ValueHint::Other)]
    pub(crate) ray: Vec<String>,
    #[command(flatten)]
    pub(crate) selected: Selected,
    /// Requests of this address; needs --zone
    #[arg(long, value_name = "ADDRESS", requires = "zones", value_hint = ValueHint::Other)]
    pub(crate) ip: Option<String>,
    /// Requests with this user agent, in which * is any text; needs --zone
    #[arg(long, value_name = "TEXT", requires = "zones", value_parser = NonEmptyStringValueParser::new(), value_hint = ValueHint::Other)]
    pub(crate) user_agent: Option<String>,
    /// Requests of this path, in which * is any text; needs --zone
    #[arg(long, value_name = "PATH", requires = "zones", value_parser = NonEmptyStringValueParser::new(), value_hint = ValueHint::Other)]
    pub(crate) path: Option<String>,
    /// Requests since: an age such as 2h, a day, or a time [default: 24h]
    #[arg(long, value_name = "AGE|DATE|TIME", value_parser = moments::moment)]
    pub(crate) since: Option<Moment>,
    /// Requests until: an age, a day (included), or a time [default: now]
    #[arg(long, value_name = "AGE|DATE|TIME", value_parser = moments::moment)]
    pub(crate) until: Option<Moment>,
    /// Zone files, or folders of zone files, that the values may come from (repeatable)
    #[arg(long, value_name = "PATH", default_value = DEFAULT_PATH)]
    pub(crate) files: Vec<PathBuf>,
    /// Write a feedback report about what was stopped to this new file, if the zone may send one
    #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(super::file))]
    pub(crate) feedback: Option<PathBuf>,
    /// Write the result in this format, to stdout or to a file (repeatable; - is stdout)
    #[arg(long = "output", value_name = "FORMAT[=FILE]", value_parser = output::<ExplainFormat>(), ignore_case = true, default_value = "text")]
    pub(crate) outputs: Vec<Output<ExplainFormat>>,
    #[command(flatten)]
    pub(crate) connection: Connection,
}
