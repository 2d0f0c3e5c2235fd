//! The diff of one zone: a decision for each managed setting, stale members, and the rules across settings.

use super::{Baseline, Change, StaleMember, baseline, rules, stale};
use crate::catalogue::{Setting, Value, Variant};
use crate::model::{Desired, Diagnostic, Live, LiveValue, Waiver, Wanted};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// What the diff must know besides the file and the live object.
#[derive(Clone, Debug)]
pub struct Context {
    /// The zone's plan as `GET /zones` reports it.
    pub legacy_id: Option<String>,
    /// The settings that are sent although live does not report them.
    pub send_unavailable: BTreeSet<&'static str>,
    /// The day (UTC) on which waivers are judged.
    pub today: jiff::civil::Date,
    /// What the file said at an earlier time, where that is known.
    pub baseline: Option<Baseline>,
    /// Whether the zone may be loosened although its file did not change.
    pub may_loosen: bool,
}

impl Context {
    /// Whether a waiver of the file accepts a deviation of a setting today.
    pub(super) fn accepts(&self, want: &Desired, name: &str) -> bool {
        want.accept.iter().any(|waiver| waiver.setting.name == name && waiver.until >= self.today)
    }
}

/// A managed setting that needs no write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InSync {
    /// The setting.
    pub setting: &'static Setting,
    /// The live value; nothing if the setting is satisfied by absence.
    pub live: Option<LiveValue>,
}

/// A deviation that a waiver of the file accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waived {
    /// The setting.
    pub setting: &'static Setting,
    /// The live value; nothing if GET does not report it.
    pub live: Option<Json>,
    /// What the file wants; nothing if the file does not manage the setting.
    pub wanted: Option<Value>,
    /// Why it is accepted.
    pub reason: String,
    /// The last day of the waiver.
    pub until: jiff::civil::Date,
}

/// The difference between a file and a live object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct ZoneDiff {
    /// What is to be written: declared settings by name, then stale ones by name.
    pub changes: Vec<Change>,
    /// Why nothing of it may be written; empty if it may.
    pub blocks: Vec<Diagnostic>,
    /// What should be looked at.
    pub notes: Vec<Diagnostic>,
    /// The managed settings that need no write, by name.
    pub in_sync: Vec<InSync>,
    /// The stale members that still act on traffic, by name.
    pub stale: Vec<StaleMember>,
    /// The accepted deviations, by name.
    pub waived: Vec<Waived>,
}

enum Decision {
    InSync,
    Change(Change),
    Blocked(Diagnostic),
}

/// Compares a file with a live object.
pub fn diff(want: &Desired, live: &Live, context: &Context) -> ZoneDiff {
    let mut diff = ZoneDiff { notes: notes(want, live, context), ..ZoneDiff::default() };
    for (setting, wanted) in want.settings() {
        match decide(want, setting, wanted, live, context) {
            Decision::InSync => diff.in_sync.push(InSync { setting, live: live.get(setting).cloned() }),
            Decision::Change(_) | Decision::Blocked(_) if context.accepts(want, setting.name) => {}
            Decision::Change(change) => diff.changes.push(change),
            Decision::Blocked(reason) => diff.blocks.push(reason),
        }
    }
    let (members, clean_up) = stale::members(want, live, context);
    diff.stale = members;
    diff.changes.extend(clean_up);
    diff.waived = waived(want, live, context);
    diff.blocks.extend(rules::blocks(want, live, &diff.changes));
    diff.blocks.extend(expired(want, live, context));
    let earlier = context.baseline.as_ref();
    if !context.may_loosen {
        diff.blocks.extend(baseline::held(want, &diff.changes, earlier));
    }
    if let Some(earlier) = earlier {
        diff.changes = diff.changes.into_iter().map(|change| change.since(earlier)).collect();
    }
    diff
}

fn decide(
    want: &Desired,
    setting: &'static Setting,
    wanted: &Wanted,
    live: &Live,
    context: &Context,
) -> Decision {
    let before = live.get(setting);
    if before.is_none() && setting.neutral == Some(wanted.value) {
        return Decision::InSync;
    }
    if before.is_none() && !may_send_unreported(setting, live.variant(), context) {
        return Decision::Blocked(not_available(want, setting, wanted, live.variant()));
    }
    Change::declared(setting, wanted.value, before, Some(wanted.place))
        .map_or(Decision::InSync, Decision::Change)
}

fn may_send_unreported(setting: &Setting, variant: Option<Variant>, context: &Context) -> bool {
    setting.is_shared()
        || variant.is_some_and(|variant| setting.is_settable_on(variant))
        || context.send_unavailable.contains(setting.name)
}

