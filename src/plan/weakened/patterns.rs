//! Compares two patterns of zone names: `*` stands for any characters, `?` for one, and an id may follow an `@`.

/// Whether one pattern matches every zone that another one matches. It may wrongly answer no for a pattern that nobody
/// writes, but never wrongly yes.
pub(super) fn covers(wide: &str, narrow: &str) -> bool {
    let ((wide, wide_id), (narrow, narrow_id)) = (parted(wide), parted(narrow));
    // An id may be an account's or a zone's, so only equal ids are known to mean the same.
    let has_id = wide_id.is_none() || wide_id == narrow_id;
    has_id && is_within(&narrow.chars().collect::<Vec<_>>(), &wide.chars().collect::<Vec<_>>())
}

/// Whether two patterns may match the same zone.
pub(super) fn overlap(one: &str, other: &str) -> bool {
    let ((one, _), (other, _)) = (parted(one), parted(other));
    meet(&one.chars().collect::<Vec<_>>(), &other.chars().collect::<Vec<_>>())
}

/// The name and the id, in lower case.
fn parted(pattern: &str) -> (String, Option<String>) {
    let pattern = pattern.to_lowercase();
    match pattern.split_once('@') {
        Some((name, id)) => (name.to_owned(), Some(id.to_owned())),
        None => (pattern, None),
    }
}

/// Whether the wide pattern covers the narrow one character by character: only a star covers a star.
fn is_within(narrow: &[char], wide: &[char]) -> bool {
    table(narrow, wide, |narrow, wide, rest| match (narrow, wide) {
        (None, None) => true,
        (_, Some('*')) => rest(0, 1) || narrow.is_some() && rest(1, 0),
        (Some('*'), _) | (None, _) | (_, None) => false,
        (Some(n), Some(w)) => (w == '?' || w == n) && rest(1, 1),
    })
}

/// Whether some name fits both patterns.
fn meet(one: &[char], other: &[char]) -> bool {
    table(one, other, |one, other, rest| match (one, other) {
        (None, None) => true,
        (Some('*'), _) => rest(1, 0) || other.is_some() && rest(0, 1),
        (_, Some('*')) => rest(0, 1) || one.is_some() && rest(1, 0),
        (None, _) | (_, None) => false,
        (Some(a), Some(b)) => (a == b || a == '?' || b == '?') && rest(1, 1),
    })
}

/// Answers for two texts from the answers for their tails, each computed once: patterns come from pull requests of
/// strangers, and must not take unbounded time.
fn table(
    one: &[char],
    other: &[char],
    answer: impl Fn(Option<char>, Option<char>, &dyn Fn(usize, usize) -> bool) -> bool,
) -> bool {
    let width = other.len() + 1;
    let mut known = vec![false; (one.len() + 1) * width];
    for i in (0..=one.len()).rev() {
        for j in (0..=other.len()).rev() {
            let rest = |di: usize, dj: usize| {
                let (i, j) = (i + di, j + dj);
                j < width && known.get(i * width + j).copied().unwrap_or_default()
            };
            let found = answer(one.get(i).copied(), other.get(j).copied(), &rest);
            if let Some(cell) = known.get_mut(i * width + j) {
                *cell = found;
            }
        }
    }
    known.first().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::matches;
    use proptest::prelude::*;

    #[test]
    fn a_wider_pattern_covers_and_another_one_does_not() {
        for (wide, narrow) in [
            ("*", "*"),
            ("*", "a.example"),
            ("*.Example.com", "*.shop.example.com"),
            ("a*c", "a?b*c"),
            ("?.example", "a.example"),
            ("*.example", "*.example@1"),
            ("a@1", "A@1"),
        ] {
            assert!(covers(wide, narrow), "{wide} {narrow}");
        }
        for (wide, narrow) in [
            ("a.example", "*"),
            ("?*", "*"),
            ("?.example", "*.example"),
            ("*.example.com", "example.com"),
            ("a@1", "a"),
            ("a@1", "a@2"),
            ("", "a"),
        ] {
            assert!(!covers(wide, narrow), "{wide} {narrow}");
        }
    }

    #[test]
    fn patterns_overlap_where_some_name_fits_both() {
        for (one, other, expected) in [
            ("*", "a.example", true),
            ("*.example", "a.*", true),
            ("a?b", "*b", true),
            ("a", "A@1", true),
            ("a.example", "b.example", false),
            ("a*", "b*", false),
            ("?", "", false),
            ("a*c", "ab", false),
        ] {
            assert_eq!((overlap(one, other), overlap(other, one)), (expected, expected), "{one} {other}");
        }
    }

    #[test]
    fn a_long_pattern_costs_no_time() {
        let long = "*a".repeat(500);
        assert!(covers(&long, &long) && overlap(&long, &"*b".repeat(500)) == overlap("*a", "*b"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_said_of_patterns_holds_for_names(
            one in "[ab*?]{0,5}", other in "[ab*?]{0,5}", name in "[ab]{0,5}",
        ) {
            let (in_one, in_other) = (matches(&one, &name), matches(&other, &name));
            prop_assert!(!covers(&one, &other) || !in_other || in_one, "{} {} {}", one, other, name);
            prop_assert!(!(in_one && in_other) || overlap(&one, &other), "{} {} {}", one, other, name);
            prop_assert!(covers(&one, &one) && covers("*", &one));
        }
    }
}
