//! Zones by name or pattern, and what was probably meant by a word.

use crate::model::matches;
use std::fmt;

/// Longer words are not compared: nobody meant them.
const LONGEST_WORD: usize = 100;

/// A pattern that no zone matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoMatch {
    pattern: String,
    zones: usize,
    suggestion: Option<String>,
}

impl fmt::Display for NoMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pattern, zones, suggestion: _ } = self;
        match zones {
            0 => write!(f, "`{pattern}` matches no zone: there is none"),
            1 => write!(f, "`{pattern}` does not match the one zone"),
            zones => write!(f, "`{pattern}` matches none of the {zones} zones"),
        }
    }
}

impl std::error::Error for NoMatch {}

impl NoMatch {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        self.suggestion.as_ref().map(|name| format!("did you mean `{name}`?"))
    }
}

/// The items that match one of the patterns, in their order; all of them if there is no pattern.
///
/// # Errors
/// A pattern matches no item.
pub fn select<T>(
    items: Vec<T>,
    name_of: impl Fn(&T) -> &str,
    patterns: &[String],
) -> Result<Vec<T>, NoMatch> {
    if patterns.is_empty() {
        return Ok(items);
    }
    for pattern in patterns {
        if !items.iter().any(|item| matches(pattern, name_of(item))) {
            let suggestion = suggest(pattern, items.iter().map(&name_of)).map(str::to_owned);
            return Err(NoMatch { pattern: pattern.clone(), zones: items.len(), suggestion });
        }
    }
    let is_selected = |item: &T| patterns.iter().any(|pattern| matches(pattern, name_of(item)));
    Ok(items.into_iter().filter(is_selected).collect())
}

/// The candidate that was probably meant by a word.
pub fn suggest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if word.len() > LONGEST_WORD {
        return None;
    }
    let plain = plain(word);
    let length = plain.chars().count();
    let limit = |candidate: &str| (length.max(candidate.chars().count()) / 3).max(1);
    // Words of very different lengths are far apart; most candidates need no comparison.
    let near = candidates.into_iter().filter(|other| length.abs_diff(other.chars().count()) <= limit(other));
    let distance = |candidate: &str| strsim::damerau_levenshtein(&plain, &self::plain(candidate));
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
    fn a_hostile_pattern_is_quick() {
        let start = std::time::Instant::now();
        assert!(!matches(&format!("{}b", "*a".repeat(100)), &"a".repeat(253)));
        assert!(start.elapsed() < std::time::Duration::from_secs(1));
    }

    #[test]
    fn each_pattern_has_to_match_a_zone() {
        let zones = || vec!["a.example", "b.example", "shop.example.com"];
        let by = |patterns: &[&str]| {
            let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
            select(zones(), |zone| zone, &patterns)
        };
        assert_eq!(by(&[]).unwrap(), zones());
        assert_eq!(by(&["b*", "a*"]).unwrap(), ["a.example", "b.example"]);
        let refused = by(&["a*", "shop.exmaple.com"]).unwrap_err();
        assert_eq!(refused.to_string(), "`shop.exmaple.com` matches none of the 3 zones");
        assert_eq!(refused.hint().as_deref(), Some("did you mean `shop.example.com`?"));
        assert_eq!(by(&["nothing"]).unwrap_err().hint(), None);
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
