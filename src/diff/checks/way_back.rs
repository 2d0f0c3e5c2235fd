//! Settings that return to their regular value after a temporary one.

use super::Zone;
use crate::catalogue::Setting;
use crate::model::{Diagnostic, Temporary, Wanted};

/// Notes a setting whose live value is still the temporary one although that has ended.
pub(super) fn note(zone: Zone<'_>, setting: &Setting, then: &Wanted) -> Option<Diagnostic> {
    let is_ended = |ended: &&Temporary| ended.setting == setting && ended.value != then.value;
    let ended = zone.want.temporary.iter().find(is_ended)?;
    let Temporary { setting, value, reason, until, place, lines: _ } = ended;
    zone.live.effective(setting).filter(|live| live.is(*value))?;
    let name = setting.name;
    let message = format!(
        "`{name}` returns from {value} to {} because its temporary value ended on {until}: {reason}",
        then.value
    );
    Some(Diagnostic::note(message).maybe_at(zone.want.file.as_deref(), *place))
}

#[cfg(test)]
mod tests {
    use crate::catalogue::{Value, Variant, find};
    use crate::diff::{Context, diff};
    use crate::model::{Desired, Live, Place, Temporary};

    #[test]
    fn what_stays_as_it_is_does_not_go_back() {
        let until = jiff::civil::date(2026, 11, 23);
        let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
        want.set("ai_search", "block").unwrap();
        let ended = |value| Temporary {
            setting: find("ai_search").unwrap(),
            value: Value::Word(value),
            reason: "test".to_owned(),
            until,
            place: Place::START,
            lines: (1, 1),
        };
        let told = |value, live| {
            let mut want = want.clone();
            want.temporary.push(ended(value));
            let live = [("ai_search", live), ("sbfm_verified_bots", "allow")];
            let live = live.map(|(name, value)| (name.to_owned(), value.into()));
            let context = Context::of_day(until.tomorrow().unwrap());
            diff(&want, &Live::read(live.into_iter().collect()), &context).notes.len()
        };
        assert_eq!((told("disabled", "disabled"), told("block", "block")), (1, 0));
        assert_eq!(told("disabled", "only_on_ad_pages"), 0, "it is no longer the temporary one");
    }
}
