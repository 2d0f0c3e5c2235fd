//! The schemas of whole files: a table of keys each, plus the rules across keys.

use super::kind::{needed, properties};
use super::parts::{closed, explained, head, reference, snippet};
use super::setting::{self, ANY};
use crate::catalogue::{self, Need, Setting, Variant};
use crate::config::keys::{BASELINE, Mapping, PROJECT, REPORT, ZONE};
use schemars::{Schema, json_schema};
use serde_json::{Map, Value as Json, json};

/// The JSON Schema (draft-07) of a zone file.
#[must_use]
pub(crate) fn zone_schema() -> Json {
    let about = "The desired bot settings of one Cloudflare zone.";
    let mut schema = document("zone", "botform zone file", about, &ZONE);
    define(&mut schema, setting::definitions().into_iter().chain(setting::mappings(setting::THIS_FILE)));
    schema.insert("allOf".to_owned(), branches().into());
    let plans: Vec<_> = Variant::ALL.iter().map(|variant| variant.word()).collect();
    let body = format!("zone: ${{1:example.com}}\nplan: ${{2|{}|}}\nsettings:\n  $0", plans.join(","));
    snippet(&mut schema, "zone file", &body);
    schema.to_value()
}

/// The JSON Schema (draft-07) of a baseline.
#[must_use]
pub(crate) fn baseline_schema() -> Json {
    let mut schema = document("baseline", "botform baseline", "Settings that zone files extend.", &BASELINE);
    define(&mut schema, setting::definitions().into_iter().chain(setting::mappings("these are for")));
    snippet(&mut schema, "baseline", "settings:\n  $0");
    schema.to_value()
}

/// The JSON Schema (draft-07) of a project file.
#[must_use]
pub(crate) fn project_schema() -> Json {
    let about = "The project file botform.yaml: account, request rate, guards and policies.";
    let mut schema = document("project", "botform project file", about, &PROJECT);
    define(&mut schema, setting::definitions());
    schema.to_value()
}

/// The JSON Schema (draft-07) of a report file. JSON Schema cannot express that both maps add up to `requests` and that
/// the times are in order.
#[must_use]
pub(crate) fn feedback_schema() -> Json {
    document("feedback", "botform feedback report", "Misjudged traffic of one zone.", &REPORT).to_value()
}

fn document(name: &str, title: &str, about: &str, keys: &Mapping) -> Schema {
    let mut schema = head(name, title, about);
    let body = closed(properties(keys), &keys.required()).to_value();
    if let (Some(schema), Json::Object(body)) = (schema.as_object_mut(), body) {
        schema.extend(body);
    }
    schema
}

fn define(schema: &mut Schema, definitions: impl IntoIterator<Item = (String, Json)>) {
    schema.insert("definitions".to_owned(), definitions.into_iter().collect::<Map<_, _>>().into());
}

/// The rules that depend on the plan variant, and the `needs` between settings.
fn branches() -> Vec<Json> {
    let of_plan = |variant: Variant| {
        let plan = json!({ "properties": { "plan": { "const": variant.word() } }, "required": ["plan"] });
        let (settings, temporary) = (reference(variant.word()).to_value(), temporary(variant));
        json!({ "if": plan, "then": { "properties": { "settings": settings, "temporary": temporary } } })
    };
    let any = json!({ "properties": { "settings": reference(ANY).to_value() } });
    let no_plan = json!({ "if": { "not": { "required": ["plan"] } }, "then": any });
    let plans = Variant::ALL.iter().copied().map(of_plan);
    let needs = setting::settable().flat_map(|row| row.needs.iter().map(|need| needs(row, need)));
    plans.chain([no_plan]).chain(needed(&ZONE)).chain(needs).collect()
}

/// The temporary values that a plan variant allows.
fn temporary(variant: Variant) -> Json {
    let names: Vec<&str> = catalogue::settable(variant).map(|setting| setting.name).collect();
    let foreign = setting::settable().filter(|setting| !setting.is_settable_on(variant));
    let foreign = foreign.map(|setting| {
        let message = setting::of_another(setting, variant, setting::THIS_FILE);
        let name = explained(json_schema!({ "enum": names }), &message).to_value();
        let asks = json!({ "properties": { "setting": { "const": setting.name } }, "required": ["setting"] });
        json!({ "if": asks, "then": { "properties": { "setting": name } } })
    });
    json!({ "items": { "allOf": foreign.collect::<Vec<_>>() } })
}

/// The rule for a value that needs another setting.
fn needs(setting: &Setting, need: &Need) -> Json {
    let (name, Need { value, of, is, why }) = (setting.name, need);
    let needed = json!({
        "const": is.to_json(),
        "errorMessage": format!("`{name}: {value}` needs `{of}: {is}`: {why}"),
    });
    let asks = json!({ "const": value.to_json() });
    json!({
        "if": {
            "properties": { "settings": { "type": "object", "properties": { name: asks }, "required": [name] } },
            "required": ["settings"],
        },
        "then": { "properties": { "settings": { "properties": { *of: needed } } } },
    })
}
