//! Side effects of values that a reviewer must know about, and how certain they are.

use super::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A side effect of a value that a reviewer must know about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caution {
    /// The value.
    pub value: Value,
    /// Whom it shuts out, or what it breaks.
    pub harm: Harm,
    /// How certain it is.
    pub confidence: Confidence,
    /// Why, as a clause.
    pub text: &'static str,
}

impl Caution {
    pub(super) const fn new(value: Value, harm: Harm, confidence: Confidence, text: &'static str) -> Self {
        Self { value, harm, confidence, text }
    }
}

/// Whom a value shuts out, or what it breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub(crate) enum Harm {
    /// Search engines are shut out.
    SearchEngines,
    /// Cloudflare Tunnel and API clients are shut out.
    TunnelAndApiClients,
    /// No rule can make an exception.
    NoException,
    /// The previews that social networks show of a page are blocked.
    SocialPreviews,
    /// Requests that WordPress sends to itself are challenged.
    Wordpress,
    /// Static files that other sites embed are challenged.
    EmbeddedFiles,
    /// Pages lose their ETag and need a fitting Content-Security-Policy.
    Headers,
}

impl Harm {
    /// The effect as a predicate, to follow the value in a sentence.
    #[must_use]
    pub(crate) const fn phrase(self) -> &'static str {
        match self {
            Self::SearchEngines => "shuts out search engines",
            Self::TunnelAndApiClients => "shuts out Cloudflare Tunnel and API clients",
            Self::NoException => "allows no exceptions",
            Self::SocialPreviews => "blocks social previews",
            Self::EmbeddedFiles => "challenges files that other sites embed",
            Self::Wordpress => "challenges WordPress itself",
            Self::Headers => "breaks ETag and Content-Security-Policy",
        }
    }
}

impl Caution {
    /// The effect in a few words, with how certain it is where it is not beyond doubt.
    #[must_use]
    pub(crate) fn short(&self) -> String {
        match self.confidence {
            Confidence::High => self.harm.phrase().to_owned(),
            doubtful => format!("{} ({} confidence)", self.harm.phrase(), doubtful.word()),
        }
    }

    /// Whether a rule may refuse a value for it.
    #[must_use]
    pub(crate) fn is_certain(&self) -> bool {
        self.confidence == Confidence::High
    }
}

/// How certain a fact about the API is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Confidence {
    /// Weak or contradicted.
    Low,
    /// One good report, or a strong inference.
    Medium,
    /// Documented, or observed several times.
    High,
}

impl Confidence {
    /// The word used in JSON and in texts.
    #[must_use]
    pub(crate) fn word(self) -> &'static str {
        super::word::<Self>(self as usize)
    }
}

impl fmt::Display for Caution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { value, harm, confidence, text } = self;
        write!(f, "`{value}` {} (confidence: {}): {text}", harm.phrase(), confidence.word())
    }
}
