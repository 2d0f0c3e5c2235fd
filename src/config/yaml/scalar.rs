//! What the text of a scalar tells before it is read.

/// The length of an anchor before a value, which the parser counts to the value.
pub(super) fn anchor_length(written: &str) -> usize {
    let is_anchored = written.starts_with('&');
    let anchor = if is_anchored { written.find(char::is_whitespace).unwrap_or(written.len()) } else { 0 };
    written.len() - written.get(anchor..).unwrap_or("").trim_start().len()
}

/// Whether a value begins with an anchor or alias whose name the two parsers may end at different characters.
pub(super) fn has_strange_anchor(written: &str) -> bool {
    let Some(named) = written.strip_prefix(['&', '*']) else { return false };
    let name = named.split(|c: char| c.is_whitespace() || ",[]{}".contains(c)).next().unwrap_or("");
    !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Whether a text is how an integer reads in the canonical way, so that text and number say the same.
pub(super) fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_canonical = digits == "0" || !digits.starts_with('0');
    is_canonical && (1..=18).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// Whether a text is a number that no value can hold.
pub(super) fn is_too_large(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    digits.len() >= 20 && !digits.starts_with('0') && digits.bytes().all(|digit| digit.is_ascii_digit())
}
