//! Rules across settings, checked against what the zone would be after the write.

use super::{Change, ChangeReason};
use crate::catalogue::{self, Value, Variant};
use crate::model::{Desired, Diagnostic, Live};

/// A zone as it would be after a write: wanted values over live ones.
struct Merged<'a> {
    want: &'a Desired,
    live: &'a Live,
    changes: &'a [Change],
}

impl Merged<'_> {
    fn toggle(&self, name: &str) -> Option<bool> {
        let setting = catalogue::find(name)?;
        let changed = self.changes.iter().find(|change| change.setting() == setting).map(Change::after);
        let merged = changed.or_else(|| {
            let live = self.live.get(setting)?;
            setting.read(&live.to_json())
        });
        match merged {
            Some(Value::Toggle(on)) => Some(on),
            Some(Value::Word(_)) | None => None,
        }
    }

    fn writes(&self, name: &str) -> bool {
        self.changes
            .iter()
            .any(|change| change.setting().name == name && change.reason() == ChangeReason::Declared)
    }

    /// Puts a message at the line of the first of the settings that the file names.
    fn at(&self, diagnostic: Diagnostic, names: [&str; 2]) -> Diagnostic {
        let place = names
            .iter()
            .filter_map(|name| self.want.get(catalogue::find(name)?).map(|wanted| wanted.place))
            .next();
        match place {
            Some(place) => diagnostic.at(&self.want.file, place),
            None => diagnostic,
        }
    }
}

/// The reasons why the changes may not be written together with what is live.
pub(super) fn blocks(want: &Desired, live: &Live, changes: &[Change]) -> Vec<Diagnostic> {
    let merged = Merged { want, live, changes };
    [fight_mode(&merged), preference_sync(&merged), custom_rules(want, live, changes)]
        .into_iter()
        .flatten()
        .collect()
}

/// The API refuses `fight_mode: true` while `enable_js` is off; the other way round is not recorded.
fn fight_mode(merged: &Merged<'_>) -> Option<Diagnostic> {
    let touched = merged.writes("fight_mode") || merged.writes("enable_js");
    if !touched || merged.toggle("fight_mode") != Some(true) || merged.toggle("enable_js") == Some(true) {
        return None;
    }
    let diagnostic = if merged.writes("enable_js") {
        Diagnostic::error("`enable_js: false` cannot be written while `fight_mode` is on")
            .hint("write `fight_mode: false` beside it, or leave `enable_js` on")
    } else {
        Diagnostic::error("`fight_mode: true` needs `enable_js: true`, which is not on live")
            .hint("write `enable_js: true` beside it")
    };
    Some(merged.at(diagnostic, ["fight_mode", "enable_js"]))
}

/// Cloudflare silently turns the sync on again while robots.txt is managed.
fn preference_sync(merged: &Merged<'_>) -> Option<Diagnostic> {
    let names = ["bot_preference_sync_enabled", "is_robots_txt_managed"];
    let touched = names.iter().any(|name| merged.writes(name));
    if !touched || merged.toggle(names[0]) != Some(false) || merged.toggle(names[1]) != Some(true) {
        return None;
    }
    let diagnostic = Diagnostic::error(
        "`bot_preference_sync_enabled: false` needs `is_robots_txt_managed: false`: Cloudflare would silently turn it on again",
    )
    .hint("name both settings: turn robots.txt management off, or leave the sync on");
    Some(merged.at(diagnostic, names))
}

/// Stale Super Bot Fight Mode rules of an Enterprise zone still protect it.
fn custom_rules(want: &Desired, live: &Live, changes: &[Change]) -> Option<Diagnostic> {
    let cleans = changes.iter().any(|change| change.reason() == ChangeReason::Stale);
    let enterprise = [Some(want.plan()), live.variant()].contains(&Some(Variant::BmEnterprise));
    (cleans && enterprise && !want.custom_rules_in_place).then(|| {
        Diagnostic::error(
            "`stale: clean` would switch off rules that still protect this zone; Cloudflare asks for custom rules first",
        )
        .hint("put custom rules in place that take over, then write `custom_rules_in_place: true` in the file")
        .at(&want.file, want.stale_place.unwrap_or(want.place))
    })
}
