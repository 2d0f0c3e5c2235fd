//! The schema of a zone file: the plan variant decides which settings there are.

use super::parts::{
    closed, date, described, entry, explained, extends, head, list, pattern, reason, reference, snippet,
    titled, toggle, word_of,
};
use super::setting::{self, ANY};
use super::temporary;
use crate::catalogue::{Need, Setting, Variant};
use crate::config::check::mapping_wanted;
use crate::model::{ID_PATTERN, StalePolicy, ZoneName};
use schemars::{Schema, json_schema};
use serde_json::{Value as Json, json};

/// The JSON Schema (draft-07) of a zone file.
#[must_use]
pub fn zone_schema() -> Json {
    let mut schema =
        head("zone", "botform zone file", "What the bot settings of one Cloudflare zone should be.");
    let body = closed(properties(), &["zone", "plan"]).to_value();
    if let (Some(schema), Json::Object(body)) = (schema.as_object_mut(), body) {
        schema.extend(body);
    }
    let definitions = setting::definitions().into_iter().chain(setting::mappings(setting::THIS_FILE));
    schema.insert("definitions".to_owned(), definitions.collect::<serde_json::Map<_, _>>().into());
    schema.insert("allOf".to_owned(), branches().into());
    let plans: Vec<_> = Variant::ALL.iter().map(|variant| variant.word()).collect();
    let plans = plans.join(",");
    snippet(
        &mut schema,
        "zone file",
        &format!("zone: ${{1:example.com}}\nplan: ${{2|{plans}|}}\nsettings:\n  $0"),
    );
    schema.to_value()
}

fn properties() -> Vec<(&'static str, Schema)> {
    keys().into_iter().map(|(key, schema)| (key, titled(schema, key))).collect()
}

fn keys() -> Vec<(&'static str, Schema)> {
    let plans: Vec<_> = Variant::ALL.iter().map(|variant| (variant.word(), variant.meaning())).collect();
    vec![
        ("zone", zone_name()),
        ("zone_id", id("Pins the zone's identity.")),
        ("account_id", id("The account, where two hold the same zone name.")),
        (
            "plan",
            described(
                word_of("plan", &plans),
                "The plan variant of the zone: it decides which settings there are.",
            ),
        ),
        // The mapping itself is in the branches: a wrong name is then reported once.
        ("settings", settings()),
        ("extends", extends()),
        ("temporary", temporary::temporary()),
        ("stale", stale()),
        (
            "custom_rules_in_place",
            toggle(
                "Says that custom rules guard the zone, so that stale Super Bot Fight Mode rules may be cleaned on bm_enterprise.",
            ),
        ),
        ("protect", toggle("Whether the zone is always only planned, never applied.")),
        ("freeze", freeze()),
        ("accept", list(&waiver(), "Known deviations that are accepted for a while.")),
    ]
}

fn settings() -> Schema {
    let mapping = json_schema!({ "type": "object" });
    let mapping = explained(mapping, &mapping_wanted("settings"));
    described(mapping, "What is named here or in a baseline is managed, nothing else.")
}

/// A zone name.
pub(in crate::config) fn zone_name() -> Schema {
    let mut schema = pattern(
        ZoneName::PATTERN,
        "The name of the zone: lower case, other than ASCII names in their `xn--` form.",
    );
    schema.insert("maxLength".to_owned(), ZoneName::MAX_LENGTH.into());
    explained(schema, "write the zone's name in lower case, such as `example.com`")
}

/// A zone or account id.
pub(in crate::config) fn id(description: &str) -> Schema {
    explained(pattern(ID_PATTERN, description), "an id has 32 lower-case hexadecimal digits")
}

fn stale() -> Schema {
    let meaning = |policy: &StalePolicy| match policy {
        StalePolicy::Report => "they are shown",
        StalePolicy::Clean => "their neutral values are written",
    };
    let policies: Vec<_> = StalePolicy::ALL.iter().map(|(word, policy)| (*word, meaning(policy))).collect();
    described(
        word_of("stale", &policies),
        "What to do with settings that an earlier plan variant left behind; `report` if it is left out.",
    )
}

fn freeze() -> Schema {
    let keys = vec![
        ("reason", reason("Why the zone is frozen.")),
        ("until", date("The last day of the freeze (UTC).")),
    ];
    described(
        entry("freeze", keys, &["reason", "until"]),
        "The zone is only planned, never applied, until a day.",
    )
}

fn waiver() -> Schema {
    let settings: Vec<_> = setting::settable().map(|setting| (setting.name, setting.summary)).collect();
    let keys = vec![
        (
            "setting",
            described(word_of("setting", &settings), "The setting that may deviate, a stale one too."),
        ),
        ("reason", reason("Why the deviation is accepted.")),
        ("until", date("The last day on which it is accepted (UTC).")),
    ];
    entry("an item of `accept`", keys, &["setting", "reason", "until"])
}

fn branches() -> Vec<Json> {
    let of_plan = |variant: Variant| {
        let plan = json!({ "properties": { "plan": { "const": variant.word() } }, "required": ["plan"] });
        let (settings, temporary) = (reference(variant.word()).to_value(), temporary::of_variant(variant));
        json!({ "if": plan, "then": { "properties": { "settings": settings, "temporary": temporary } } })
    };
    let any = json!({ "properties": { "settings": reference(ANY).to_value() } });
    let no_plan = json!({ "if": { "not": { "required": ["plan"] } }, "then": any });
    // A key that is none may be a misspelt `settings`, and is told of alone.
    let keys: Vec<_> = keys().into_iter().map(|(key, _)| key).collect();
    let alone = json!({ "not": { "required": ["extends"] }, "propertyNames": { "enum": keys } });
    let alone = json!({ "if": alone, "then": { "required": ["settings"] } });
    let plans = Variant::ALL.iter().copied().map(of_plan);
    let needs = setting::settable().flat_map(|row| row.needs.iter().map(|need| needs(row, need)));
    plans.chain([no_plan, alone]).chain(needs).collect()
}

/// What a value of a setting needs of another one.
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
