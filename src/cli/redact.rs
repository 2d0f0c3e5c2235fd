//! Credentials of the environment are taken out of everything that is printed or written, whoever brought them in.

use super::environment;
use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::OnceLock;

/// What replaces a credential.
const REDACTED: &str = "[redacted]";

/// Shorter ones would take ordinary words out of a text.
const SHORTEST: usize = 8;

/// The credentials of this process, in lower case.
fn secrets() -> &'static [String] {
    static SECRETS: OnceLock<Vec<String>> = OnceLock::new();
    SECRETS.get_or_init(|| {
        let names = ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY", "CLOUDFLARE_EMAIL"];
        known(names.into_iter().filter_map(environment::variable))
    })
}

fn known(values: impl Iterator<Item = String>) -> Vec<String> {
    let plain = |value: String| value.trim().to_ascii_lowercase();
    let mut secrets: Vec<_> = values.map(plain).filter(|secret| secret.len() >= SHORTEST).collect();
    // One that holds another is taken out whole.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
}

/// A text without the credentials of this process, in any letter case.
pub(crate) fn redact(text: &str) -> Cow<'_, str> {
    without(text, secrets())
}

fn without<'t>(text: &'t str, secrets: &[String]) -> Cow<'t, str> {
    let mut text = Cow::Borrowed(text);
    for secret in secrets {
        // ASCII letters keep their length, so that places in the one are places in the other.
        let lower = text.to_ascii_lowercase();
        let mut rest = 0;
        let mut clean = String::new();
        for (at, found) in lower.match_indices(secret.as_str()) {
            clean.push_str(&text[rest..at]);
            clean.push_str(REDACTED);
            rest = at + found.len();
        }
        if rest > 0 {
            clean.push_str(&text[rest..]);
            text = Cow::Owned(clean);
        }
    }
    text
}

/// Takes the credentials out of what is written, line by line.
#[derive(Debug)]
pub(crate) struct Redacting<W: Write> {
    to: W,
    line: Vec<u8>,
}

impl<W: Write> Redacting<W> {
    /// Writes to the given place.
    pub(crate) fn new(to: W) -> Self {
        Self { to, line: Vec::new() }
    }

    /// Writes the last line, and gives the place back.
    pub(crate) fn end(mut self) -> io::Result<W> {
        self.end_line()?;
        self.to.flush()?;
        Ok(self.to)
    }

    fn end_line(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        self.to.write_all(redact(&String::from_utf8_lossy(&line)).as_bytes())
    }
}

impl<W: Write> Write for Redacting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.end_line()?;
            }
        }
        Ok(bytes.len())
    }

    /// A line that has not ended yet is kept back: a credential may begin in it.
    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// stderr for logs, which write whole lines.
pub(crate) fn stderr() -> Redacting<io::Stderr> {
    Redacting::new(io::stderr())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(text: &str, secrets: &[&str]) -> String {
        without(text, &known(secrets.iter().map(|&secret| secret.to_owned()))).into_owned()
    }

    #[test]
    fn credentials_are_taken_out_in_any_letter_case() {
        let clean = |text: &str| clean(text, &["Secret-Token", "Secret-Token-Long", "short"]);
        assert_eq!(clean("a Secret-Token, sEcReT-tOkEn"), "a [redacted], [redacted]");
        assert_eq!(clean("é SECRET-TOKEN-LONG ü"), "é [redacted] ü");
        assert_eq!(clean("short and Secret-Toke"), "short and Secret-Toke");
        assert_eq!(clean(""), "");
    }

    #[test]
    fn what_is_written_in_pieces_comes_out_whole() {
        let mut writer = Redacting::new(Vec::new());
        for piece in ["a", "b\nc", "\n\n", "d"] {
            writer.write_all(piece.as_bytes()).unwrap();
        }
        assert_eq!(writer.end().unwrap(), b"ab\nc\n\nd");
    }
}
