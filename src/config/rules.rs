//! The rules across settings, as far as one file tells: with the other setting unmanaged, only live can say.

use super::check::Fields;
use crate::catalogue::{Setting, Value};
use crate::config::yaml::member;
use crate::model::Place;

/// Two values that cannot stand together.
pub(super) struct Rule {
    /// The setting and value that asks.
    pub(super) asks: (&'static str, bool),
    /// The setting and value it cannot stand with.
    pub(super) refuses: (&'static str, bool),
    /// Why.
    pub(super) reason: &'static str,
}

/// The rules that can be checked without live.
pub(super) const RULES: [Rule; 2] = [
    Rule {
        asks: ("fight_mode", true),
        refuses: ("enable_js", false),
        reason: "Cloudflare refuses `fight_mode` while `enable_js` is off",
    },
    Rule {
        asks: ("bot_preference_sync_enabled", false),
        refuses: ("is_robots_txt_managed", true),
        reason: "Cloudflare silently turns the sync on again while robots.txt is managed",
    },
];

/// Checks the settings of a file.
pub(super) fn check(fields: &mut Fields<'_>, settings: &[(&'static Setting, Value, Place)]) {
    let has = |(name, on): (&str, bool)| {
        settings.iter().any(|(setting, value, _)| setting.name == name && *value == Value::Toggle(on))
    };
    for Rule { asks, refuses, reason } in RULES {
        if !has(asks) || !has(refuses) {
            continue;
        }
        let ((asking, on), (refused, wrong)) = (asks, refuses);
        let pointer = member("/settings", refused);
        let message = format!("`{asking}: {on}` needs `{refused}: {}`", !wrong);
        let mut problem = fields.doc.problem_at_value(&pointer, message);
        problem.label = Some(reason.to_owned());
        let other = member("/settings", asking);
        problem.related = Some(fields.doc.related_at_value(&other, "which this asks for"));
        problem.hint = Some(format!("write `{refused}: {}`, or take `{asking}: {on}` back", !wrong));
        problem.replacement = Some((!wrong).to_string());
        fields.push(problem);
    }
}
