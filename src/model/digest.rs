//! Digests over canonical JSON: sorted keys, no white space.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt::{self, Write as _};

/// A sha256 in 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of a file's bytes.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(bytes);
        Self::finish(hasher)
    }

    fn finish(hasher: Sha256) -> Self {
        let mut text = String::with_capacity(64);
        for byte in hasher.finalize() {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// The digest of a JSON value, whatever the order of its keys.
    #[must_use]
    pub fn of_json(value: &serde_json::Value) -> Self {
        let mut canonical = Canonical::default();
        canonical.value(value);
        canonical.digest()
    }

    /// A digest that a document states; it is compared, never trusted.
    #[must_use]
    pub fn from_text(text: String) -> Self {
        Self(text)
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve digits, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The digest of a document that is too large to be held as a whole: its pieces are given one after the other.
#[derive(Debug, Default)]
pub struct Canonical(Sha256);

impl Canonical {
    /// A piece of the text between values, such as a bracket.
    pub fn text(&mut self, text: &str) {
        self.0.update(text.as_bytes());
    }

    /// A whole value.
    pub fn value(&mut self, value: &serde_json::Value) {
        match value {
            serde_json::Value::Object(members) => {
                let mut sorted: Vec<_> = members.iter().collect();
                sorted.sort_by_key(|(key, _)| key.as_str());
                self.list('{', sorted, '}', |canonical, (key, member)| {
                    canonical.text(&serde_json::Value::from(key.as_str()).to_string());
                    canonical.text(":");
                    canonical.value(member);
                });
            }
            serde_json::Value::Array(items) => self.list('[', items, ']', Self::value),
            scalar => self.text(&scalar.to_string()),
        }
    }

    /// A list of pieces, with its brackets and commas.
    pub fn list<T>(
        &mut self,
        open: char,
        items: impl IntoIterator<Item = T>,
        close: char,
        mut each: impl FnMut(&mut Self, T),
    ) {
        self.text(open.encode_utf8(&mut [0; 4]));
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.text(",");
            }
            each(self, item);
        }
        self.text(close.encode_utf8(&mut [0; 4]));
    }

    /// The digest of all pieces.
    #[must_use]
    pub fn digest(self) -> Digest {
        Digest::finish(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn key_order_does_not_count_and_values_do() {
        let one: serde_json::Value =
            serde_json::from_str(r#"{"a": 1, "b": {"x": [1, 2], "y": null}}"#).unwrap();
        let two: serde_json::Value = serde_json::from_str(r#"{"b":{"y":null,"x":[1,2]},"a":1}"#).unwrap();
        assert_eq!(Digest::of_json(&one), Digest::of_json(&two));
        assert_ne!(Digest::of_json(&one), Digest::of_json(&json!({"a": 1, "b": {"x": [2, 1], "y": null}})));
    }

    #[test]
    fn it_is_the_sha256_of_the_compact_text() {
        assert_eq!(
            Digest::of_json(&json!({})).as_str(),
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        );
    }
}
