//! Digests over canonical JSON (RFC 8785) and over files.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt::{self, Write as _};
use std::io;

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

    /// The digest of everything that a reader yields, without buffering it.
    ///
    /// # Errors
    /// The reader fails.
    pub fn of_reader(mut reader: impl io::Read) -> io::Result<Self> {
        let mut hasher = Sha256::new();
        io::copy(&mut reader, &mut HashWriter(&mut hasher))?;
        Ok(Self::finish(hasher))
    }

    fn finish(hasher: Sha256) -> Self {
        let mut text = String::with_capacity(64);
        for byte in hasher.finalize() {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// The digest of a document's canonical JSON (RFC 8785): neither the order of keys nor white space counts.
    #[must_use]
    pub fn of_json(document: &impl Serialize) -> Self {
        let mut canonical = Canonical::default();
        canonical.json(document);
        canonical.digest()
    }

    /// A digest that a document claims; it is only compared, never trusted.
    #[must_use]
    pub fn from_text(text: String) -> Self {
        Self(text)
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How many digits people see and enter: 128 bits, too many for a brute-force match.
    pub const SHOWN: usize = 32;

    /// The first 32 digits, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..Self::SHOWN).unwrap_or(&self.0)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The digest of a document that is too large for memory: its pieces are added one by one, in the order of canonical
/// JSON.
#[derive(Debug, Default)]
pub(crate) struct Canonical(Sha256);

impl Canonical {
    /// Adds text between values, such as a bracket.
    pub(crate) fn text(&mut self, text: &str) {
        self.0.update(text);
    }

    /// Adds a whole value.
    pub(crate) fn json(&mut self, value: &impl Serialize) {
        // Neither hashing nor serializing a JSON value with string keys can fail.
        let _ = serde_json_canonicalizer::to_writer(value, &mut HashWriter(&mut self.0));
    }

    /// The digest of all pieces.
    pub(crate) fn digest(self) -> Digest {
        Digest::finish(self.0)
    }
}

/// Hashes what is written.
struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file and the digest of its bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Input {
    /// The path, relative to the current folder, with `/`.
    pub path: String,
    /// The sha256 of its bytes.
    #[serde(rename = "sha256")]
    #[schemars(with = "String")]
    pub digest: Digest,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn key_order_is_ignored_and_values_are_not() {
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
