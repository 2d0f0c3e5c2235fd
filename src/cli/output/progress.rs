//! Progress, on a terminal only: elsewhere the result says it all.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar of so many zones.
pub(crate) fn bar(zones: usize, what: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(zones as u64), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{prefix} {pos}/{len} {bar:30} {eta}") {
        bar.set_style(style);
    }
    bar.set_prefix(what.to_owned());
    bar
}
