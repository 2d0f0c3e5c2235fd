//! Why something failed, as a chain of texts that are fit to be shown: no secret, no control characters.

use super::Credentials;
use std::error::Error;

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
    pub fn new(text: impl Into<String>) -> Self {
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
            if texts.last() != Some(&text) {
                texts.push(text);
            }
            next = error.source();
        }
        Self::chain(credentials, &texts)
    }
}
