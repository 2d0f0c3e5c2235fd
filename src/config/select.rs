//! Selects zones by name or pattern, and suggests corrections for words.

use crate::model::{Named, is_id, some_of};
use std::fmt;

/// Longer words get no suggestion: comparing them costs time and they are not typos.
const LONGEST_WORD: usize = 100;

/// How many zones of other accounts are named.
const MOST_NAMED: usize = 3;

/// What a name that matches no zone probably means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    /// A zone whose name is nearly the same.
    Zone(String),
    /// The name is right, and its zones are in other accounts than the named one. They are other zones: none of them
    /// is proposed.
    Elsewhere(Vec<String>),
}

impl Meant {
    /// What to do about it.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Zone(name) => format!("did you mean `{name}`?"),
            Self::Elsewhere(labels) => {
                let labels: Vec<_> = labels.iter().map(|label| format!("`{label}`")).collect();
                let labels = some_of(labels.iter(), MOST_NAMED);
                format!("check the account id. Zones in other accounts have the same name: {labels}")
            }
        }
    }
}

/// Why a selection is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoMatch {
    /// A pattern matches no zone.
    Pattern {
        pattern: String,
        /// How many zones there are.
        zones: usize,
        /// The zone that was probably meant.
        suggestion: Option<Meant>,
    },
    /// Every selected zone is excluded again.
    NoneLeft,
}

impl fmt::Display for NoMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pattern { pattern, zones: 0, .. } => {
                write!(f, "`{pattern}` matches no zone: there are no zones")
            }
            Self::Pattern { pattern, zones: 1, .. } => write!(f, "no zone matches `{pattern}`"),
            Self::Pattern { pattern, zones, .. } => {
                write!(f, "`{pattern}` matches none of the {zones} zones")
            }
            Self::NoneLeft => f.write_str("no zone is left: every selected zone is excluded"),
        }
    }
}

impl std::error::Error for NoMatch {}

impl NoMatch {
    /// What to do about it.
    #[must_use]
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Pattern { pattern, .. } if is_id(pattern) => {
                let hint = "an id means a zone that the credentials see, or a file that pins it as `zone_id`";
                Some(hint.to_owned())
            }
            Self::Pattern { suggestion, .. } => suggestion.as_ref().map(Meant::hint),
            Self::NoneLeft => None,
        }
    }
}

/// The items that match a pattern of `only` and none of `except`, in order; an empty `only` selects all.
///
/// # Errors
/// A pattern matches no item, or no item is left.
pub(crate) fn select<T>(
    items: Vec<T>,
    named: impl Fn(&T) -> Named<'_>,
    only: &[String],
    except: &[String],
) -> Result<Vec<T>, NoMatch> {
    if only.is_empty() && except.is_empty() {
        return Ok(items);
    }
    for pattern in only.iter().chain(except) {
        if !items.iter().any(|item| named(item).is_meant_by(pattern)) {
            let suggestion = meant(pattern, items.iter().map(&named));
            return Err(NoMatch::Pattern { pattern: pattern.clone(), zones: items.len(), suggestion });
        }
    }
    let is_one =
        |patterns: &[String], item: &T| patterns.iter().any(|pattern| named(item).is_meant_by(pattern));
    let is_selected = |item: &T| (only.is_empty() || is_one(only, item)) && !is_one(except, item);
    let selected: Vec<T> = items.into_iter().filter(is_selected).collect();
    if selected.is_empty() { Err(NoMatch::NoneLeft) } else { Ok(selected) }
}

/// What a name or pattern that matches no zone probably means. Where it names an account, name and account are each
/// near by themselves: a zone of another account is never proposed for it.
pub(crate) fn meant<'z>(pattern: &str, zones: impl Iterator<Item = Named<'z>>) -> Option<Meant> {
    let labels: Vec<_> = zones.map(|zone| zone.as_in(pattern)).collect();
    let Some((name, account)) = pattern.split_once('@') else {
        let names = || labels.iter().map(String::as_str);
        let found = by_first_label(pattern, names()).or_else(|| suggest(pattern, names()));
        return found.map(|name| Meant::Zone(name.to_owned()));
    };
    let parts = || labels.iter().filter_map(|label| Some((label, label.split_once('@')?)));
    let is_near = |(_, (of, id)): &(&String, (&str, &str))| {
        suggest(name, [*of]).is_some() && suggest(account, [*id]).is_some()
    };
    if let Some((label, _)) = parts().find(is_near) {
        return Some(Meant::Zone(label.clone()));
    }
    let same_name = parts().filter(|(_, (of, _))| of.eq_ignore_ascii_case(name));
    let labels: Vec<_> = same_name.map(|(label, _)| label.clone()).collect();
    (!labels.is_empty()).then_some(Meant::Elsewhere(labels))
}

/// The name whose first label is the word: `shop.example.com` for `shop`.
fn by_first_label<'c>(word: &str, mut names: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    names.find(|name| name.split('.').next().is_some_and(|label| label.eq_ignore_ascii_case(word)))
}

