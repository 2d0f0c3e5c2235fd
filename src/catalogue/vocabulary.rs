//! The words of closed vocabularies. They come from serde's derive alone, so the words that are written, read and shown
//! cannot differ.

use serde::de::value::Error;
use serde::de::{Deserialize, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

/// The words of an enum without members, in the order of its variants.
pub(crate) fn words<T: for<'de> Deserialize<'de>>() -> &'static [&'static str] {
    let mut words: &[&str] = &[];
    // Derived code passes its words to `deserialize_enum` first; the deserializer then always fails.
    let _ = T::deserialize(Asked(&mut words));
    words
}

/// A deserializer that only records the words it is asked for.
struct Asked<'w>(&'w mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Asked<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("nothing is read"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        *self.0 = words;
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// The word of a variant, by its index in the enum.
pub(crate) fn word<T: for<'de> Deserialize<'de>>(place: usize) -> &'static str {
    words::<T>().get(place).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Confidence, Variant};

    #[test]
    fn the_words_are_those_that_are_read_and_written() {
        assert_eq!(words::<Variant>(), ["bot_fight_mode", "sbfm_pro", "sbfm_business", "bm_enterprise"]);
        for variant in Variant::ALL {
            assert_eq!(serde_json::to_value(variant).unwrap(), variant.word());
            assert_eq!(serde_json::from_value::<Variant>(variant.word().into()).unwrap(), *variant);
        }
        assert_eq!(words::<Confidence>().len(), 3);
        assert!(words::<String>().is_empty() && word::<Variant>(9).is_empty());
    }
}
