//! Values whose availability Cloudflare's documentation leaves open.

use super::Zone;
use crate::catalogue::Setting;
use crate::model::{Diagnostic, Wanted};

/// The doubt about a wanted value on the live variant.
pub(super) fn warning(zone: Zone<'_>, setting: &Setting, wanted: &Wanted) -> Option<Diagnostic> {
    let variant = zone.live.variant()?;
    let doubt =
        setting.doubts.iter().find(|doubt| doubt.value == wanted.value && doubt.on.contains(&variant))?;
    Some(wanted.locate(Diagnostic::warning(doubt.text), zone.want.file.as_deref()))
}

#[cfg(test)]
mod tests {
    use crate::catalogue::{Value, Variant, find};
    use crate::diff::{Context, diff};
    use crate::model::{Desired, Live, Place};

    #[test]
    fn a_doubt_is_reported_on_the_variants_that_it_is_about() {
        for (variant, key, told) in
            [(Variant::SbfmPro, "sbfm_verified_bots", 1), (Variant::BmEnterprise, "auto_update_model", 0)]
        {
            let mut want = Desired::new("a.example".parse().unwrap(), variant);
            want.set_at(find("jsd_api_results_enabled").unwrap(), Value::Toggle(true), Place::START).unwrap();
            let value = if told == 1 { "allow".into() } else { true.into() };
            let live = Live::read([(key.to_owned(), value)].into_iter().collect());
            assert_eq!(live.variant(), Some(variant));
            let notes = diff(&want, &live, &Context::of_day(jiff::civil::Date::default())).notes;
            let doubts = notes.iter().filter(|note| note.message.to_string().contains("is documented as"));
            assert_eq!(doubts.count(), told, "{variant}");
        }
    }
}
