//! The schema of a baseline: settings for zones of every plan variant, and for those of one.

use super::parts::{closed, described, explained, extends, head, reference, snippet, titled};
use super::setting::{self, ANY};
use crate::catalogue::Variant;
use crate::config::check::{listed, mapping_wanted};
use schemars::{Schema, json_schema};
use serde_json::Value as Json;

/// The JSON Schema (draft-07) of a baseline.
#[must_use]
pub fn baseline_schema() -> Json {
    let mut schema = head("baseline", "botform baseline", "Settings that zone files extend.");
    let body = closed(properties(), &[]).to_value();
    if let (Some(schema), Json::Object(body)) = (schema.as_object_mut(), body) {
        schema.extend(body);
    }
    let definitions = setting::definitions().into_iter().chain(setting::mappings("these are for"));
    schema.insert("definitions".to_owned(), definitions.collect::<serde_json::Map<_, _>>().into());
    snippet(&mut schema, "baseline", "settings:\n  $0");
    schema.to_value()
}

fn properties() -> Vec<(&'static str, Schema)> {
    let settings = "What every zone has that extends this, whatever its plan variant.";
    vec![
        ("settings", titled(mapping(ANY, "settings", settings), "settings")),
        ("plans", plans()),
        ("extends", extends()),
    ]
}

/// The settings under a key.
fn mapping(definition: &str, key: &str, description: &str) -> Schema {
    let mapping = json_schema!({ "type": "object", "allOf": [reference(definition)] });
    explained(described(mapping, description), &mapping_wanted(key))
}

fn plans() -> Schema {
    let plan = |variant: &Variant| {
        let word = variant.word();
        let description = format!("What zones on {word} have besides: {}.", variant.meaning());
        (word, titled(mapping(word, word, &description), word))
    };
    let words = listed(Variant::ALL.iter().map(|variant| variant.word()));
    let plans = closed(Variant::ALL.iter().map(plan).collect(), &[]);
    let plans = described(plans, "What only zones of one plan variant have; it wins over `settings`.");
    titled(explained(plans, &format!("`plans` is a mapping with the keys {words}")), "plans")
}
