//! The secrets that a request is signed with: checked once, never printed, and taken out of every error text.

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;

/// An API token, or an email address with an API key.
///
/// ```
/// use botform::api::Credentials;
///
/// let credentials = Credentials::token("cfut_0123456789".to_owned())?;
/// assert_eq!(format!("{credentials:?}"), "Credentials(***)");
/// assert!(Credentials::token("cfut_0123456789\n".to_owned()).is_err());
/// # Ok::<(), botform::api::CredentialError>(())
/// ```
#[derive(Clone)]
pub struct Credentials(Kind);

#[derive(Clone)]
enum Kind {
    Token(SecretString),
    Key { email: SecretString, key: SecretString },
}

/// Why a text is no credential; the text itself is never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {what} {rule}")]
pub struct CredentialError {
    what: &'static str,
    rule: &'static str,
    hint: &'static str,
}

impl CredentialError {
    /// The way out.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        self.hint
    }
}

impl Credentials {
    /// An API token.
    ///
    /// # Errors
    /// The text is empty, or holds characters that no token has.
    pub fn token(token: String) -> Result<Self, CredentialError> {
        Ok(Self(Kind::Token(check("API token", token)?)))
    }

    /// An email address with the global API key of its user.
    ///
    /// ```
    /// use botform::api::Credentials;
    ///
    /// assert!(Credentials::email_and_key("me@example.com".to_owned(), "0123456789abcdef".to_owned()).is_ok());
    /// ```
    ///
    /// # Errors
    /// One of the texts is empty, or holds characters that it cannot have.
    pub fn email_and_key(email: String, key: String) -> Result<Self, CredentialError> {
        Ok(Self(Kind::Key { email: check("email address", email)?, key: check("API key", key)? }))
    }

    /// The headers of every request, marked as sensitive.
    pub(super) fn headers(&self) -> Result<HeaderMap, InvalidHeaderValue> {
        let mut headers = HeaderMap::new();
        match &self.0 {
            Kind::Token(token) => {
                headers.insert(AUTHORIZATION, sensitive(&format!("Bearer {}", token.expose_secret()))?);
            }
            Kind::Key { email, key } => {
                headers.insert(HeaderName::from_static("x-auth-email"), sensitive(email.expose_secret())?);
                headers.insert(HeaderName::from_static("x-auth-key"), sensitive(key.expose_secret())?);
            }
        }
        Ok(headers)
    }

    /// The text without the secrets, should it hold them.
    pub(super) fn redact(&self, text: &str) -> String {
        match &self.0 {
            Kind::Token(token) => text.replace(token.expose_secret(), "***"),
            Kind::Key { email, key } => {
                text.replace(key.expose_secret(), "***").replace(email.expose_secret(), "***")
            }
        }
    }

    /// Text from outside made fit for a message: no secret, no control characters, a sensible length.
    pub(super) fn clean(&self, text: &str, longest: usize) -> String {
        let words = self.redact(text).split_whitespace().collect::<Vec<_>>().join(" ");
        let mut clean = String::new();
        for (count, c) in words.chars().enumerate() {
            if count == longest {
                clean.push('…');
                break;
            }
            if c.is_control() || is_invisible(c) {
                clean.extend(c.escape_unicode());
            } else {
                clean.push(c);
            }
        }
        clean
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

fn sensitive(text: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(text)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Whether a character turns or hides the text around it.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn check(what: &'static str, text: String) -> Result<SecretString, CredentialError> {
    let (rule, hint) = if text.is_empty() {
        ("is empty", "set it, or leave the variable unset")
    } else if text.trim() != text {
        ("has white space or a line break around it", "remove it; `printf %s` writes no line break")
    } else if text.contains(char::is_whitespace) {
        ("has white space in it", "give the value alone, without `Bearer` or quotes")
    } else if !text.bytes().all(|b| b.is_ascii_graphic()) {
        ("has characters that are not printable ASCII", "copy it again, and mind typographic quotes")
    } else {
        return Ok(SecretString::from(text));
    };
    Err(CredentialError { what, rule, hint })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_header_can_carry_is_refused_without_showing_it() {
        for text in
            ["", " hunter2", "hunter2\n", "Bearer hunter2", "hunter2ü", "hunter2\u{7f}", "hunter\u{0}2"]
        {
            let refused = Credentials::token(text.to_owned()).unwrap_err();
            assert!(!format!("{refused}{refused:?}{}", refused.hint()).contains("hunter"), "{text:?}");
        }
        let refused = Credentials::email_and_key("me@example.com".to_owned(), String::new()).unwrap_err();
        insta::assert_snapshot!(refused, @"the API key is empty");
    }

    #[test]
    fn headers_are_sensitive_and_debug_shows_nothing() {
        let token = Credentials::token("hunter2hunter2".to_owned()).unwrap();
        let key = Credentials::email_and_key("me@example.com".to_owned(), "hunter2".to_owned()).unwrap();
        let shown = format!("{token:?}{key:?}{:?}{:?}", token.headers().unwrap(), key.headers().unwrap());
        assert!(!shown.contains("hunter2") && !shown.contains("me@"), "{shown}");
    }

    #[test]
    fn text_from_outside_is_redacted_escaped_and_cut() {
        let token = Credentials::token("hunter2".to_owned()).unwrap();
        assert_eq!(
            token.clean("your token\n hunter2\u{1b}[2J is bad", 40),
            "your token ***\\u{1b}[2J is bad"
        );
        assert_eq!(token.clean("aaaaaaaaaa", 4), "aaaa…");
        assert_eq!(token.clean("xxhunter2", 4), "xx**…");
    }
}
