//! How the API is reached.

use crate::config::MAX_CONCURRENCY;
use crate::model::Rate;
use clap::Args;

/// How the API is reached.
#[derive(Debug, Args)]
pub(crate) struct Connection {
    /// Use a built-in emulator instead of Cloudflare, with the world of this file, or without a file one that matches the zone files
    #[arg(long, value_name = "WORLD", num_args = 0..=1, default_missing_value = "", value_parser = world)]
    #[arg(conflicts_with = "base_url")]
    pub(crate) emulate: Option<String>,
    /// The address of the API [default: CLOUDFLARE_BASE_URL, or Cloudflare's own]
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// How many zones are read or written at a time [default: 50]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MAX_CONCURRENCY.into()))]
    pub(crate) concurrency: Option<u32>,
    /// Send at most N requests in any SECONDS seconds [default: 1200/300, Cloudflare's limit]
    #[arg(long, value_name = "N/SECONDS")]
    pub(crate) rate: Option<Rate>,
    /// How many seconds one request may take
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(crate) timeout: u32,
}

/// A zone folder behind `--emulate` is a value that was meant as an argument.
fn world(text: &str) -> Result<String, String> {
    if std::path::Path::new(text).is_dir() {
        return Err(
            "a world is a file, not a folder; write `--emulate=` for a world that matches the zone files"
                .to_owned(),
        );
    }
    Ok(text.to_owned())
}
