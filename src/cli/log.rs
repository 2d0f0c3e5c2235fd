//! Logs, on stderr. Libraries that see request headers never log more than warnings, whatever is asked for.

use super::args::{Global, LogFormat};
use super::{environment, redact};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Libraries that see credentials or bodies.
const SEES_SECRETS: [&str; 10] =
    ["h2", "hyper", "hyper_util", "reqwest", "rustls", "axum", "tower", "tokio", "mio", "want"];

/// Starts logging; a wrong RUST_LOG is passed over, since it may be meant for another program.
pub(super) fn start(global: &Global) {
    let level = match global.verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let asked = environment::variable("RUST_LOG").filter(|_| global.verbose == 0);
    let targets = asked.and_then(|text| text.parse::<Targets>().ok());
    let targets = targets.unwrap_or_else(|| Targets::new().with_target("botform", level));
    let targets = targets.with_targets(SEES_SECRETS.map(|name| (name, LevelFilter::WARN)));
    let layer = tracing_subscriber::fmt::layer().with_writer(redact::stderr).with_ansi(false);
    let layer = match global.log_format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer.json().boxed(),
    };
    // A second subscriber in the same process, as in tests, keeps the first one.
    let _ = tracing_subscriber::registry().with(layer.with_filter(targets)).try_init();
}
