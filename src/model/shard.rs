//! One part of a fleet, for runs on several machines: which zones belong to it follows from their names alone, so that
//! no machine needs to know of the others.

use super::ZoneName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// One of several parts of all zones, counted from 1: `2/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Shard {
    number: u32,
    of: u32,
}

/// Why a text is not a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write the number of the shard and how many there are, such as `2/8`; the first is 1")]
pub struct InvalidShard;

impl Shard {
    /// The largest number of parts: more than one for each zone of the largest fleet make no sense.
    pub(crate) const MOST: u32 = 10_000;

    /// A part by its number, from 1, and how many there are.
    ///
    /// # Errors
    /// The number is 0 or larger than their count, or there are more than [`Self::MOST`].
    pub const fn new(number: u32, of: u32) -> Result<Self, InvalidShard> {
        if number == 0 || number > of || of > Self::MOST {
            Err(InvalidShard)
        } else {
            Ok(Self { number, of })
        }
    }

    /// How many parts there are.
    #[must_use]
    pub(crate) const fn of(self) -> u32 {
        self.of
    }

    /// Whether a zone belongs to it. Two zones of one name are always in the same part, since files need not say which
    /// of them they mean before the API was asked.
    #[must_use]
    pub fn holds(self, zone: &ZoneName) -> bool {
        let hash = Sha256::digest(zone.as_str());
        // The first bytes of a digest are as evenly spread as any.
        let first = hash.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        first % u64::from(self.of) == u64::from(self.number - 1)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = InvalidShard;

    fn from_str(text: &str) -> Result<Self, InvalidShard> {
        // `u32` would read a sign too.
        let number = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => text.parse().map_err(|_| InvalidShard),
            false => Err(InvalidShard),
        };
        let (part, of) = text.split_once('/').ok_or(InvalidShard)?;
        Self::new(number(part)?, number(of)?)
    }
}

impl TryFrom<String> for Shard {
    type Error = InvalidShard;

    fn try_from(text: String) -> Result<Self, InvalidShard> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones() -> impl Iterator<Item = ZoneName> {
        (0..10_000).map(|index| format!("shop{index}.example").parse().unwrap())
    }

    #[test]
    fn each_zone_belongs_to_one_part_and_the_parts_are_even() {
        let mut counts = [0; 8];
        for zone in zones() {
            let holding: Vec<_> = (1..=8).filter(|part| Shard::new(*part, 8).unwrap().holds(&zone)).collect();
            let [part] = holding[..] else { panic!("{zone} is in {holding:?}") };
            counts[part as usize - 1] += 1;
        }
        assert!(counts.iter().all(|count| (1_100..1_400).contains(count)), "{counts:?}");
    }

    #[test]
    fn the_parts_of_a_release_are_those_of_the_next() {
        // Shards of one fleet may run different versions while a new one is rolled out.
        let of =
            |name: &str| (1..=8).find(|part| Shard::new(*part, 8).unwrap().holds(&name.parse().unwrap()));
        let parts = ["shop.example.com", "bank.example.com", "xn--bcher-kva.example"].map(of);
        assert_eq!(parts, [Some(1), Some(7), Some(1)]);
    }

    #[test]
    fn a_shard_is_its_number_and_their_count() {
        for text in ["1/1", "1/8", "8/8", "10000/10000"] {
            assert_eq!(text.parse::<Shard>().unwrap().to_string(), text);
        }
        for text in
            ["", "1", "0/8", "9/8", "1/0", "0/0", "+1/8", "1/+8", " 1/8", "1/8/8", "1/10001", "a/b", "-1/8"]
        {
            assert_eq!(text.parse::<Shard>(), Err(InvalidShard), "{text}");
        }
    }
}
