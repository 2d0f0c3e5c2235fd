//! The four plan variants, by Cloudflare's own names for the four configurations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A text that is not a plan variant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{input}` is not a plan variant; the plan variants are `bot_fight_mode`, `sbfm_pro`, `sbfm_business` and `bm_enterprise`"
)]
pub struct InvalidVariant {
    input: String,
}

/// A plan variant: which of the four bot configurations a zone has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Variant {
    /// Bot Fight Mode, the Free plan.
    BotFightMode,
    /// Super Bot Fight Mode "Definitely", the Pro plan.
    SbfmPro,
    /// Super Bot Fight Mode "Likely", the Business plan, and Enterprise without the Bot Management add-on.
    SbfmBusiness,
    /// Bot Management for Enterprise, the subscription.
    BmEnterprise,
}

impl Variant {
    /// All variants, from the smallest plan to the largest.
    pub const ALL: &'static [Self] =
        &[Self::BotFightMode, Self::SbfmPro, Self::SbfmBusiness, Self::BmEnterprise];

    /// The word used in zone files and plans.
    #[must_use]
    pub fn word(self) -> &'static str {
        super::word::<Self>(self as usize)
    }

    /// What the variant is, in a few words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::BotFightMode => "Bot Fight Mode, on the Free plan",
            Self::SbfmPro => "Super Bot Fight Mode, on the Pro plan",
            Self::SbfmBusiness => {
                "Super Bot Fight Mode, on the Business plan, and on Enterprise without the Bot Management add-on"
            }
            Self::BmEnterprise => "Bot Management for Enterprise",
        }
    }

    /// The `plan.legacy_id` that `GET /zones` reports for the plan this variant comes with.
    #[must_use]
    pub const fn legacy_id(self) -> &'static str {
        match self {
            Self::BotFightMode => "free",
            Self::SbfmPro => "pro",
            Self::SbfmBusiness => "business",
            Self::BmEnterprise => "enterprise",
        }
    }

    /// The variant for a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|variant| variant.word() == word)
    }
}

impl FromStr for Variant {
    type Err = InvalidVariant;

    fn from_str(word: &str) -> Result<Self, InvalidVariant> {
        // Untrusted text: keep the message short.
        Self::parse(word).ok_or_else(|| InvalidVariant { input: word.chars().take(60).collect() })
    }
}

impl TryFrom<&str> for Variant {
    type Error = InvalidVariant;

    fn try_from(word: &str) -> Result<Self, InvalidVariant> {
        word.parse()
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_read_back_and_other_words_are_rejected_with_the_choices() {
        for variant in Variant::ALL {
            assert_eq!(variant.word().parse(), Ok(*variant));
        }
        let refused = Variant::try_from("pro").unwrap_err().to_string();
        assert!(Variant::ALL.iter().all(|variant| refused.contains(variant.word())), "{refused}");
    }
}
