//! Why a zone is planned and not written: its file protects it, or freezes it for a while.

use crate::model::{Desired, Freeze};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a zone is planned but not written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Protected {
    /// Why.
    pub reason: String,
    /// The last day (UTC); null if it has no end.
    #[schemars(with = "Option<String>")]
    pub until: Option<jiff::civil::Date>,
}

impl Protected {
    /// The standing protection of a file, or its freeze if that has not ended.
    #[must_use]
    pub fn of(want: &Desired, today: jiff::civil::Date) -> Option<Self> {
        let freeze = want.freeze.as_ref().filter(|freeze| freeze.until >= today);
        match (want.protect, freeze) {
            (true, None) => Some(Self { reason: "the file says `protect: true`".to_owned(), until: None }),
            (true, Some(freeze)) => {
                let Freeze { reason, until } = freeze;
                let reason =
                    format!("the file says `protect: true`; it is also frozen until {until}: {reason}");
                Some(Self { reason, until: None })
            }
            (false, Some(freeze)) => Some(Self { reason: freeze.reason.clone(), until: Some(freeze.until) }),
            (false, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Variant;

    #[test]
    fn a_freeze_holds_on_its_last_day() {
        let last = jiff::civil::date(2026, 11, 23);
        let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
        want.freeze = Some(Freeze { reason: "agreed".to_owned(), until: last });
        assert!(Protected::of(&want, last).is_some());
        assert_eq!(Protected::of(&want, last.tomorrow().unwrap()), None);
    }
}
