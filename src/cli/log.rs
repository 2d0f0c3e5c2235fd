//! Logs, on stderr. Only botform itself logs more than warnings: libraries see credentials and bodies.

use super::args::{Global, LogFormat};
use super::{environment, redact};
use tracing::{Level, Metadata};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts logging. A RUST_LOG that cannot be read is ignored, since it may be meant for another program.
pub(crate) fn start(global: &Global) {
    let level = match global.verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let asked = environment::variable("RUST_LOG").filter(|_| global.verbose == 0);
    let targets = asked.and_then(|text| text.parse::<Targets>().ok());
    let targets = targets.unwrap_or_else(|| Targets::new().with_target("botform", level));
    let layer = tracing_subscriber::fmt::layer().with_writer(redact::stderr).with_ansi(false);
    let layer = match global.log_format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer.json().boxed(),
    };
    let layer = layer.with_filter(targets.and(filter_fn(may_log)));
    // A second subscriber in the same process, as in tests, keeps the first one.
    let _ = tracing_subscriber::registry().with(layer).try_init();
}

/// The cap, whatever is asked for.
fn may_log(event: &Metadata<'_>) -> bool {
    let target = event.target();
    target == "botform" || target.starts_with("botform::") || *event.level() <= Level::WARN
}
