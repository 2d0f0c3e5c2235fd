//! All output passes through here: credentials of the environment are redacted, wherever a text got them from, and what
//! would act on a terminal, or on the CI system that reads the log, is escaped.

use super::environment;
use crate::model::{Notation, printable};
use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::OnceLock;

/// What replaces a credential.
const REDACTED: &str = "[redacted]";

/// The minimum length of what is redacted: a shorter credential could be an ordinary word, and a shorter part of one
/// is of no use.
const SHORTEST: usize = 8;

/// From this length on, a credential is random enough that a part of it does not occur in a text by chance. Parts have
/// to be found because messages shorten what they quote.
const LONG: usize = 20;

/// A credential of which no part may be shown.
#[derive(Debug)]
struct Secret {
    /// The credential in lower case.
    text: String,
    /// The minimum length of a part that is redacted.
    least: usize,
    /// Its pairs of bytes, sorted, for the search: where a text has none of them, it has no part.
    pairs: Vec<[u8; 2]>,
}

impl Secret {
    fn new(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let least = if text.len() < LONG { text.len() } else { SHORTEST };
        let mut pairs: Vec<_> = text.as_bytes().windows(2).map(|pair| [pair[0], pair[1]]).collect();
        pairs.sort_unstable();
        Self { text, least, pairs }
    }

    /// The next part of it in a text in lower case.
    fn find(&self, text: &[u8], mut from: usize) -> Option<Range<usize>> {
        while let Some(window) = text.get(from..from + self.least) {
            // As in the Boyer-Moore search: if the last pair of the window is not of the credential, no part covers it,
            // and the search can jump past it.
            let has_last_pair =
                window.last_chunk().is_some_and(|pair| self.pairs.binary_search(pair).is_ok());
            if !has_last_pair {
                from += self.least - 1;
                continue;
            }
            let found = from..from + self.common(&text[from..]);
            if found.len() >= self.least && self.is_telling(text, &found) {
                return Some(found);
            }
            from += 1;
        }
        None
    }

    /// How many bytes at the beginning of a text are a part of it.
    fn common(&self, text: &[u8]) -> usize {
        let secret = self.text.as_bytes();
        let same = |at: usize| text.iter().zip(&secret[at..]).take_while(|(one, other)| one == other).count();
        (0..secret.len()).map(same).max().unwrap_or(0)
    }

    /// Whether a part identifies the credential: the domain of an email address may also be a zone, and a few digits of
    /// a key may also occur in an id.
    fn is_telling(&self, text: &[u8], part: &Range<usize>) -> bool {
        let is_hex = |byte: &u8| byte.is_ascii_hexdigit();
        let shown = &text[part.clone()];
        if part.len() == self.text.len() {
            return true;
        }
        if self.text.contains('@') {
            return shown.contains(&b'@');
        }
        let is_apart =
            !text[..part.start].last().is_some_and(is_hex) && !text.get(part.end).is_some_and(is_hex);
        !shown.iter().all(is_hex) || (is_apart && shown.iter().any(u8::is_ascii_alphabetic))
    }
}

/// The credentials of this process.
fn secrets() -> &'static [Secret] {
    static SECRETS: OnceLock<Vec<Secret>> = OnceLock::new();
    SECRETS.get_or_init(|| {
        // All of them, whether the project names them or not: a file must not decide what may be shown.
        let tokens = environment::token_variables();
        let names = tokens.chain(["CLOUDFLARE_API_KEY", "CLOUDFLARE_EMAIL"].map(str::to_owned));
        known(names.filter_map(|name| environment::variable(&name)))
    })
}

/// The credentials in values: each word of printable ASCII, since a value may also contain `Bearer` or quotes.
fn known(values: impl Iterator<Item = String>) -> Vec<Secret> {
    let values: Vec<_> = values.collect();
    let words = values.iter().flat_map(|value| value.split(|c: char| !c.is_ascii_graphic()));
    let mut secrets: Vec<_> = words.filter(|word| word.len() >= SHORTEST).map(Secret::new).collect();
    // Longest first: a credential that contains another one is redacted as a whole.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.text.len()));
    secrets
}

/// Lines in a notation as they may be printed or written.
pub(crate) fn leaving(text: &str, notation: Notation) -> Cow<'_, str> {
    match redact(text) {
        Cow::Borrowed(text) => printable(text, notation),
        Cow::Owned(text) => Cow::Owned(printable(&text, notation).into_owned()),
    }
}

