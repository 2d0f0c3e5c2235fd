//! Ids: 32 lower-case hexadecimal digits, made from a name where the world gives none.

use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The account of every zone that names none.
pub(super) const DEFAULT_ACCOUNT: &str = "ac000000000000000000000000000001";

/// Makes the same id from the same text every time.
pub(super) fn derive(text: &str) -> String {
    let mut id = String::with_capacity(32);
    for byte in Sha256::digest(text.as_bytes()).iter().take(16) {
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
}

pub(super) fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a name fits a pattern in which `*` stands for any text.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let Some((head, mut rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(head) else { return false };
    while let Some((middle, tail)) = rest.split_once('*') {
        let Some(found) = left.find(middle) else { return false };
        left = &left[found + middle.len()..];
        rest = tail;
    }
    left.ends_with(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_id_is_an_id_and_stays_the_same() {
        assert!(is_id(&derive("shop.example.com")) && is_id(DEFAULT_ACCOUNT));
        assert_eq!(derive("shop.example.com"), derive("shop.example.com"));
        assert_ne!(derive("shop.example.com"), derive("shop.example.net"));
    }

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name) in
            [("*", "a.b"), ("*.example.com", "a.example.com"), ("a*c*e", "abcde"), ("a.b", "a.b")]
        {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.example.com", "example.com"), ("a*c*e", "ace2"), ("ab*ba", "aba")] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