fn not_available(want: &Desired, setting: &Setting, wanted: &Wanted, variant: Option<Variant>) -> Diagnostic {
    let needs: Vec<_> = setting.settable_on.iter().map(|variant| variant.word()).collect();
    let is = variant.map_or("a plan variant that its settings do not tell", Variant::word);
    let name = setting.name;
    let hint = match setting.neutral {
        Some(neutral) => {
            format!("remove `{name}`, write `{neutral}`, or move the zone to another Cloudflare plan")
        }
        None => format!("remove `{name}`, or move the zone to another Cloudflare plan"),
    };
    Diagnostic::error(format!(
        "`{name}: {}` is not available on this zone (live is {is}; needs {})",
        wanted.value,
        needs.join(" or ")
    ))
    .hint(format!("{hint}; `--send-unavailable {name}` sends it all the same and shows Cloudflare's answer"))
    .at(&want.file, wanted.place)
}

fn notes(want: &Desired, live: &Live, context: &Context) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    match live.variant() {
        Some(variant) if variant != want.plan() => notes.push(
            Diagnostic::warning(format!("the file says `plan: {}`, and live is {variant}", want.plan()))
                .hint(format!("write `plan: {variant}`"))
                .at(&want.file, want.place),
        ),
        None => notes.push(Diagnostic::warning(
            "the live settings do not tell the plan variant: only settings that all variants share can be managed",
        )),
        Some(_) => {}
    }
    notes.extend(plan_mismatch(live, context));
    for (setting, wanted) in want.settings() {
        if let Some(LiveValue::Other(value)) = live.get(setting) {
            let message =
                format!("the live value {value} of `{}` is not known to this version", setting.name);
            notes.push(Diagnostic::note(message).at(&want.file, wanted.place));
        }
        if setting.name == "ai_bots_protection"
            && wanted.value == Value::Word("only_on_ad_pages")
            && live.variant() == Some(Variant::BmEnterprise)
        {
            let message = "`only_on_ad_pages` was once documented as not available on Enterprise";
            notes.push(Diagnostic::warning(message).at(&want.file, wanted.place));
        }
    }
    notes
}

/// Cross-checks the variant that the keys tell with the plan that `GET /zones` reports.
fn plan_mismatch(live: &Live, context: &Context) -> Option<Diagnostic> {
    let variant = live.variant()?;
    let reported = context.legacy_id.as_deref()?;
    let known = Variant::ALL.iter().any(|variant| variant.legacy_id() == reported);
    let without_add_on = variant == Variant::SbfmBusiness && reported == "enterprise";
    (known && reported != variant.legacy_id() && !without_add_on).then(|| {
        Diagnostic::warning(format!(
            "the live settings are those of {variant}, and Cloudflare says that the zone's plan is `{reported}`"
        ))
        .hint("the plan was probably changed a moment ago; plan again later")
    })
}

/// The deviations that are accepted today and still there.
fn waived(want: &Desired, live: &Live, context: &Context) -> Vec<Waived> {
    let mut waived: Vec<_> = want
        .accept
        .iter()
        .filter(|waiver| waiver.until >= context.today)
        .filter_map(|waiver| deviation(want, live, waiver))
        .collect();
    waived.sort_by_key(|waived| waived.setting);
    waived
}

fn deviation(want: &Desired, live: &Live, waiver: &Waiver) -> Option<Waived> {
    let setting = waiver.setting;
    let wanted = want.get(setting).map(|wanted| wanted.value);
    let seen = live.get(setting);
    let differs = wanted.is_some_and(|value| match seen {
        Some(live) => !live.is(value),
        None => setting.neutral != Some(value),
    });
    let stale = live.stale().get(setting.name).cloned();
    (differs || stale.is_some()).then(|| Waived {
        setting,
        live: if differs { seen.map(LiveValue::to_json) } else { stale },
        wanted,
        reason: waiver.reason.clone(),
        until: waiver.until,
    })
}

/// A waiver that has ended and whose deviation is still there.
fn expired(want: &Desired, live: &Live, context: &Context) -> Vec<Diagnostic> {
    want.accept
        .iter()
        .filter(|waiver| waiver.until < context.today && deviation(want, live, waiver).is_some())
        .map(|waiver| {
            Diagnostic::error(format!(
                "the waiver for `{}` ended on {}: {}",
                waiver.setting.name, waiver.until, waiver.reason
            ))
            .hint("remove the waiver and let the setting be written, or give it a new reason and end")
            .at(&want.file, waiver.place)
        })
        .collect()
}

#[cfg(test)]
#[path = "zone_tests.rs"]
mod tests;
