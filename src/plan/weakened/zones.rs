//! The softer rules of one zone: its protection, and the deviations that it accepts.

use super::{RuleKind, Weakened};
use crate::model::{Desired, Place, Waiver};
use jiff::civil::Date;

/// The rules of one zone that are softer on a day.
pub(super) fn weakened(then: &Desired, now: &Desired, today: Date) -> Vec<Weakened> {
    let found = protection(then, now, today).into_iter().chain(custom_rules(then, now));
    let found = found.map(|found| (found, now.place));
    let waivers = now.accept.iter().filter(|waiver| waiver.until >= today);
    let waivers = waivers.filter_map(|waiver| Some((accepts(then, waiver)?, waiver.place)));
    let about =
        |(found, at): (Weakened, Place)| Weakened { file: now.file.clone(), line: Some(at.line), ..found };
    found.chain(waivers).map(about).collect()
}

/// A protection that is gone or ends earlier; `protect` has no end.
fn protection(then: &Desired, now: &Desired, today: Date) -> Option<Weakened> {
    let until = |zone: &Desired| zone.freeze.as_ref().map(|freeze| freeze.until);
    let is = until(now).filter(|until| *until >= today);
    let frozen = is.map(|until| format!("frozen until {until}"));
    if now.protect {
        return None;
    }
    if then.protect {
        let found = Weakened::new(RuleKind::Protection, "protect", "`protect: true` is removed".to_owned());
        return Some(found.between(Some("protected".to_owned()), frozen));
    }
    let was = until(then).filter(|was| *was >= today && is.is_none_or(|is| is < *was))?;
    let what = match is {
        Some(is) => format!("the freeze ends earlier: {was} → {is}"),
        None => format!("the freeze is removed: until {was}"),
    };
    let found = Weakened::new(RuleKind::Freeze, "freeze", what);
    Some(found.between(Some(format!("frozen until {was}")), frozen))
}

/// A new `custom_rules_in_place`: it lets a clean-up switch off stale rules that may still protect the zone.
fn custom_rules(then: &Desired, now: &Desired) -> Option<Weakened> {
    let is_new = now.custom_rules_in_place && !then.custom_rules_in_place;
    is_new.then(|| {
        let what = "`custom_rules_in_place: true` is new: stale rules may now be switched off".to_owned();
        let found = Weakened::new(RuleKind::Protection, "custom_rules_in_place", what);
        found.between(None, Some("true".to_owned()))
    })
}

/// A waiver that is new or ends later.
fn accepts(then: &Desired, waiver: &Waiver) -> Option<Weakened> {
    let Waiver { setting, until, reason: _, place: _ } = waiver;
    let was = then.accept.iter().filter(|was| was.setting == *setting).map(|was| was.until).max();
    let what = match was {
        Some(was) if was >= *until => return None,
        Some(was) => format!("the waiver for `{}` ends later: {was} → {until}", setting.name),
        None => format!("a new waiver for `{}` until {until}", setting.name),
    };
    let found = Weakened::new(RuleKind::Waiver, "accept", what);
    let found = found.between(was.map(|was| was.to_string()), Some(until.to_string()));
    Some(Weakened { setting: Some(setting.name.to_owned()), ..found })
}