/// The candidate that is most similar to a word, if any is close.
pub(crate) fn suggest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if word.len() > LONGEST_WORD {
        return None;
    }
    let plain = plain(word);
    let length = plain.chars().count();
    let limit = |candidate: &str| (length.max(candidate.chars().count()) / 3).max(1);
    // Words of very different lengths cannot be similar: skip the costly comparison.
    let near = candidates.into_iter().filter(|other| length.abs_diff(other.chars().count()) <= limit(other));
    let distance = |candidate: &str| strsim::osa_distance(&plain, &self::plain(candidate));
    let near = near.map(|candidate| (distance(candidate), candidate));
    let (distance, candidate) = near.min_by_key(|(distance, _)| *distance)?;
    let longest = length.max(candidate.chars().count());
    (distance <= limit(candidate) && distance < longest).then_some(candidate)
}

fn plain(word: &str) -> String {
    word.trim().to_lowercase().replace(['-', ' '], "_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::matches;
    use proptest::prelude::*;

    #[test]
    fn patterns_match_names() {
        for pattern in
            ["shop.example.com", "*", "*.example.com", "shop.*", "s?op.*", "*op*mple*", "SHOP.example.COM"]
        {
            assert!(matches(pattern, "shop.example.com"), "{pattern}");
        }
        for pattern in
            ["", "shop", "*.example", "?.example.com", "shop.example.com?", "*x", "shop.[e]xample.com"]
        {
            assert!(!matches(pattern, "shop.example.com"), "{pattern}");
        }
    }

    #[test]
    fn a_hostile_pattern_terminates() {
        // A backtracking matcher would need exponential time here.
        assert!(!matches(&format!("{}b", "*a".repeat(100)), &"a".repeat(253)));
    }

    #[test]
    fn each_pattern_has_to_match_a_zone() {
        let zones = || vec!["a.example", "b.example", "shop.example.com"];
        let owned =
            |patterns: &[&str]| patterns.iter().map(|&pattern| pattern.to_owned()).collect::<Vec<_>>();
        let but = |only: &[&str], except: &[&str]| {
            select(zones(), |zone| Named::from(*zone), &owned(only), &owned(except))
        };
        let by = |only: &[&str]| but(only, &[]);
        assert_eq!(by(&[]).unwrap(), zones());
        assert_eq!(by(&["b*", "a*"]).unwrap(), ["a.example", "b.example"]);
        assert_eq!(but(&[], &["b.example"]).unwrap(), ["a.example", "shop.example.com"]);
        assert_eq!(but(&["*.example"], &["B*"]).unwrap(), ["a.example"]);
        let refused = by(&["a*", "shop.exmaple.com"]).unwrap_err();
        assert_eq!(refused.to_string(), "`shop.exmaple.com` matches none of the 3 zones");
        assert_eq!(refused.hint().as_deref(), Some("did you mean `shop.example.com`?"));
        assert_eq!(by(&["SHOP"]).unwrap_err().hint().as_deref(), Some("did you mean `shop.example.com`?"));
        assert_eq!(
            but(&[], &["c.example"]).unwrap_err().hint().as_deref(),
            Some("did you mean `a.example`?")
        );
        assert_eq!(but(&["a*"], &["*.example"]).unwrap_err(), NoMatch::NoneLeft);
        assert_eq!(by(&["nothing"]).unwrap_err().hint(), None);
    }

    #[test]
    fn a_zone_of_another_account_is_never_proposed() {
        let (one, other) = ("a".repeat(32), "b".repeat(32));
        let typo = format!("{}b", "a".repeat(31));
        let named = |name| Named { name, ids: [Some(one.as_str()), None] };
        let zones = [named("shop017.example"), named("blog.example")];
        let hint = |pattern: &str| meant(pattern, zones.into_iter()).map(|meant| meant.hint());
        let elsewhere = hint(&format!("shop017.example@{other}")).unwrap();
        assert!(elsewhere.starts_with("check the account id") && elsewhere.contains(&one), "{elsewhere}");
        assert_eq!(hint("shop017.example@bbbb"), hint(&format!("shop017.example@{other}")));
        assert_eq!(hint(&format!("shop071.example@{other}")), None);
        let right = Some(format!("did you mean `shop017.example@{one}`?"));
        assert_eq!(
            [hint(&format!("shop017.example@{typo}")), hint(&format!("shop071.example@{one}"))],
            [right.clone(), right]
        );
    }

    #[test]
    fn near_words_are_suggested_and_far_ones_are_not() {
        let words = ["enable_js", "fight_mode", "block"];
        assert_eq!(suggest("enable-js", words), Some("enable_js"));
        assert_eq!(suggest("figth_mode", words), Some("fight_mode"));
        assert_eq!(suggest("Blok", words), Some("block"));
        assert_eq!(suggest("crawl", words), None);
        assert_eq!(suggest("", words), None);
        assert_eq!(suggest(&"x".repeat(100_000), words), None);
    }

    proptest! {
        #[test]
        fn a_name_matches_itself_with_any_part_starred(name in "[a-z.]{1,20}", from in 0_usize..20, to in 0_usize..20) {
            let (from, to) = (from.min(name.len()), to.clamp(from.min(name.len()), name.len()));
            let pattern = format!("{}*{}", &name[..from], &name[to..]);
            prop_assert!(matches(&pattern, &name));
        }
    }
}
