//! Guards that allow more than they did.

use super::{RuleKind, Weakened};
use crate::model::{Guards, Threshold};
use std::fmt::Display;

/// The guards that are gone or raised.
pub(super) fn weakened(then: Guards, now: Guards) -> impl Iterator<Item = Weakened> {
    let Guards { max_zones, max_loosening, max_failures, zone_files: _ } = then;
    let found = [
        raised("max_zones", max_zones, now.max_zones, allows_more),
        raised("max_loosening", max_loosening, now.max_loosening, |then, now| now > then),
        raised("max_failures", max_failures, now.max_failures, allows_more),
    ];
    found.into_iter().flatten()
}

fn raised<T: Copy + Display>(
    name: &str,
    then: Option<T>,
    now: Option<T>,
    is_more: impl Fn(T, T) -> bool,
) -> Option<Weakened> {
    let was = then?;
    let what = match now {
        Some(is) if is_more(was, is) => format!("guard `{name}` is raised: {was} → {is}"),
        Some(_) => return None,
        None => format!("guard `{name}` is gone: {was}"),
    };
    let found = Weakened::new(RuleKind::Guard, name, what);
    Some(found.between(Some(was.to_string()), now.map(|is| is.to_string())))
}

/// Whether a threshold allows more than another one, in a project of any size: a number and a share cannot be compared,
/// but for none and all.
fn allows_more(then: Threshold, now: Threshold) -> bool {
    match (then, now) {
        (Threshold::Count(then), Threshold::Count(now))
        | (Threshold::Percent(then), Threshold::Percent(now)) => now > then,
        (Threshold::Percent(100), _) | (_, Threshold::Count(0) | Threshold::Percent(0)) => false,
        (Threshold::Count(_), Threshold::Percent(_)) | (Threshold::Percent(_), Threshold::Count(_)) => true,
    }
}
