//! Unambiguous JSON: an object that names a member twice is refused, because a reviewer might be shown one value and
//! the program use the other. Derived types refuse this by themselves.

use super::document::ZoneDocument;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value as Json};
use std::fmt;

/// Reads an object, or null.
pub(crate) fn object<'de, D: Deserializer<'de>>(json: D) -> Result<Option<Map<String, Json>>, D::Error> {
    match Strict.deserialize(json)? {
        Json::Object(members) => Ok(Some(members)),
        Json::Null => Ok(None),
        _ => Err(D::Error::custom("expected an object or null")),
    }
}

/// Reads the zones of a document one by one, and skips everything else.
pub(super) struct Zones<F> {
    /// Takes each zone.
    pub(super) take: F,
}

impl<F: FnMut(ZoneDocument)> Zones<F> {
    /// Reads the document.
    pub(super) fn read<'de, D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de, F: FnMut(ZoneDocument)> Visitor<'de> for Zones<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a plan document")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        while let Some(key) = members.next_key::<String>()? {
            if key == "zones" {
                members.next_value_seed(Each(&mut self.take))?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// The items of a list, each passed on as soon as it is read.
struct Each<'f, F>(&'f mut F);

impl<'de, F: FnMut(ZoneDocument)> DeserializeSeed<'de> for Each<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(ZoneDocument)> Visitor<'de> for Each<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of zones")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut zones: A) -> Result<(), A::Error> {
        while let Some(zone) = zones.next_element()? {
            (self.0)(zone);
        }
        Ok(())
    }
}

/// A value without repeated members.
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Self)? {
            list.push(item);
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            let value = members.next_value_seed(Self)?;
            // serde_json would keep the last of them, other readers the first.
            if object.contains_key(&key) {
                let key: String = key.chars().take(60).collect();
                return Err(A::Error::custom(format!("the member `{key}` appears twice in one object")));
            }
            object.insert(key, value);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> serde_json::Result<Option<Map<String, Json>>> {
        object(&mut serde_json::Deserializer::from_str(text))
    }

    #[test]
    fn it_reads_what_serde_json_reads() {
        let text = r#" {"a": [1, -2, 1.5, "x\u00e9", null, true, {}], "b": {"a": 18446744073709551615}} "#;
        assert_eq!(parse(text).unwrap().unwrap(), serde_json::from_str::<Map<_, _>>(text).unwrap());
        assert_eq!(parse("null").unwrap(), None);
    }

    #[test]
    fn a_repeated_member_is_refused() {
        let error = parse(r#"{"a": {"b": 1, "c": 2, "b": 1}}"#).unwrap_err().to_string();
        assert_eq!(error, "the member `b` appears twice in one object at line 1 column 30");
    }

    #[test]
    fn the_name_of_a_repeated_member_is_cut() {
        let name = "x".repeat(1_000);
        let error = parse(&format!(r#"{{"{name}": 1, "{name}": 2}}"#)).unwrap_err().to_string();
        assert!(error.contains(&format!("`{}`", &name[..60])), "{error}");
    }

    #[test]
    fn deep_nesting_and_other_types_are_errors() {
        assert!(parse(&"[".repeat(1_000_000)).is_err());
        assert!(parse("[]").is_err());
    }
}
