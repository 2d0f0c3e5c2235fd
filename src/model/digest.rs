//! Digests over canonical JSON (RFC 8785) and over files.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};
use std::{fmt, io};

/// The largest integer that every reader of JSON reads as such, and RFC 8785 writes as such.
const LARGEST: i64 = 1 << 53;

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
        let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
        Self(hasher.finalize().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect())
    }

    /// The digest of a document's canonical JSON (RFC 8785): neither the order of keys nor white space counts.
    #[must_use]
    pub fn of_json(document: &impl Serialize) -> Self {
        let mut canonical = Canonical::default();
        canonical.json(document);
        canonical.digest()
    }

    /// The digest of a JSON object.
    #[must_use]
    pub(crate) fn of_object(object: Map<String, Json>) -> Self {
        let mut canonical = Canonical::default();
        canonical.value(&Json::Object(object));
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

    /// Adds a whole value. Nearly all are written here as they stand; what is not certainly canonical so, is left to
    /// the library, which takes several times as long.
    pub(crate) fn value(&mut self, value: &Json) {
        let mut text = Vec::with_capacity(1024);
        match write_plain(value, &mut text) {
            Some(()) => self.0.update(&text),
            None => self.json(value),
        }
    }

    /// The digest of all pieces.
    pub(crate) fn digest(self) -> Digest {
        Digest::finish(self.0)
    }
}

/// Writes a value whose canonical JSON is what anybody would write: names in ASCII that are in order, texts without
/// control characters, and integers; `None` if it has anything else.
fn write_plain(value: &Json, text: &mut Vec<u8>) -> Option<()> {
    match value {
        Json::Null => text.extend(b"null"),
        Json::Bool(on) => text.extend(if *on { &b"true"[..] } else { b"false" }),
        Json::Number(number) => {
            number.as_i64().filter(|number| (-LARGEST..=LARGEST).contains(number))?;
            text.extend(number.to_string().bytes());
        }
        Json::String(string) => write_string(string, text)?,
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                text.push(if index == 0 { b'[' } else { b',' });
                write_plain(item, text)?;
            }
            text.extend(if items.is_empty() { &b"[]"[..] } else { b"]" });
        }
        Json::Object(members) => {
            // In the order of UTF-16, as RFC 8785 has it, which for ASCII is that of bytes.
            let mut before = None;
            for (name, member) in members {
                text.push(if before.is_none() { b'{' } else { b',' });
                if !name.is_ascii() || before.is_some_and(|before| before >= name) {
                    return None;
                }
                before = Some(name);
                write_string(name, text)?;
                text.push(b':');
                write_plain(member, text)?;
            }
            text.extend(if members.is_empty() { &b"{}"[..] } else { b"}" });
        }
    }
    Some(())
}

fn write_string(string: &str, text: &mut Vec<u8>) -> Option<()> {
    if string.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        return None;
    }
    text.push(b'"');
    text.extend(string.bytes());
    text.push(b'"');
    Some(())
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
    use proptest::prelude::*;
    use serde_json::json;

    fn any_json() -> impl Strategy<Value = Json> {
        let text = || prop_oneof![4 => "[a-z_]{0,4}", 1 => "(\\PC|[\"\\\\\n\u{7f}]){0,4}"];
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            (-100..100_i64).prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<u64>().prop_map(Json::from),
            any::<f64>().prop_map(Json::from),
            text().prop_map(Json::from),
        ];
        leaf.prop_recursive(3, 16, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::btree_map(text(), inner, 0..4)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_here_is_what_the_library_writes(value in any_json()) {
            let mut text = Vec::new();
            if write_plain(&value, &mut text).is_some() {
                prop_assert_eq!(text, serde_json_canonicalizer::to_vec(&value).unwrap());
            }
            let mut canonical = Canonical::default();
            canonical.value(&value);
            prop_assert_eq!(canonical.digest(), Digest::of_json(&value));
        }
    }

    #[test]
    fn the_usual_object_is_written_here() {
        let usual = json!({"ai_bots_protection": "block", "enable_js": true, "stale": {"x": null}, "n": [1, -2], "o": [{}, []]});
        assert!(write_plain(&usual, &mut Vec::new()).is_some());
        for other in [json!(1.5), json!({"ä": 1}), json!("a\n"), json!(LARGEST + 1), json!("\"")] {
            assert!(write_plain(&other, &mut Vec::new()).is_none(), "{other}");
        }
    }

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
