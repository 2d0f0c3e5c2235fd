//! The settings: one schema for each row of the catalogue, one closed mapping for each plan variant.

use super::parts::{closed, described, explained, reference};
use crate::catalogue::{self, Choice, Kind, Setting, Variant};
use crate::config::check::listed;
use schemars::{Schema, json_schema};
use serde_json::{Map, Value as Json};

/// The name of the definition that holds the settings of all plan variants.
pub(super) const ANY: &str = "any_plan";

/// The settings that can be written, in the table's order.
pub(super) fn settable() -> impl Iterator<Item = &'static Setting> {
    catalogue::settings().filter(|setting| !setting.is_read_only())
}

/// A definition for each setting.
pub(super) fn definitions() -> Map<String, Json> {
    settable().map(|setting| (setting.name.to_owned(), schema_of(setting).to_value())).collect()
}

/// The closed mapping of a plan variant's settings.
pub(super) fn of_variant(variant: Variant) -> Schema {
    let names: Vec<&str> = catalogue::settable(variant).map(|setting| setting.name).collect();
    let message = format!("not a setting of {variant}; its settings: {}", listed(names.iter().copied()));
    explained(mapping(names), &message)
}

/// The closed mapping of all settings, for a file that names no plan variant yet.
pub(super) fn of_any() -> Schema {
    let names: Vec<&str> = settable().map(|setting| setting.name).collect();
    let message = format!("not a setting; the settings: {}", listed(names.iter().copied()));
    explained(mapping(names), &message)
}

fn mapping(names: Vec<&str>) -> Schema {
    let properties = names.into_iter().map(|name| (name, reference(name))).collect();
    described(closed(properties, &[]), "What is named here is managed, nothing else.")
}

fn schema_of(setting: &Setting) -> Schema {
    let name = setting.name;
    let (schema, meanings, message) = match &setting.kind {
        Kind::Choice(choices) => {
            let words = listed(choices.iter().map(|choice| choice.word));
            (choice(choices), list_of(choices), format!("`{name}` is one of {words}"))
        }
        Kind::Toggle { on, off, .. } => {
            let meanings = format!("- `true`: {on}\n- `false`: {off}\n");
            let message = format!("`{name}` is `true` or `false`, without quotes");
            (json_schema!({ "type": "boolean" }), meanings, message)
        }
        Kind::ReadOnly => return Schema::from(false),
    };
    let caution: String = setting.advice().iter().map(|advice| format!("\nBeware: {advice}.\n")).collect();
    let markdown = format!("{}\n\n{meanings}{caution}\n[Documentation]({})", setting.summary, setting.docs);
    let mut schema = explained(described(schema, setting.summary), &message);
    schema.insert("markdownDescription".to_owned(), markdown.into());
    schema
}

fn choice(choices: &[Choice]) -> Schema {
    let words: Vec<_> = choices.iter().map(|choice| (choice.word, choice.meaning)).collect();
    super::parts::words(&words)
}

fn list_of(choices: &[Choice]) -> String {
    choices.iter().map(|choice| format!("- `{}`: {}\n", choice.word, choice.meaning)).collect()
}
