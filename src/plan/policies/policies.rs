//! Policies judge the value that each zone would have after the plan, changed or not. What the plan does not write is
//! judged twice: as the file wants it, and as it is live.

use super::rule::{breach, cautions};
use crate::diff::{Row, Verdict, unread};
use crate::model::{
    Desired, Diagnostic, DiagnosticKind, Identity, LiveValue, Place, Policy, PolicyException, PolicyRule,
};
use crate::plan::ZonePlan;
use jiff::civil::Date;

/// A value of a file that breaks a policy.
pub(in crate::plan) struct Breach {
    pub(in crate::plan) setting: &'static str,
    /// Which value of the setting, and what is wrong with it.
    pub(in crate::plan) what: String,
    /// The file and place that want it; `None` if it comes from no file.
    pub(in crate::plan) at: Option<(String, Place)>,
}

impl Breach {
    /// The error at the place of the value.
    pub(in crate::plan) fn error(&self, policy: &Policy, ended: &str) -> Diagnostic {
        let Self { setting: _, what, at } = self;
        let message = format!("policy `{}` ({}): {what}{ended}", policy.id, policy.reason);
        let error = Diagnostic::error(message).kind(DiagnosticKind::Policy).hint(hint(policy));
        at.iter().fold(error, |error, (file, place)| error.at(file, *place))
    }
}

/// The values of a file that break a rule, whatever is live. A clean-up of stale settings is not judged.
pub(in crate::plan) fn wanted(rule: &PolicyRule, file: Option<&str>, rows: &[Row]) -> Vec<Breach> {
    let rows = rows.iter().filter(|row| !row.stale);
    let values = rows.filter_map(|row| row.key.setting().zip(row.wanted.as_ref()));
    let mut breaches = Vec::new();
    for (setting, wanted) in values {
        // A temporary value is judged, and so is the one after it: nobody reviews the day on which it ends.
        let after = wanted.interim().map(|interim| (&interim.then, format!(" after {}", interim.until)));
        for (wanted, when) in [(wanted, String::new())].into_iter().chain(after) {
            let at = wanted.file(file).map(|file| (file.to_owned(), wanted.place));
            let what = breach(rule, setting, &LiveValue::Known(wanted.value));
            breaches.extend(what.map(|what| Breach { setting: setting.name, what: what + &when, at }));
        }
    }
    breaches
}

/// How the live value of a row breaks a rule, if it stays and the file itself keeps the rule. A harmless stale member
/// does not count.
fn live(rule: &PolicyRule, row: &Row, is_written: bool) -> Option<String> {
    let stays = row.verdict != Verdict::Change || !is_written;
    let is_harmless = row.stale && row.verdict == Verdict::InSync;
    let setting = row.key.setting().filter(|_| stays && !is_harmless)?;
    let breaks = |value: &LiveValue| breach(rule, setting, value);
    let wanted = row.value().filter(|_| !row.stale);
    let file_breaks = wanted.and_then(|value| breaks(&LiveValue::Known(value))).is_some();
    row.live.as_ref().filter(|_| !file_breaks).and_then(breaks)
}

/// The errors in the files of zones that are not read, by the policies in force on a day.
#[must_use]
pub(crate) fn broken_by_files(zones: &[Desired], policies: &[Policy], today: Date) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for zone in zones {
        let rows = unread(zone, today);
        for policy in policies.iter().filter(|policy| applies(policy, zone.identity(), today)) {
            let expired = ended(policy, &[zone.identity()], today);
            let breaches = wanted(&policy.rule, zone.file.as_deref(), &rows);
            problems.extend(breaches.iter().map(|breach| breach.error(policy, &expired)));
        }
    }
    problems
}

/// The policies that a zone breaks by live values that the plan does not change.
pub(in crate::plan) fn broken_by_live(zone: &ZonePlan, policies: &[&Policy], today: Date) -> Vec<Diagnostic> {
    let is_written = zone.is_written();
    // An active stale member overrides the live key, so its row is judged instead.
    let acts = |row: &Row| {
        let name = row.name();
        row.stale || row.leftover || zone.live().is_none_or(|live| live.active_stale(name).is_none())
    };
    let mut found = Vec::new();
    for policy in policies.iter().filter(|policy| applies(policy, zone.identity(), today)) {
        found.extend(doubtful(policy, zone));
        let live = |row: &Row| live(&policy.rule, row, is_written);
        let managed = zone.rows().iter().filter_map(live);
        let unmanaged = zone.unmanaged().filter(acts);
        found.extend(managed.chain(unmanaged.filter_map(|row| live(&row))).map(|what| {
            let message = format!("policy `{}` ({}) is broken live: {what}", policy.id, policy.reason);
            Diagnostic::warning(message).kind(DiagnosticKind::Policy)
        }));
    }
    found
}

