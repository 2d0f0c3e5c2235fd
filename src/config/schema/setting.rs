//! The settings: one schema for each row of the catalogue, one mapping for each plan variant.

use super::parts::{closed, described, explained, misplaced, reference, titled};
use crate::catalogue::{self, Choice, Kind, Setting, Variant};
use crate::config::check::listed;
use schemars::{Schema, json_schema};
use serde_json::{Map, Value as Json};

/// The name of the definition that holds the settings of all plan variants.
pub(super) const ANY: &str = "any_plan";

/// The beginning of messages that name the file's plan variant.
pub(super) const THIS_FILE: &str = "this file is";

/// The settings that can be written, in the table's order.
pub(super) fn settable() -> impl Iterator<Item = &'static Setting> {
    catalogue::settings().filter(|setting| !setting.is_read_only())
}

/// The read-only settings, each rejected with its own message.
pub(super) fn read_only() -> impl Iterator<Item = (&'static str, Schema)> {
    let names = catalogue::settings().filter(|setting| setting.is_read_only()).map(|setting| setting.name);
    names.map(|name| (name, misplaced(&format!("`{name}` is read-only: remove it"))))
}

/// A definition for each setting.
pub(super) fn definitions() -> Map<String, Json> {
    settable().map(|setting| (setting.name.to_owned(), schema_of(setting).to_value())).collect()
}

/// The mappings of settings: one for each plan variant and one for all; `here` begins the message, such as `this file
/// is`.
pub(super) fn mappings(here: &str) -> impl Iterator<Item = (String, Json)> {
    let of_variant =
        move |variant: &Variant| (variant.word().to_owned(), of_variant(*variant, here).to_value());
    Variant::ALL.iter().map(of_variant).chain([(ANY.to_owned(), of_any().to_value())])
}

/// The editor's message for a setting that the plan variant does not have.
pub(super) fn of_another(setting: &Setting, variant: Variant, here: &str) -> String {
    let on: Vec<&str> = setting.settable_on.iter().map(|variant| variant.word()).collect();
    format!("`{}` is a setting of {}; {here} {variant}", setting.name, on.join(" and "))
}

/// The mapping of a plan variant's settings; the settings of other variants are listed to reject them with their own
/// message.
fn of_variant(variant: Variant, here: &str) -> Schema {
    let names: Vec<&str> = catalogue::settable(variant).map(|setting| setting.name).collect();
    let message = format!("not a setting of {variant}; its settings: {}", listed(names.iter().copied()));
    let foreign = settable().filter(|setting| !setting.is_settable_on(variant));
    let foreign = foreign.map(|setting| (setting.name, misplaced(&of_another(setting, variant, here))));
    explained(mapping(names, foreign.collect()), &message)
}

/// The mapping of all settings, for a file without a plan variant.
fn of_any() -> Schema {
    let names: Vec<&str> = settable().map(|setting| setting.name).collect();
    let message = format!("not a setting; the settings: {}", listed(names.iter().copied()));
    explained(mapping(names, Vec::new()), &message)
}

/// The keys only: the place that refers to it checks that it is a mapping, with a message of its own.
fn mapping(names: Vec<&'static str>, foreign: Vec<(&'static str, Schema)>) -> Schema {
    let properties = names.into_iter().map(|name| (name, reference(name))).chain(foreign);
    let mut mapping = closed(properties.chain(read_only()).collect(), &[]);
    mapping.remove("type");
    mapping
}

fn schema_of(setting: &Setting) -> Schema {
    let name = setting.name;
    let (schema, meanings, message) = match &setting.kind {
        Kind::Choice(choices) => {
            let words = listed(choices.iter().map(|choice| choice.word));
            // Editors list the words with their meanings on their own.
            (choice(choices), String::new(), format!("`{name}` is one of {words}"))
        }
        Kind::Toggle { on, off, .. } => {
            let meanings = format!("\n- `true`: {on}\n- `false`: {off}\n");
            let message = format!("`{name}` is `true` or `false`, without quotes");
            (json_schema!({ "type": "boolean" }), meanings, message)
        }
        Kind::ReadOnly => return Schema::from(false),
    };
    let cautions = setting.cautions.iter().map(ToString::to_string);
    let beware: String =
        cautions.chain(setting.advice()).map(|advice| format!("\nBeware: {advice}.\n")).collect();
    let markdown = format!("{}\n{meanings}{beware}\n[Documentation]({})", setting.summary, setting.docs);
    let mut schema = titled(explained(described(schema, setting.summary), &message), name);
    schema.insert("markdownDescription".to_owned(), markdown.into());
    schema
}

fn choice(choices: &[Choice]) -> Schema {
    let words: Vec<_> = choices.iter().map(|choice| (choice.word, choice.meaning)).collect();
    super::parts::words(&words)
}
