//! `explain SETTING`: what a setting does, from the catalogue.

use crate::catalogue::{self, Setting, Variant};
use crate::cli::args::Explain;
use crate::cli::output::print;
use crate::cli::{Exit, Failure};
use crate::config;
use std::fmt::Write as _;

/// Prints what is known of a setting, or all settings.
pub(crate) fn run(args: &Explain) -> Result<Exit, Failure> {
    let text = match &args.setting {
        None => catalogue::settings().fold(String::new(), |mut text, setting| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{:<34}{}", setting.name, setting.summary);
            text
        }),
        Some(name) => explain(catalogue::find(name).ok_or_else(|| unknown(name))?),
    };
    print(&text)?;
    Ok(Exit::Done)
}

fn unknown(name: &str) -> Failure {
    let names: Vec<_> = catalogue::settings().map(|setting| setting.name).collect();
    let failure = Failure::usage(format!("`{name}` is not a setting that this version knows"));
    match config::suggest(name, names.iter().copied()) {
        Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
        None => failure.hint("`botform explain` lists all settings"),
    }
}

/// What is known of a setting.
pub(crate) fn explain(setting: &Setting) -> String {
    let mut text = format!("{}\n  {}\n\n", setting.name, setting.summary);
    for value in setting.values() {
        let neutral = if setting.neutral == Some(value) { "  (neutral)" } else { "" };
        let meaning = setting.meaning(value).unwrap_or_default();
        let _ = writeln!(text, "  {:<20}{meaning}{neutral}", value.to_string());
    }
    let words = |variants: &[Variant]| variants.iter().map(|v| v.word()).collect::<Vec<_>>().join(", ");
    if setting.is_read_only() {
        text.push_str("  read-only: it is reported by GET and cannot be written\n");
    } else {
        let _ = writeln!(text, "\n  plan variants:  {}", words(setting.settable_on));
    }
    if !setting.stale_on.is_empty() {
        let _ = writeln!(text, "  may be stale on: {}", words(setting.stale_on));
    }
    for advice in setting.advice() {
        let _ = writeln!(text, "  caution: {advice}");
    }
    let _ = writeln!(text, "  documentation: {}", setting.docs);
    text
}
