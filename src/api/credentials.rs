//! The secrets that sign a request: checked once, never printed, and redacted from every error text and every chain of
//! causes.

use super::CredentialKind;
use crate::model::{AccountId, is_unsafe};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value as Json;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The length below which a secret is refused: redacting it would hit ordinary text.
const SHORTEST: usize = 8;

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
pub struct Credentials {
    kind: Kind,
    /// The secrets of other clients of the run, which no reply may show either.
    others: Arc<[SecretString]>,
}

#[derive(Clone)]
enum Kind {
    Token(SecretString),
    Key { email: SecretString, key: SecretString },
}

/// Why a text cannot be a credential; the text itself is never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {what} {rule}")]
pub struct CredentialError {
    what: &'static str,
    rule: &'static str,
    hint: &'static str,
}

impl CredentialError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        self.hint
    }
}

impl Credentials {
    /// An API token.
    ///
    /// # Errors
    /// The text is too short or contains characters that no token has.
    pub fn token(token: String) -> Result<Self, CredentialError> {
        Ok(Self::of(Kind::Token(check("API token", token, SHORTEST)?)))
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
    /// One of the texts is too short or contains invalid characters.
    pub fn email_and_key(email: String, key: String) -> Result<Self, CredentialError> {
        Ok(Self::of(Kind::Key {
            email: check("email address", email, 1)?,
            key: check("API key", key, SHORTEST)?,
        }))
    }

    fn of(kind: Kind) -> Self {
        Self { kind, others: Arc::default() }
    }

    /// Also redacts the secrets of these credentials: in a run with several, a reply to one must not show another.
    #[must_use]
    pub fn redacting<'c>(self, others: impl IntoIterator<Item = &'c Self>) -> Self {
        let secrets = others.into_iter().map(|other| other.secret().clone());
        Self { others: secrets.collect(), ..self }
    }

    /// The token or the key. An email address may be legitimate content.
    fn secret(&self) -> &SecretString {
        let (Kind::Token(secret) | Kind::Key { key: secret, .. }) = &self.kind;
        secret
    }

