//! What a row of the table says, and the questions that can be asked of it.

use super::{Value, Variant, shared, special};

/// One bot setting: a field of the API's `bot_management` object.
#[derive(Debug)]
pub struct Setting {
    /// The API name of the field.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// The variants on which it can be set; empty for a read-only field.
    pub settable_on: &'static [Variant],
    /// The variants on which it is only ever seen in `stale_zone_configuration`.
    pub stale_on: &'static [Variant],
    /// The value that means "off"; it is accepted even where the setting is not available.
    pub neutral: Option<Value>,
    /// What values of this setting need of other settings in the merged result.
    pub needs: &'static [Need],
    /// What to know about single values, on some variants.
    pub cautions: &'static [Caution],
    /// What the setting does, in one sentence.
    pub summary: &'static str,
    /// What a person should know before changing it.
    pub caution: Option<&'static str>,
    /// The page it is documented on.
    pub docs: &'static str,
}

/// What a value needs of another setting.
#[derive(Debug)]
pub struct Need {
    /// The value that needs it.
    pub value: Value,
    /// The other setting.
    pub of: &'static str,
    /// The value that it needs there.
    pub is: Value,
    /// Why, as half a sentence.
    pub why: &'static str,
}

/// What to know about a value on some variants.
#[derive(Debug)]
pub struct Caution {
    /// The value.
    pub value: Value,
    /// The variants.
    pub on: &'static [Variant],
    /// What to know.
    pub text: &'static str,
}

/// The values a setting takes.
#[derive(Debug)]
pub enum Kind {
    /// On or off.
    Toggle {
        /// What `true` means.
        on: &'static str,
        /// What `false` means.
        off: &'static str,
        /// Which of the two protects more, if either does.
        protects: Option<bool>,
    },
    /// One of some words.
    Choice(&'static [Choice]),
    /// Reported by GET and refused by PUT.
    ReadOnly,
}

/// One word of a choice.
#[derive(Debug)]
pub struct Choice {
    /// The word the API uses.
    pub word: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// How much it protects, compared with the other words of the same setting.
    pub protection: u8,
}

impl Setting {
    /// Whether the setting can be written on a variant.
    #[must_use]
    pub fn is_settable_on(&self, variant: Variant) -> bool {
        self.settable_on.contains(&variant)
    }

    /// Whether all variants have the setting.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.settable_on.len() == Variant::ALL.len()
    }

    /// Whether PUT refuses the field.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        matches!(self.kind, Kind::ReadOnly)
    }

    /// All values, in the table's order.
    #[must_use]
    pub fn values(&self) -> Vec<Value> {
        match self.kind {
            Kind::Toggle { .. } => vec![Value::Toggle(true), Value::Toggle(false)],
            Kind::Choice(choices) => choices.iter().map(|choice| Value::Word(choice.word)).collect(),
            Kind::ReadOnly => Vec::new(),
        }
    }

    /// What a value means; nothing for a value of another setting.
    #[must_use]
    pub fn meaning(&self, value: Value) -> Option<&'static str> {
        match (&self.kind, value) {
            (Kind::Toggle { on, .. }, Value::Toggle(true)) => Some(on),
            (Kind::Toggle { off, .. }, Value::Toggle(false)) => Some(off),
            (Kind::Choice(choices), Value::Word(word)) => {
                choices.iter().find(|choice| choice.word == word).map(|choice| choice.meaning)
            }
            _ => None,
        }
    }

    /// Reads a value as the API writes it; nothing if this version does not know it.
    #[must_use]
    pub fn read(&self, json: &serde_json::Value) -> Option<Value> {
        match (&self.kind, json) {
            (Kind::Toggle { .. }, serde_json::Value::Bool(on)) => Some(Value::Toggle(*on)),
            (Kind::Choice(_), serde_json::Value::String(word)) => self.word(word),
            _ => None,
        }
    }

    /// Finds a word of a choice.
    #[must_use]
    pub fn word(&self, word: &str) -> Option<Value> {
        let Kind::Choice(choices) = self.kind else { return None };
        choices.iter().find(|choice| choice.word == word).map(|choice| Value::Word(choice.word))
    }

    /// How much a value protects, on this setting's own scale; nothing if no value protects more than another.
    #[must_use]
    pub fn protection(&self, value: Value) -> Option<u8> {
        match (&self.kind, value) {
            (Kind::Toggle { protects: Some(more), .. }, Value::Toggle(on)) => Some(u8::from(on == *more)),
            (Kind::Choice(choices), Value::Word(word)) => {
                choices.iter().find(|choice| choice.word == word).map(|choice| choice.protection)
            }
            _ => None,
        }
    }

    /// The most that any of its values protects; nothing if no value protects more than another.
    #[must_use]
    pub fn most_protection(&self) -> Option<u8> {
        self.values().into_iter().filter_map(|value| self.protection(value)).max()
    }
}

impl PartialEq for Setting {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Setting {}

impl PartialOrd for Setting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Setting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.name.cmp(other.name)
    }
}

/// All rows, read-only ones too, in the table's order.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    shared::ROWS.iter().chain(special::ROWS)
}

/// The rows that can be written on a variant.
pub fn settable(variant: Variant) -> impl Iterator<Item = &'static Setting> {
    settings().filter(move |setting| setting.is_settable_on(variant))
}

/// Whether a member of `stale_zone_configuration` no longer acts on traffic: `false`, `allow`, `disabled`, `off`,
/// as bool or string, in any letter case, and null.
#[must_use]
pub fn is_harmless(stale: &serde_json::Value) -> bool {
    match stale {
        serde_json::Value::Null => true,
        serde_json::Value::Bool(on) => !on,
        serde_json::Value::String(word) => {
            ["false", "allow", "disabled", "off"].iter().any(|harmless| word.eq_ignore_ascii_case(harmless))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_table_has_21_settable_and_2_read_only_rows() {
        assert_eq!(settings().filter(|row| !row.is_read_only()).count(), 21);
        assert_eq!(settings().filter(|row| row.is_read_only()).count(), 2);
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = settings().map(|row| row.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), settings().count());
    }

    #[test]
    fn every_variant_has_its_own_number_of_settings() {
        let counts = Variant::ALL.map(|variant| settable(variant).count());
        assert_eq!(counts, [13, 16, 17, 15]);
    }

    #[test]
    fn every_value_reads_back_and_has_a_meaning() {
        for row in settings() {
            for value in row.values() {
                assert_eq!(row.read(&value.to_json()), Some(value), "{}", row.name);
                assert!(row.meaning(value).is_some(), "{} {value}", row.name);
            }
        }
    }

    #[test]
    fn a_neutral_value_is_one_of_the_values() {
        for row in settings() {
            if let Some(neutral) = row.neutral {
                assert!(row.values().contains(&neutral), "{}", row.name);
            }
        }
    }

    #[test]
    fn no_setting_is_settable_and_only_stale_on_one_variant() {
        for row in settings() {
            assert!(row.settable_on.iter().all(|variant| !row.stale_on.contains(variant)), "{}", row.name);
        }
    }

    #[test]
    fn harmless_stale_values_in_any_spelling() {
        for harmless in
            [json!(false), json!("FALSE"), json!("Allow"), json!("disabled"), json!("off"), json!(null)]
        {
            assert!(is_harmless(&harmless), "{harmless}");
        }
        for active in [json!(true), json!("true"), json!("block"), json!(1), json!("")] {
            assert!(!is_harmless(&active), "{active}");
        }
    }
}
