//! Guards that allow more than before.

use super::{RuleKind, Weakened};
use crate::model::{Guards, Threshold};
use std::fmt::Display;

/// The guards that are gone or raised.
pub(super) fn weakened(then: Guards, now: Guards) -> impl Iterator<Item = Weakened> {
    let Guards { max_zones, max_loosening, max_failures, zone_files: _ } = then;
    let found = [
        raised("max_zones", max_zones, now.max_zones, allows_more),
        raised("max_loosening", max_loosening, now.max_loosening, |then, now| (now > then).then_some(RAISED)),
        raised("max_failures", max_failures, now.max_failures, allows_more),
    ];
    found.into_iter().flatten()
}

fn raised<T: Copy + Display>(
    name: &str,
    then: Option<T>,
    now: Option<T>,
    how: impl Fn(T, T) -> Option<&'static str>,
) -> Option<Weakened> {
    let was = then?;
    let what = match now {
        Some(is) => format!("guard `{name}` is {}: {was} → {is}", how(was, is)?),
        None => format!("guard `{name}` is gone: {was}"),
    };
    let found = Weakened::new(RuleKind::Guard, name, what);
    Some(found.between(Some(was.to_string()), now.map(|is| is.to_string())))
}

const RAISED: &str = "raised";

/// How a threshold allows more than an earlier one; `None` if it does not. A number and a share cannot be compared
/// without the size of the project, except none and all.
fn allows_more(then: Threshold, now: Threshold) -> Option<&'static str> {
    match (then, now) {
        (Threshold::Count(then), Threshold::Count(now))
        | (Threshold::Percent(then), Threshold::Percent(now)) => (now > then).then_some(RAISED),
        (Threshold::Percent(100), _) | (_, Threshold::Count(0) | Threshold::Percent(0)) => None,
        (Threshold::Count(_), Threshold::Percent(_)) | (Threshold::Percent(_), Threshold::Count(_)) => {
            Some("different")
        }
    }
}