/// A text without the credentials of this process and parts of them, in any letter case.
fn redact(text: &str) -> Cow<'_, str> {
    without(text, secrets())
}

fn without<'t>(text: &'t str, secrets: &[Secret]) -> Cow<'t, str> {
    let mut text = Cow::Borrowed(text);
    for secret in secrets {
        // Lower case keeps the length of ASCII letters, so that positions are the same in both texts.
        let lower = text.to_ascii_lowercase();
        let mut rest = 0;
        let mut clean = String::new();
        while let Some(found) = secret.find(lower.as_bytes(), rest) {
            clean.push_str(&text[rest..found.start]);
            clean.push_str(REDACTED);
            rest = found.end;
        }
        if rest > 0 {
            clean.push_str(&text[rest..]);
            text = Cow::Owned(clean);
        }
    }
    text
}

/// A writer that redacts and escapes each line.
#[derive(Debug)]
pub(crate) struct Leaving<W: Write> {
    to: W,
    notation: Notation,
    line: Vec<u8>,
}

impl<W: Write> Leaving<W> {
    /// Writes to an inner writer.
    pub(crate) fn new(to: W, notation: Notation) -> Self {
        Self { to, notation, line: Vec::new() }
    }

    /// Writes the last line and returns the inner writer.
    pub(crate) fn end(mut self) -> io::Result<W> {
        self.end_line()?;
        self.to.flush()?;
        Ok(self.to)
    }

    fn end_line(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        self.to.write_all(leaving(&String::from_utf8_lossy(&line), self.notation).as_bytes())
    }
}

impl<W: Write> Write for Leaving<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.end_line()?;
            }
        }
        Ok(bytes.len())
    }

    /// An unfinished line is held back: it may end within a credential.
    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// stderr for logs, which write whole lines.
pub(crate) fn stderr(notation: Notation) -> Leaving<io::Stderr> {
    Leaving::new(io::stderr(), notation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(text: &str, secrets: &[&str]) -> String {
        without(text, &known(secrets.iter().map(|&secret| secret.to_owned()))).into_owned()
    }

    #[test]
    fn credentials_are_redacted_in_any_letter_case() {
        let clean = |text: &str| clean(text, &["Secret-Token", "Secret-Token-Long", "short"]);
        assert_eq!(clean("a Secret-Token, sEcReT-tOkEn"), "a [redacted], [redacted]");
        assert_eq!(clean("é SECRET-TOKEN-LONG ü"), "é [redacted] ü");
        assert_eq!(clean("short and Secret-Toke"), "short and Secret-Toke");
        assert_eq!(clean(""), "");
    }

    #[test]
    fn parts_of_credentials_are_redacted_in_shortened_texts() {
        let token = "cfut_Qb7Zk2Wm9Xr4Tn6Vp1Ls8Hd3Gf5Jc0Yy2Uu4Ee";
        let key = "0a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8";
        let clean =
            |text: &str| clean(text, &[&format!("“Bearer {token}é”"), key, "recognisable@example.com"]);
        for part in [&token[..39], &token[3..], &token[20..28], &token.to_uppercase()[1..]] {
            assert_eq!(clean(&format!("`xx{part}…` é")), "`xx[redacted]…` é");
        }
        assert_eq!(clean(&token[..7]), token[..7]);
        assert_eq!(clean(&format!("{token}{token}…{}", &token[..9])), "[redacted][redacted]…[redacted]");
        assert_eq!(clean(&format!("cut: {}…", &key[..12])), "cut: [redacted]…");
        // An id that shares eight digits with the key.
        let id = format!("ffff{}0000", &key[..8]);
        assert_eq!(clean(&id), id);
        assert_eq!(clean("recognisable@exam… at www.example.com"), "[redacted]… at www.example.com");
    }

    #[test]
    fn what_is_written_in_pieces_comes_out_whole() {
        let mut writer = Leaving::new(Vec::new(), Notation::Text);
        for piece in ["a", "b\nc", "\n\n", "d"] {
            writer.write_all(piece.as_bytes()).unwrap();
        }
        assert_eq!(writer.end().unwrap(), b"ab\nc\n\nd");
    }
}