    /// Whether both are the same token or key.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.secret().expose_secret() == other.secret().expose_secret()
    }

    /// Their kind, as far as the prefix shows it.
    #[must_use]
    pub(crate) fn kind(&self) -> CredentialKind {
        match &self.kind {
            Kind::Key { .. } => CredentialKind::GlobalKey,
            Kind::Token(token) if token.expose_secret().starts_with("cfat_") => CredentialKind::AccountToken,
            Kind::Token(token) if token.expose_secret().starts_with("cfut_") => CredentialKind::UserToken,
            Kind::Token(_) => CredentialKind::Token,
        }
    }

    /// The headers of every request, marked as sensitive.
    pub(super) fn headers(&self) -> Result<HeaderMap, InvalidHeaderValue> {
        let mut headers = HeaderMap::new();
        match &self.kind {
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

    /// The path that shows whether the credentials are valid, and whether that endpoint is their own: an account-owned
    /// token can only be verified in its account; without one, the zone list stands in, which every token may request.
    pub(super) fn own_endpoint(&self, account: Option<&AccountId>) -> (String, bool) {
        match (self.kind(), account) {
            (CredentialKind::GlobalKey, _) => ("/user".to_owned(), true),
            (CredentialKind::AccountToken, Some(account)) => {
                (format!("/accounts/{account}/tokens/verify"), true)
            }
            (CredentialKind::AccountToken, None) => ("/zones".to_owned(), false),
            (CredentialKind::UserToken | CredentialKind::Token, _) => {
                ("/user/tokens/verify".to_owned(), true)
            }
        }
    }

    /// The text with the secrets redacted, in any letter case.
    pub(super) fn redact(&self, text: &str) -> String {
        let own = match &self.kind {
            Kind::Token(token) => without(text, token),
            Kind::Key { email, key } => without(&without(text, key), email),
        };
        self.others.iter().fold(own, |text, secret| without(&text, secret))
    }

    /// Parses JSON and redacts the secrets in all its strings.
    pub(super) fn parse(&self, reply: &[u8]) -> serde_json::Result<Json> {
        let mut json = serde_json::from_slice(reply)?;
        let text = String::from_utf8_lossy(reply);
        for secret in std::iter::once(self.secret()).chain(self.others.iter()) {
            // A JSON escape can spell any character, so only decoded strings can be searched for the secret.
            if text.contains('\\') || holds(&text, secret) {
                redact_json(&mut json, secret);
            }
        }
        Ok(json)
    }

    /// Text from outside, made fit for a message: no secret, no control characters, a sensible length.
    pub(super) fn clean(&self, text: &str, longest: usize) -> String {
        let words = self.redact(text).split_whitespace().collect::<Vec<_>>().join(" ");
        let mut clean = String::new();
        for (count, c) in words.chars().enumerate() {
            if count == longest {
                clean.push('…');
                break;
            }
            if is_unsafe(c) {
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

fn redact_json(json: &mut Json, secret: &SecretString) {
    match json {
        Json::String(text) if holds(text, secret) => *text = without(text, secret),
        Json::Array(items) => items.iter_mut().for_each(|item| redact_json(item, secret)),
        Json::Object(members) => {
            members.values_mut().for_each(|member| redact_json(member, secret));
            if members.keys().any(|key| holds(key, secret)) {
                let old = std::mem::take(members);
                members.extend(old.into_iter().map(|(key, member)| (without(&key, secret), member)));
            }
        }
        Json::String(_) | Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn holds(text: &str, secret: &SecretString) -> bool {
    find(text, secret.expose_secret()).is_some()
}

/// Where a secret, which is ASCII, begins in a text.
fn find(text: &str, secret: &str) -> Option<usize> {
    if text.len() < secret.len() {
        return None;
    }
    // Whatever echoes a secret may change its letter case.
    text.to_ascii_lowercase().find(&secret.to_ascii_lowercase())
}

fn without(text: &str, secret: &SecretString) -> String {
    let secret = secret.expose_secret();
    let (mut rest, mut clean) = (text, String::new());
    while let Some((before, after)) =
        find(rest, secret).and_then(|at| Some((rest.get(..at)?, rest.get(at + secret.len()..)?)))
    {
        clean.push_str(before);
        clean.push_str("***");
        rest = after;
    }
    clean + rest
}

fn sensitive(text: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(text)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Whether a text is in quotes, or begins or ends with one, which no credential does.
fn is_quoted(text: &str) -> bool {
    const QUOTES: [char; 6] = ['"', '\'', '`', '\u{201c}', '\u{201d}', '\u{2019}'];
    text.starts_with(QUOTES) || text.ends_with(QUOTES)
}

fn check(what: &'static str, text: String, shortest: usize) -> Result<SecretString, CredentialError> {
    let (rule, hint) = if text.is_empty() {
        ("is empty", "set it, or leave the variable unset")
    } else if text.trim() != text {
        ("begins or ends with white space", "remove it; `printf %s` does not add a line break")
    } else if is_quoted(&text) {
        ("is in quotes", "set only the value: the quotes are part of it, as in an env file that keeps them")
    } else if text.contains(char::is_whitespace) {
        ("contains white space", "set only the value, without `Bearer` or quotes")
    } else if !text.bytes().all(|b| b.is_ascii_graphic()) {
        ("contains characters that are not printable ASCII", "copy it again, without typographic quotes")
    } else if text.len() < shortest {
        ("is too short", "copy the whole value; a real one is much longer")
    } else {
        return Ok(SecretString::from(text));
    };
    Err(CredentialError { what, rule, hint })
}

/// One link of a chain of causes: text that is fit to be shown, without secrets and control characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Cause {
    text: String,
    #[source]
    source: Option<Box<Self>>,
}

/// The longest text of one cause, in characters.
const LONGEST: usize = 400;

/// The most links of a chain.
const DEEPEST: usize = 8;

impl Cause {
    /// A single text.
    #[must_use]
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), source: None }
    }

    /// A chain of texts, the outermost first.
    pub(super) fn chain<T: AsRef<str>>(credentials: &Credentials, texts: &[T]) -> Self {
        let mut cause = None;
        for text in texts.iter().take(DEEPEST).rev() {
            let text = credentials.clean(text.as_ref(), LONGEST);
            cause = Some(Self { text, source: cause.map(Box::new) });
        }
        cause.unwrap_or_else(|| Self::new("no reason was given"))
    }

    /// The chain of a library's error.
    pub(super) fn of(credentials: &Credentials, error: &dyn Error) -> Self {
        let mut texts = vec![error.to_string()];
        let mut next = error.source();
        while let Some(error) = next {
            let text = error.to_string();
            // Some errors show the text of their source as their own.
            if texts.last() != Some(&text) {
                texts.push(text);
            }
            next = error.source();
        }
        Self::chain(credentials, &texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_fits_no_header_is_rejected_without_showing_it() {
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
        let key =
            Credentials::email_and_key("me@example.com".to_owned(), "hunter2hunter2".to_owned()).unwrap();
        let shown = format!("{token:?}{key:?}{:?}{:?}", token.headers().unwrap(), key.headers().unwrap());
        assert!(!shown.contains("hunter2") && !shown.contains("me@"), "{shown}");
    }

    #[test]
    fn untrusted_text_is_redacted_escaped_and_cut() {
        let token = Credentials::token("hunter2z".to_owned()).unwrap();
        assert_eq!(
            token.clean("your token\n hunter2z\u{1b}[2J is bad", 40),
            "your token ***\\u{1b}[2J is bad"
        );
        assert_eq!(token.clean("a\u{61c}b\u{ad}\u{e0001}", 40), "a\\u{61c}b\\u{ad}\\u{e0001}");
        assert_eq!(token.clean("aaaaaaaaaa", 4), "aaaa…");
        assert_eq!(token.clean("xxHunter2Z", 4), "xx**…");
    }

    #[test]
    fn a_secret_too_short_to_redact_is_rejected() {
        let refused = Credentials::token("e".to_owned()).unwrap_err();
        insta::assert_snapshot!(refused, @"the API token is too short");
        assert!(Credentials::email_and_key("a@b".to_owned(), "1234567".to_owned()).is_err());
    }

    #[test]
    fn a_reply_is_redacted_in_keys_and_texts_in_any_letter_case() {
        let token = Credentials::token("Hunter2z".to_owned()).unwrap();
        let reply = r#"{"a": ["é hunter2Z, HUNTER2Z", "\u0048unter2z"], "xHunter2z": {"b": 7}}"#;
        let redacted = serde_json::json!({"a": ["é ***, ***", "***"], "x***": {"b": 7}});
        assert_eq!(token.parse(reply.as_bytes()).unwrap(), redacted);
    }

    #[test]
    fn the_secrets_of_other_credentials_are_redacted_too() {
        let other = Credentials::token("cfut_another".to_owned()).unwrap();
        let key =
            Credentials::email_and_key("me@example.com".to_owned(), "0123456789abcdef".to_owned()).unwrap();
        let own = Credentials::token("Hunter2z".to_owned()).unwrap().redacting([&other, &key]);
        let reply = r#"{"a": ["Hunter2z, CFUT_another", "\u0030123456789abcdef"]}"#;
        assert_eq!(own.parse(reply.as_bytes()).unwrap(), serde_json::json!({"a": ["***, ***", "***"]}));
        assert_eq!(own.clean("cfut_another, hunter2z", 40), "***, ***");
        assert!(!own.is_same(&other) && other.is_same(&other.clone()));
    }

    #[test]
    fn a_credential_in_quotes_is_named_so() {
        for text in [
            "\"cfut_0123456789\"",
            "'cfut_0123456789'",
            "cfut_0123456789\"",
            "\u{201c}cfut_0123456789\u{201d}",
        ] {
            let refused = Credentials::token(text.to_owned()).unwrap_err();
            assert_eq!(refused.to_string(), "the API token is in quotes");
            assert!(refused.hint().contains("quotes are part of it"));
        }
    }
}