/// The hint for a policy that files break.
pub(in crate::plan) fn hint(policy: &Policy) -> String {
    format!(
        "change the zone files, add an exception to the policy, or break it once with `--override-policy {}`",
        policy.id
    )
}

/// Whether a policy applies to a zone on a day.
pub(in crate::plan) fn applies(policy: &Policy, zone: Identity<'_>, today: Date) -> bool {
    is_meant(policy, zone) && exceptions(policy, zone, today).next().is_none()
}

/// Whether a policy names a zone, regardless of exceptions.
pub(in crate::plan) fn is_meant(policy: &Policy, zone: Identity<'_>) -> bool {
    policy.zones.is_empty() || policy.zones.iter().any(|pattern| zone.is_meant_by(pattern))
}

/// The exceptions that a policy makes for a zone on a day.
pub(in crate::plan) fn exceptions<'p>(
    policy: &'p Policy,
    zone: Identity<'_>,
    today: Date,
) -> impl Iterator<Item = &'p PolicyException> {
    let exceptions = policy.exceptions.iter();
    exceptions.filter(move |exception| exception.until >= today && zone.is_meant_by(&exception.zone))
}

/// The exceptions that covered the zones and have ended, as the end of a message.
pub(in crate::plan) fn ended(policy: &Policy, zones: &[Identity<'_>], today: Date) -> String {
    let meant = |exception: &&PolicyException| {
        exception.until < today && zones.iter().any(|zone| zone.is_meant_by(&exception.zone))
    };
    let ended = policy.exceptions.iter().filter(meant).map(|exception| {
        let PolicyException { zone, reason, until } = exception;
        format!("; the exception for {zone} ended on {until}: {reason}")
    });
    ended.collect()
}

/// Warns of values that may break a rule by a caution that is not certain: a policy only refuses what is.
fn doubtful(policy: &Policy, zone: &ZonePlan) -> Vec<Diagnostic> {
    if policy.rule != PolicyRule::ShutsOutSearchEngines {
        return Vec::new();
    }
    let managed = zone.rows().iter().filter(|row| row.is_managed());
    let values = managed.filter_map(|row| Some((row.key.setting()?, row.wanted.as_ref()?)));
    values
        .filter_map(|(setting, wanted)| {
            let all = cautions(setting, &LiveValue::Known(wanted.value));
            let caution = all.first().filter(|_| !all.iter().any(|caution| caution.is_certain()))?;
            let message = format!(
                "policy `{}` ({}) may be broken: `{}: {}` {}",
                policy.id,
                policy.reason,
                setting.name,
                wanted.value,
                caution.short()
            );
            let warning = Diagnostic::warning(message).kind(DiagnosticKind::Policy);
            Some(wanted.locate(warning, zone.file.as_deref()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Value, Variant, find};
    use crate::diff::Context;
    use crate::model::{Live, Place, PolicyRule};
    use serde_json::json;

    #[test]
    fn a_live_value_that_a_stale_one_overrides_breaks_no_policy() {
        let setting = find("sbfm_likely_automated").unwrap();
        let policy = Policy {
            id: "bots".to_owned(),
            reason: "needed".to_owned(),
            zones: Vec::new(),
            rule: PolicyRule::Forbid([(setting, vec![Value::Word("allow")])].into()),
            exceptions: Vec::new(),
            place: Place::START,
        };
        let broken = |stale: &str| {
            let live = json!({"sbfm_likely_automated": "allow", "stale_zone_configuration": {"sbfm_likely_automated": stale}});
            let want = Desired::new("a.example".parse().unwrap(), Variant::SbfmBusiness);
            let id = "1".repeat(32).try_into().unwrap();
            let live = Live::read(live.as_object().unwrap().clone());
            let zone = ZonePlan::build(&want, id, live, &Context::of_day(Date::default()));
            broken_by_live(&zone, &[&policy], Date::default()).len()
        };
        assert_eq!(broken("block"), 0);
        assert!(broken("off") > 0);
    }
}
