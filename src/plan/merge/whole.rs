//! Checks that files, plans or results, are the parts of one whole.

use super::Unmergeable;
use crate::model::{Shard, ZoneName};
use std::collections::BTreeMap;

/// What a file says about its part.
pub(super) struct Part<'a> {
    /// The name of the file.
    pub name: &'a str,
    /// Its part; `None` if it covers all zones.
    pub shard: Option<Shard>,
    /// The zones in it.
    pub zones: Vec<&'a ZoneName>,
    /// Why it does not belong to the others, apart from its number and zones.
    pub wrong: Option<Unmergeable>,
}

/// The parts that are missing.
///
/// # Errors
/// Every reason why the files are not the parts of one whole, except missing parts.
pub(super) fn missing(parts: Vec<Part<'_>>) -> Result<Vec<Shard>, Vec<Unmergeable>> {
    let mut found: BTreeMap<Shard, &str> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut first: Option<(&str, u32)> = None;
    for Part { name: file, shard, zones, wrong: own } in parts {
        let name = || file.to_owned();
        wrong.extend(own);
        let Some(shard) = shard else {
            wrong.push(Unmergeable::Whole { name: name() });
            continue;
        };
        let (head, of) = *first.get_or_insert((file, shard.of()));
        if shard.of() != of {
            wrong.push(Unmergeable::Count { name: name(), shard, other: head.to_owned(), of });
        } else if let Some(before) = found.insert(shard, file) {
            wrong.push(Unmergeable::Twice { name: name(), other: before.to_owned(), shard });
        }
        let foreign = zones.into_iter().find(|zone| !shard.holds(zone));
        wrong.extend(foreign.map(|zone| Unmergeable::Foreign {
            name: name(),
            zone: zone.to_string(),
            shard,
        }));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let of = first.map_or(0, |(_, of)| of);
    let all = (1..=of).filter_map(|number| Shard::new(number, of).ok());
    Ok(all.filter(|shard| !found.contains_key(shard)).collect())
}
